import type { Socket } from 'node:net'
import type { Carrier } from './carrier.ts'
import type { Post, PostBody } from './post.ts'
import { replyMemory } from './reply-memory.ts'

/** Bodies of requests that carry nothing are one byte or none. */
const MAX_DUMMY_LENGTH = 1024

/** The answers' place on a connection. */
export interface QuickReplies {
  readonly socket: Socket
  readonly carrier: Carrier
  /** Sends an answer when those before it have gone. */
  reply(post: QuickPost, bytes: Buffer): void
}

/** A request that came in one piece, and is answered in one. */
export class QuickPost implements Post {
  readonly body: PostBody
  readonly bodyLength: number
  /** The connection ends with its answer. */
  last: boolean
  /** Its answer, as long as it waits for others. */
  waiting: Buffer | undefined
  readonly #line: QuickReplies
  #isAnswered = false

  constructor(line: QuickReplies, body: Buffer, stays: boolean) {
    this.#line = line
    this.body = new WholeBody(line.socket, body)
    this.bodyLength = body.length
    this.last = !stays
  }

  get socket(): Socket {
    return this.#line.socket
  }

  get gone(): boolean {
    return this.socket.destroyed
  }

  get carrier(): Carrier {
    return this.#line.carrier
  }

  expectDummy(): boolean {
    if (this.bodyLength <= MAX_DUMMY_LENGTH) return true
    this.reject(413, 'body too long')
    return false
  }

  /** It is there. */
  expectBody(): void {}

  answer(body: Uint8Array): void {
    this.#reply('200 OK', 'application/x-fcs', body)
  }

  refuse(status: number, text: string): void {
    this.#reply(`${status} ${REASONS[status] ?? 'Refused'}`, 'text/plain', Buffer.from(`${text}\n`))
  }

  reject(status: number, text: string): void {
    if (!this.#isAnswered) this.last = true
    this.refuse(status, text)
  }

  drop(): void {
    this.socket.destroy()
  }

  #reply(status: string, type: string, body: Uint8Array): void {
    if (this.#isAnswered || this.gone) return
    this.#isAnswered = true
    const kept = this.last ? 'close' : 'Keep-Alive'
    // librtmp reads the names by their case, and the length from a fixed column.
    const head = `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nCache-Control: no-cache\r\nConnection: ${kept}\r\n\r\n`
    const bytes = replyMemory.take(head.length + body.length)
    bytes.write(head, 'latin1')
    bytes.set(body, head.length)
    this.#line.reply(this, bytes)
  }
}

const REASONS: Partial<Record<number, string>> = { 400: 'Bad Request', 404: 'Not Found', 413: 'Payload Too Large' }

/** A body that is all there. */
class WholeBody implements PostBody {
  readonly complete = true
  readonly destroyed = false
  readonly socket: Socket
  #bytes: Buffer | null

  constructor(socket: Socket, bytes: Buffer) {
    this.socket = socket
    this.#bytes = bytes.length === 0 ? null : bytes
  }

  get readableEnded(): boolean {
    return this.#bytes === null
  }

  get readableLength(): number {
    return this.#bytes?.length ?? 0
  }

  read(): Buffer | null {
    const bytes = this.#bytes
    this.#bytes = null
    return bytes
  }

  on(): never {
    throw new Error('nothing more comes')
  }

  off(): never {
    throw new Error('nothing more comes')
  }
}
