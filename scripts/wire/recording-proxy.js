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
  #server = net.createServer({ pauseOnConnect: true })
  #closed

  /** @param {number} target - port on 127.0.0.1 */
  static async listen(target) {
    const proxy = new RecordingProxy()
    proxy.#closed = new Promise(resolve => {
      proxy.#server.once('connection', client => {
        const server = net.connect({ port: target, host: '127.0.0.1' })
        for (const socket of [client, server]) socket.setNoDelay(true)
        const done = Promise.all([
          proxy.#forward('client', client, server),
          proxy.#forward('server', server, client),
        ])
        done.then(resolve)
      })
    })
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port() {
    return this.#server.address().port
  }

  /** Resolves when both sides have closed the connection. */
  async finished() {
    await this.#closed
    this.#server.close()
  }

  /** @param {'client' | 'server'} side */
  bytes(side) {
    return Buffer.concat(this.segments.filter(({ from }) => from === side).map(({ bytes }) => bytes))
  }

  #forward(from, source, target) {
    source.on('data', bytes => {
      this.segments.push({ from, bytes })
      if (!target.write(bytes)) source.pause()
    })
    target.on('drain', () => source.resume())
    source.on('end', () => target.end())
    // A client that ends with a reset is part of what is recorded, not a fault of the proxy.
    source.on('error', () => target.destroy())
    return new Promise(resolve => source.on('close', resolve))
  }
}
