import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Carrier, carrierOf } from './carrier.ts'
import { LateBody } from './late-body.ts'
import type { Post } from './post.ts'
import { sendHead, sendStatusLine } from './status-line.ts'

/** Bodies of requests that carry nothing are one byte or none. */
const MAX_DUMMY_LENGTH = 1024
/** What is left of a body up to this length is read before an error is told; for more the connection is closed. */
const SHORT_BODY = 1024

interface Answer {
  readonly status: number
  readonly body: Uint8Array
  readonly stay: boolean
}

/**
 * A request that is answered through Node's HTTP. Proxies that pass bodies on as they come take an answer before its
 * request is complete for a fault: the answer waits for what is left of the body.
 */
export class ResponsePost implements Post {
  readonly body: IncomingMessage
  readonly #response: ServerResponse
  #late: LateBody | undefined
  #answer: Answer | undefined
  #isDummy = false
  #hasStatusLine = false

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.body = request
    this.#response = response
  }

  get socket(): Socket {
    return this.body.socket
  }

  get gone(): boolean {
    return this.socket.destroyed || this.#response.destroyed
  }

  get carrier(): Carrier {
    return carrierOf(this.socket)
  }

  get bodyLength(): number | undefined {
    const { headers } = this.body
    if (headers['transfer-encoding'] !== undefined) return undefined
    return Number(headers['content-length'] ?? 0)
  }

  /**
   * While the body is missing the answer begins without it: clients that send it in a segment of its own wait for an
   * acknowledgement with it, and that would be delayed.
   */
  expectDummy(): boolean {
    if ((this.bodyLength ?? 0) > MAX_DUMMY_LENGTH) {
      this.reject(413, 'body too long')
      return false
    }
    this.#isDummy = true
    if (!this.#isRead) setImmediate(this.#look)
    return true
  }

  answer(body: Uint8Array): void {
    this.#reply(200, body, true)
  }

  refuse(status: number, text: string): void {
    this.#reply(status, Buffer.from(`${text}\n`), this.#isShort)
  }

  reject(status: number, text: string): void {
    this.#reply(status, Buffer.from(`${text}\n`), false)
  }

  drop(): void {
    this.socket.destroy()
  }

  /** Nothing of the body is on its way any more. */
  get #isRead(): boolean {
    return this.body.complete || this.body.readableEnded || this.#late?.isWhole === true
  }

  get #isShort(): boolean {
    return this.#isRead || (this.bodyLength ?? Infinity) <= SHORT_BODY
  }

  #reply(status: number, body: Uint8Array, stay: boolean): void {
    if (this.gone || this.#answer !== undefined) return
    this.#answer = { status, body, stay }
    // These two are about the body: it did not come, or is not wanted.
    const isAwaited = status === 200 || (status !== 408 && status !== 413 && this.#isShort)
    if (this.#isRead || !isAwaited) {
      this.#send(this.#answer)
      return
    }
    this.carrier.hold(body)
    // The body may be in what is just being parsed.
    if (!this.#isDummy) setImmediate(this.#look)
  }

  /** What came in one piece has been parsed: is the body there? */
  readonly #look = (): void => {
    if (this.gone || this.#late !== undefined || this.#response.headersSent) return
    if (this.#isRead) {
      this.#release()
      return
    }
    const isSure = this.#isDummy && this.bodyLength !== undefined && (this.#answer?.status ?? 200) === 200
    if (isSure) this.#hasStatusLine = sendStatusLine(this.#response)
    const most = this.#isDummy ? MAX_DUMMY_LENGTH : this.bodyLength
    this.#late = new LateBody(this.body, most, this.#onBody)
  }

  readonly #onBody = (): void => {
    if (this.#isRead) {
      this.#release()
      return
    }
    if (!this.#late?.isTooLong) {
      this.drop()
      return
    }
    if (this.#answer !== undefined) this.carrier.letGo(this.#answer.body)
    this.#send({ status: 413, body: Buffer.from('body too long\n'), stay: false })
  }

  #release(): void {
    if (this.#answer === undefined) return
    this.carrier.letGo(this.#answer.body)
    this.#send(this.#answer)
  }

  /**
   * librtmp reads header names by their case and a length from a fixed column, and no client wants chunks. HTTP/1.0 has
   * to ask for a connection to be kept. Head and body go out in one write.
   */
  #send({ status, body, stay }: Answer): void {
    const response = this.#response
    if (this.gone || response.headersSent) return
    // Of an error that is told with some status line out the client would make bytes of RTMP.
    if (this.#hasStatusLine && status !== 200) {
      this.drop()
      return
    }
    const keep = stay && response.shouldKeepAlive
    const type = status === 200 ? 'application/x-fcs' : 'text/plain'
    sendHead(response, status, this.#hasStatusLine, [
      'Content-Type',
      type,
      'Content-Length',
      String(body.length),
      'Cache-Control',
      'no-cache',
      'Connection',
      keep ? 'Keep-Alive' : 'close',
    ])
    this.carrier.end(response, body)
  }
}
