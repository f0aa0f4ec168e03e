import type { Listener, Logger, Plugin } from '@rtmpipe/session'
import { createServer, type Server } from '../create-server.ts'
import { CliError } from './cli-error.ts'
import { publishKeyGate } from './publish-key-gate.ts'
import { recordPlugin } from './record-plugin.ts'
import { relayPlugin } from './relay-plugin.ts'
import { numberOf, type ServeOptions } from './serve-options.ts'
import { createTransports } from './serve-transports.ts'
import { vodPlugin } from './vod-plugin.ts'
import { youngGeneration } from './young-generation.ts'

/** All sessions have ended or are cut off after this; the promise is five seconds. Milliseconds. */
const shutdownTimeout = 4_000

/** Starts a server in this process, which ends with it on SIGTERM or SIGINT. Resolves with the URLs that are bound. */
export async function serveHere(
  options: ServeOptions,
  log: Logger,
  plugins: readonly Plugin[] = [],
): Promise<string[]> {
  const mergeWindow = numberOf('merge-window', options.mergeWindow, 0, 10_000)
  const gates = await publishKeyGate(options)
  const relays = await relayPlugin(options, log)
  const recorders = await recordPlugin(options, log)
  const players = await vodPlugin(options, log)
  const transports = await createTransports(options, log)
  const all = [youngGeneration(), ...gates, ...plugins, ...relays, ...recorders, ...players]
  const server = createServer({ transports, mergeWindow, log, plugins: all })
  stopOnSignal(server)
  const listeners = await listen(server, options)
  return listeners.map(listenerUrl)
}

async function listen(server: Server, options: ServeOptions): Promise<readonly Listener[]> {
  try {
    return await server.listen()
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { port?: number }
    const option = (['rtmp', 'rtmps', 'rtmpt', 'rtmpts'] as const).find(name => Number(options[name]) === port)
    if (code === 'EADDRINUSE')
      throw new CliError(
        `port ${port} on ${options.host} is in use: choose another with --${option} PORT (0 takes a free one), or --${option} off`,
      )
    if (code === 'EACCES')
      throw new CliError(`port ${port} needs privileges: choose one above 1023 with --${option} PORT`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CliError(`--host ${options.host}: this machine has no such address`)
    throw error
  }
}

function stopOnSignal(server: Server): void {
  const stop = () => {
    setTimeout(() => process.exit(0), shutdownTimeout).unref()
    void server.close().finally(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function listenerUrl({ scheme, address }: Listener): string {
  const host = address.address.includes(':') ? `[${address.address}]` : address.address
  return `${scheme}://${host}:${address.port}`
}
