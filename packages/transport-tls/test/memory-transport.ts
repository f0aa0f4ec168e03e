import { duplexPair } from '@rtmpipe/testing'
import type { InnerConnection, InnerTransport } from '../src/index.ts'

/** A transport whose byte streams are no sockets. */
export function memory(): InnerTransport {
  const listeners = new Map<string, (connection: InnerConnection) => void>()
  let ports = 0
  return {
    name: 'memory',
    schemes: ['memory'],
    async listen(accept, { signal } = {}) {
      signal?.throwIfAborted()
      const port = ++ports
      const open = new Set<Promise<unknown>>()
      listeners.set(String(port), connection => {
        const closed = new Promise(resolve => connection.stream.once('close', resolve))
        open.add(closed)
        accept(connection)
      })
      const stop = (): void => void listeners.delete(String(port))
      signal?.addEventListener('abort', stop)
      const close = async (): Promise<void> => {
        stop()
        await Promise.all(open)
      }
      return { address: { address: 'memory', port }, close }
    },
    async dial(url, { signal } = {}) {
      await new Promise(resolve => setImmediate(resolve))
      signal?.throwIfAborted()
      const accept = listeners.get(url.port)
      if (accept === undefined) throw new Error(`nobody listens on ${url.port}`)
      const [near, far] = duplexPair()
      signal?.addEventListener('abort', () => near.destroy())
      accept({ stream: far, remote: { address: 'memory', port: 50_000 } })
      return { stream: near, remote: { address: 'memory', port: Number(url.port) } }
    },
  }
}
