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

/** What proxies add to a request. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'via']

interface Answer {
  readonly status: number
  readonly body: Uint8Array
  readonly stay: boolean
}

/**
 * A request that is answered through Node's HTTP. Proxies that pass bodies on as they come take an answer before its
 * request is complete for a fault: the answer, or at least its end, waits for what is left of the body.
 */
export class ResponsePost implements Post {
  readonly body: IncomingMessage
  readonly #response: ServerResponse
  #late: LateBody | undefined
  #answer: Answer | undefined
  #isDummy = false
  #hasStatusLine = false
  /** All but the last byte of the answer has gone. */
  #hasBegun = false

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
   * acknowledgement with it, and that would be delayed. What there is to say goes out but for its last byte, since a proxy
   * passes nothing on before it has a whole head. The status line alone where there is nothing to say, or where a proxy has
   * told of itself: those that are written in Go do so, and give up a request whose answer begins before its body.
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

  /** What has come in one piece is parsed first: most bodies are there then. */
  expectBody(): void {
    if (!this.#isRead && this.bodyLength !== undefined) setImmediate(this.#encourage)
  }

  answer(body: Uint8Array): void {
    this.#reply(200, Buffer.from(body), true)
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
    else if (this.#late !== undefined) this.#begin(this.#answer)
  }

  /** What came in one piece has been parsed: is the body there? */
  readonly #look = (): void => {
    if (this.gone || this.#late !== undefined || this.#response.headersSent) return
    if (this.#isRead) {
      this.#release()
      return
    }
    if (this.#answer === undefined || !this.#begin(this.#answer)) {
      const isSure = this.#isDummy && this.bodyLength !== undefined && (this.#answer?.status ?? 200) === 200
      if (isSure) this.#hasStatusLine = sendStatusLine(this.#response)
    }
    const most = this.#isDummy ? MAX_DUMMY_LENGTH : this.bodyLength
    this.#late = new LateBody(this.body, most, this.#onBody)
  }

  /**
   * Systems keep the end of a body until the head before it has been acknowledged, which takes 40 ms where nothing is sent
   * back. The status line is something.
   */
  readonly #encourage = (): void => {
    if (this.gone || this.#isRead || this.#answer !== undefined || this.#response.headersSent) return
    this.#hasStatusLine = sendStatusLine(this.#response)
  }

  /** Sends a good answer but for its last byte. @returns false where that is not to be done */
  #begin({ status, body, stay }: Answer): boolean {
    const isSure = this.#isDummy && this.bodyLength !== undefined && status === 200
    if (!isSure || body.length === 0 || isForwarded(this.body)) return false
    this.#hasBegun = true
    this.#sendHead(status, body.length, stay)
    if (body.length > 1) this.#response.write(body.subarray(0, -1))
    else this.#response.flushHeaders()
    return true
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
    if (this.#hasBegun) {
      this.drop()
      return
    }
    this.#send({ status: 413, body: Buffer.from('body too long\n'), stay: false })
  }

  #release(): void {
    if (this.#answer === undefined) return
    const { body } = this.#answer
    this.carrier.letGo(body)
    if (this.#hasBegun) this.carrier.end(this.#response, body.subarray(-1))
    else this.#send(this.#answer)
  }

  #send({ status, body, stay }: Answer): void {
    const response = this.#response
    if (this.gone || response.headersSent) return
    // Of an error that is told with some status line out the client would make bytes of RTMP.
    if (this.#hasStatusLine && status !== 200) {
      this.drop()
      return
    }
    this.#sendHead(status, body.length, stay)
    this.carrier.end(response, body)
  }

  /**
   * librtmp reads header names by their case and a length from a fixed column, and no client wants chunks. HTTP/1.0 has
   * to ask for a connection to be kept. The head goes out in one write with what comes next.
   */
  #sendHead(status: number, length: number, stay: boolean): void {
    const response = this.#response
    const keep = stay && response.shouldKeepAlive
    const type = status === 200 ? 'application/x-fcs' : 'text/plain'
    sendHead(response, status, this.#hasStatusLine, [
      'Content-Type',
      type,
      'Content-Length',
      String(length),
      'Cache-Control',
      'no-cache',
      'Connection',
      keep ? 'Keep-Alive' : 'close',
    ])
  }
}

function isForwarded({ headers }: IncomingMessage): boolean {
  return FORWARDED.some(name => headers[name] !== undefined)
}
