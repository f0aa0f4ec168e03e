import { join } from 'node:path'
import type { Listener, Transport } from '@rtmpipe/session'
import { tcp } from '@rtmpipe/transport-tcp'
import {
  certificateFiles,
  type CertificateSource,
  checkCertificatePair,
  loadOrCreateCertificate,
} from '@rtmpipe/transport-tls'
import { createServer, type Server } from '../create-server.ts'
import { httpTunnel } from '../http-tunnel.ts'
import { tls } from '../tls.ts'
import { CliError } from './cli-error.ts'
import { createLog } from './log.ts'
import { printStartCard } from './start-card.ts'

/** Options of `rtmpipe serve`, as the command line gives them. */
export interface ServeOptions {
  readonly host: string
  readonly rtmp: string
  readonly rtmps: string
  readonly rtmpt: string
  readonly rtmpts: string
  readonly mergeWindow: string
  readonly cert?: string
  readonly key?: string
  readonly data: string
  readonly logLevel: string
}

/** All sessions have ended or are cut off after this; the promise is five seconds. */
const shutdownTimeout = 4_000

/** `rtmpipe serve`: runs until SIGTERM or SIGINT. @throws CliError for what the user can mend */
export async function serve(options: ServeOptions): Promise<void> {
  const log = createLog(options.logLevel)
  const server = createServer({
    transports: await createTransports(options),
    mergeWindow: milliseconds('merge-window', options.mergeWindow),
    log,
  })
  stopOnSignal(server)
  const listeners = await listen(server, options)
  for (const listener of listeners) process.stdout.write(`rtmpipe listening on ${listenerUrl(listener)}\n`)
  process.stdout.write('rtmpipe ready\n')
  printStartCard(listeners.map(listenerUrl), log)
}

async function createTransports(options: ServeOptions): Promise<Transport[]> {
  const { host } = options
  const rtmp = portOf('rtmp', options.rtmp)
  const rtmps = portOf('rtmps', options.rtmps)
  const rtmpt = portOf('rtmpt', options.rtmpt)
  const rtmpts = portOf('rtmpts', options.rtmpts)
  const certificate = rtmps === undefined && rtmpts === undefined ? undefined : await certificateFor(options)
  const transports: Transport[] = []
  if (rtmp !== undefined) transports.push(tcp({ host, port: rtmp }))
  if (rtmps !== undefined && certificate) transports.push(tls({ host, port: rtmps, certificate }))
  if (rtmpt !== undefined) transports.push(httpTunnel({ host, port: rtmpt }))
  if (rtmpts !== undefined && certificate) transports.push(httpTunnel({ host, port: rtmpts, tls: { certificate } }))
  if (transports.length === 0) throw new CliError('every transport is off: leave at least one on')
  return transports
}

function portOf(option: string, value: string): number | undefined {
  if (value === 'off') return undefined
  const port = Number(value)
  if (!/^\d+$/.test(value) || port > 65_535)
    throw new CliError(`--${option} ${value}: expected a port from 0 to 65535, or off`)
  return port
}

function milliseconds(option: string, value: string): number {
  if (!/^\d+$/.test(value) || Number(value) > 10_000)
    throw new CliError(`--${option} ${value}: expected milliseconds from 0 to 10000`)
  return Number(value)
}

async function certificateFor({ cert, key, data, host }: ServeOptions): Promise<CertificateSource> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new CliError(`--${cert ? 'cert' : 'key'} needs --${cert ? 'key' : 'cert'} beside it`)
  }
  try {
    if (cert !== undefined && key !== undefined) {
      const files = certificateFiles({ cert, key })
      checkCertificatePair(files.current().cert, files.current().key)
      return files
    }
    return await loadOrCreateCertificate(join(data, 'tls'), { hosts: [host] })
  } catch (error) {
    const what =
      cert === undefined
        ? `can't keep a certificate in ${data} (choose another folder with --data)`
        : `can't use --cert ${cert} --key ${key}`
    throw new CliError(`${what}: ${(error as Error).message}`, { cause: error })
  }
}

async function listen(server: Server, options: ServeOptions): Promise<readonly Listener[]> {
  try {
    return await server.listen()
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { port?: number }
    const option = (['rtmp', 'rtmps', 'rtmpt', 'rtmpts'] as const).find(name => options[name] === String(port))
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
