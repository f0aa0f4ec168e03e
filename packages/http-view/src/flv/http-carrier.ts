import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Carrier } from './carrier.ts'
import type { Packed } from './flv-packer.ts'

const nothing = Buffer.alloc(0)
/** Milliseconds for what is queued at the end: nothing else watches the connection then. */
const endTimeout = 10_000

/**
 * The response to a request. What is sent goes to its socket as it is: Node would make four writes of each chunk, for every
 * viewer anew.
 */
export class HttpCarrier implements Carrier {
  readonly name = 'http-flv'
  readonly #response: ServerResponse
  readonly #socket: Socket
  readonly #headers: OutgoingHttpHeaders
  readonly #drained: () => void
  readonly #onTaken = (): void => {
    this.#isWaiting = false
    this.#drained()
  }
  #timeout = 0
  /** HTTP/1.0 knows no chunks: there the end of the connection is that of the stream. */
  #isChunked = true
  #isWaiting = false
  #bytesSent = 0

  /**
   * @param response must have its socket: one that waits for another response has none
   * @param drained called when the operating system has everything, after it had not
   */
  constructor(response: ServerResponse, socket: Socket, headers: OutgoingHttpHeaders, drained: () => void) {
    this.#response = response
    this.#socket = socket
    this.#headers = headers
    this.#drained = drained
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  get bytesSent(): number {
    return this.#bytesSent
  }

  begin(): void {
    this.#response.writeHead(200, this.#headers)
    this.#response.flushHeaders()
    this.#isChunked = this.#response.chunkedEncoding
    // The server watches players itself, and to set the clock back at each write costs more than it tells.
    this.#timeout = this.#socket.timeout ?? 0
    this.#socket.setTimeout(0)
  }

  send({ chunk, flv }: Packed): boolean {
    const bytes = this.#isChunked ? chunk : flv
    this.#bytesSent += bytes.length
    this.#socket.write(bytes)
    if (this.#socket.writableLength === 0) return true
    // A callback with each write would cost a turn of its own.
    if (!this.#isWaiting) this.#socket.write(nothing, this.#onTaken)
    this.#isWaiting = true
    return false
  }

  end(): void {
    this.#socket.setTimeout(this.#timeout)
    const timer = setTimeout(() => this.#socket.destroy(), endTimeout)
    const stop = (): void => clearTimeout(timer)
    this.#response.once('close', stop).end()
  }

  cut(): void {
    this.#socket.destroy()
  }
}
