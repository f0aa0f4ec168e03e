import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Below the ports that systems give to those who connect: one of these could take a port between our look and the program's.
 * Each worker of the tests has some of its own.
 */
const lowest = 12_000
const perWorker = 2_000
const workers = 10
const first = lowest + (Number(process.env['VITEST_POOL_ID'] ?? 0) % workers) * perWorker
const given = new Set<number>()

/** A port of 127.0.0.1 on which nobody listens, and that was not given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + randomInt(perWorker)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
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
