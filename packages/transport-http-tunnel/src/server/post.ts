import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Carrier } from './carrier.ts'

/** What a body is read by. */
export interface PostBody
  extends Pick<IncomingMessage, 'complete' | 'destroyed' | 'readableEnded' | 'readableLength' | 'socket' | 'read'> {
  on(event: 'readable' | 'end' | 'close', listener: () => void): PostBody
  off(event: 'readable' | 'end' | 'close', listener: () => void): PostBody
}

/** One HTTP request of a tunnel client, to be answered once. */
export interface Post {
  /** The request body; nobody has read of it yet. */
  readonly body: PostBody
  readonly socket: Socket
  /** The connection broke: an answer would reach nobody. */
  readonly gone: boolean
  /** The connection it came on; a client may use several, or one for each request. */
  readonly carrier: Carrier
  /** Length of the body as declared; undefined when it is chunked. */
  readonly bodyLength: number | undefined
  /** The body carries nothing. Returns false when it is too long, which is answered 413. */
  expectDummy(): boolean
  /** The body is wanted, and its client is to send what is left of it without waiting for anything. */
  expectBody(): void
  /** Answers 200 with `body`, which must not be empty, and is not read any more when this has returned. */
  answer(body: Uint8Array): void
  /** Answers with an error status and a line of text. */
  refuse(status: number, text: string): void
  /** As {@link Post.refuse}, and closes the connection: after 413, for instance, the rest of the body is not read. */
  reject(status: number, text: string): void
  /** Closes the connection without an answer. */
  drop(): void
}
