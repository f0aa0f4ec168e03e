import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A port on loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Resolves when somebody listens on the port; rejects when the signal is aborted before. The system's table is asked,
 * because a connection made just to see would be the server's first, and change how much memory the next ones take.
 */
export async function portIsListenedOn(port: number, signal: AbortSignal): Promise<void> {
  while (!listeningPorts().has(port)) await delay(50, undefined, { signal })
}

const listening = '0A'

function listeningPorts(): Set<number> {
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n')
  const sockets = lines.map(line => line.trim().split(/\s+/))
  const ours = sockets.filter(([, , , state]) => state === listening)
  return new Set(ours.map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16)))
}
