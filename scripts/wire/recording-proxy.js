import { once } from 'node:events'
import net from 'node:net'

/**
 * A TCP proxy for one connection that keeps what both sides sent, in order.
 *
 * @typedef {{ from: 'client' | 'server', bytes: Buffer }} Segment
 */
export class RecordingProxy {
  /** @type {Segment[]} */
  segments = []
  port = 0
  #server = net.createServer({ allowHalfOpen: true })
  #closed

  /**
   * @param {number} target - port on 127.0.0.1
   * @param {number} latency - milliseconds by which the server's bytes are held back, which slows down pollers
   */
  static async listen(target, latency = 0) {
    const proxy = new RecordingProxy()
    proxy.#closed = new Promise(resolve => {
      proxy.#server.once('connection', client => {
        // A client that comes back after the end is refused instead of left waiting.
        proxy.#server.close()
        const server = net.connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
        for (const socket of [client, server]) socket.setNoDelay(true)
        const done = Promise.all([
          proxy.#forward('client', client, server, 0),
          proxy.#forward('server', server, client, latency),
        ])
        resolve(done)
      })
    })
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    proxy.port = proxy.#server.address().port
    return proxy
  }

  /** Resolves when both sides have closed the connection. */
  finished() {
    return this.#closed
  }

  /** @param {'client' | 'server'} side */
  bytes(side) {
    return Buffer.concat(this.segments.filter(({ from }) => from === side).map(({ bytes }) => bytes))
  }

  #forward(from, source, target, latency) {
    source.on('data', bytes => {
      this.segments.push({ from, bytes })
      setTimeout(() => target.write(bytes), latency)
    })
    source.on('end', () => setTimeout(() => target.end(), latency))
    // A client that ends with a reset is part of what is recorded, not a fault of the proxy.
    source.on('error', () => target.destroy())
    return new Promise(resolve => source.on('close', resolve))
  }
}
