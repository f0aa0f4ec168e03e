import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Carrier } from './carrier.ts'
import type { Packed } from './flv-packer.ts'

/**
 * The response to a request. What is sent goes to its socket as it is: Node would make four writes of each chunk, for every
 * viewer anew.
 */
export class HttpCarrier implements Carrier {
  readonly name = 'http-flv'
  readonly #response: ServerResponse
  readonly #socket: Socket
  readonly #headers: OutgoingHttpHeaders
  #bytesSent = 0

  /** @param response must have its socket: one that waits for another response has none */
  constructor(response: ServerResponse, socket: Socket, headers: OutgoingHttpHeaders) {
    this.#response = response
    this.#socket = socket
    this.#headers = headers
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
  }

  send({ chunk, flv }: Packed, taken: () => void): void {
    // HTTP/1.0 knows no chunks: there the end of the connection is that of the stream.
    const bytes = this.#response.chunkedEncoding ? chunk : flv
    this.#bytesSent += bytes.length
    this.#socket.write(bytes, taken)
  }

  end(): void {
    this.#response.end()
  }

  cut(): void {
    this.#socket.destroy()
  }
}
