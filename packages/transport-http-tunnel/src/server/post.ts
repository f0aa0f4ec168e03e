import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Carrier, carrierOf } from './carrier.ts'

/** A body up to this length is not worth a connection: what is left of it is read after the answer. */
const SHORT_BODY = 1024

/** One HTTP request of a tunnel client, to be answered once. */
export class Post {
  /** The request body; nobody has read of it yet. */
  readonly body: IncomingMessage
  readonly #response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.body = request
    this.#response = response
  }

  get socket(): Socket {
    return this.body.socket
  }

  /** The connection broke: an answer would reach nobody. */
  get gone(): boolean {
    return this.socket.destroyed || this.#response.destroyed
  }

  /** The connection it came on; a client may use several, or one for each request. */
  get carrier(): Carrier {
    return carrierOf(this.socket)
  }

  /** Length of the body as declared; undefined when it is chunked. */
  get bodyLength(): number | undefined {
    const { headers } = this.body
    if (headers['transfer-encoding'] !== undefined) return undefined
    return Number(headers['content-length'] ?? 0)
  }

  /** Answers 200 with `body`, which must not be empty. */
  answer(body: Uint8Array): void {
    this.#reply(200, 'application/x-fcs', body, this.#mayStay())
  }

  /** Answers with an error status and a line of text. */
  refuse(status: number, text: string): void {
    this.#reply(status, 'text/plain', Buffer.from(`${text}\n`), this.#mayStay())
  }

  /** As {@link Post.refuse}, and closes the connection: after 413, for instance, the rest of the body is not read. */
  reject(status: number, text: string): void {
    this.#reply(status, 'text/plain', Buffer.from(`${text}\n`), false)
  }

  /** Closes the connection without an answer. */
  drop(): void {
    this.socket.destroy()
  }

  /** Whether to keep the connection: HTTP/1.0 has to ask for it, and a body that nobody will read must not hold it. */
  #mayStay(): boolean {
    if (!this.#response.shouldKeepAlive) return false
    return this.body.complete || (this.bodyLength ?? Infinity) <= SHORT_BODY
  }

  /**
   * librtmp reads header names by their case and a length from a fixed column, and no client wants
   * chunks. Head and body go out in one write.
   */
  #reply(status: number, type: string, body: Uint8Array, stay: boolean): void {
    if (this.gone || this.#response.headersSent) return
    this.#response.writeHead(status, [
      'Content-Type',
      type,
      'Content-Length',
      String(body.length),
      'Cache-Control',
      'no-cache',
      'Connection',
      stay ? 'Keep-Alive' : 'close',
    ])
    this.carrier.end(this.#response, body)
  }
}
