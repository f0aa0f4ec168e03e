import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when somebody listens on a port of 127.0.0.1; rejects when that program has ended instead. */
export async function portAnswers(port: number, exited: Promise<unknown>): Promise<void> {
  const end = new AbortController()
  const isOver = exited.then(
    () => end.abort(),
    () => end.abort(),
  )
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect', { signal: end.signal })
      // While nobody listens, a socket that happens to have this port itself meets itself.
      if (socket.localPort !== port) return
    } catch (error) {
      if (end.signal.aborted) throw new Error(`nobody listens on port ${port}`, { cause: error })
    } finally {
      socket.destroy()
    }
    await Promise.race([isOver, delay(20)])
  }
}
