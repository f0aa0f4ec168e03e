import { IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { PlainHead } from './plain-head.ts'

/** A request that was read here, as the listeners of a Node server know them. */
export class NodeExchange {
  readonly #socket: Socket
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #left: number
  #isFront = false

  /** @param done called when the response has been sent */
  constructor(socket: Socket, head: PlainHead, done: () => void) {
    const request = new IncomingMessage(socket)
    request.httpVersionMajor = 1
    request.httpVersionMinor = head.minor
    request.httpVersion = `1.${head.minor}`
    request.method = 'POST'
    request.url = head.path
    request.headers = { ...head.fields.headers }
    request.rawHeaders = [...head.fields.raw]
    this.#socket = socket
    this.#request = request
    this.#response = new ServerResponse(request)
    this.#response.shouldKeepAlive = head.stays
    this.#response.once('finish', done)
    this.#left = head.fields.bodyLength
  }

  /** The connection ends with the response. */
  get isLast(): boolean {
    return (this.#response as { readonly _last?: boolean })._last ?? true
  }

  /** All of the body has been fed. */
  get isWhole(): boolean {
    return this.#request.complete
  }

  /** Gives the request to whoever listens. */
  begin(server: Server): void {
    server.emit('request', this.#request, this.#response)
    if (this.#left === 0) this.#complete()
  }

  /** Takes as much of `bytes` as belongs to the body; the socket is paused when nobody reads it. Returns how much. */
  feed(bytes: Buffer): number {
    const part = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    this.#left -= part.length
    // The request reads on when it is read.
    if (!this.#request.push(part) && this.#left > 0) this.#socket.pause()
    if (this.#left === 0) this.#complete()
    return part.length
  }

  /** Everything before it on the connection has been sent. */
  comeFirst(): void {
    if (this.#isFront) return
    this.#isFront = true
    this.#response.assignSocket(this.#socket)
    this.#socket.on('drain', this.#drain)
  }

  /** The response has been sent. */
  leave(): void {
    this.#socket.off('drain', this.#drain)
    this.#response.detachSocket(this.#socket)
    // What is left of the body is in the way of the next request.
    if (!this.#request.complete) this.#request.resume()
    process.nextTick(() => this.#response.emit('close'))
  }

  /** The connection has closed. */
  abort(): void {
    if (!this.#request.complete) this.#request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
  }

  /** Node's server, which has not been given the connection, would tell the response. */
  readonly #drain = (): void => {
    if (this.#response.writableNeedDrain) this.#response.emit('drain')
  }

  #complete(): void {
    this.#request.complete = true
    this.#request.push(null)
  }
}
