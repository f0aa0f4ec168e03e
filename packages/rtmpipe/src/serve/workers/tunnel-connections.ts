import type { Socket } from 'node:net'

const request = /^[A-Z]+ \//
const tunnelRequest = /^POST \/(?:open|send|idle|idel|close|fcs)\//
/** Bytes of a request that tell. */
const enough = 16

const upgrade = /^GET [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?upgrade: *websocket\r\n/i
/** Bytes of a head. */
const longestHead = 8_192

/** Connections whose last request is one of the tunnel, or for a WebSocket. Others, as of those who follow events, would never end by themselves. */
export class TunnelConnections {
  readonly #connections = new Set<Socket>()
  #told: () => void = () => {}

  /** To be called before anybody reads the connection. */
  watch(connection: Socket): void {
    connection.on('data', (bytes: Buffer) => {
      const begin = bytes.toString('latin1', 0, enough)
      if (
        tunnelRequest.test(begin) ||
        (begin.startsWith('GET ') && upgrade.test(bytes.toString('latin1', 0, longestHead)))
      )
        this.#connections.add(connection)
      // What goes on with a body is of the request before.
      else if (request.test(begin)) this.#delete(connection)
    })
    connection.once('close', () => this.#delete(connection))
  }

  /** Resolves when there is none. */
  async gone(): Promise<void> {
    if (this.#connections.size > 0) await new Promise<void>(resolve => (this.#told = resolve))
  }

  #delete(connection: Socket): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#told()
  }
}
