import { Socket } from 'node:net'
import { type Carrier, carrierOf } from '../carrier.ts'
import type { Post } from '../post.ts'
import { DROPS, TAKEN, WAITS, writeAnswer } from './answer.ts'
import { maxPart } from './limits.ts'
import { PartBody } from './part-body.ts'

type Reply = (bytes: Uint8Array) => void

/** What a post tells those who have it. */
export interface PostHost {
  /** So many more bytes are kept, or fewer. */
  keep(bytes: number): void
  /** It has been answered, or its client has gone: unless it is to be kept it is to be forgotten. */
  done(post: HandedPost): void
}

/** A request that came to another machine, whose connection is there. */
export class HandedPost implements Post {
  /** None that is connected: it stands for the connection of the client. */
  readonly socket: Socket = new Socket()
  readonly body: PartBody = new PartBody(this.socket)
  readonly bodyLength: number | undefined
  /** When the other machine was last heard of. */
  heardAt: number
  /** Bytes of the body, or of the answer, that are kept. */
  #held = 0
  #reply: Reply | undefined
  #part = -1
  #isTaken = true
  #answer: Buffer | undefined
  readonly #host: PostHost

  constructor(host: PostHost, bodyLength: number | undefined, now: number) {
    this.bodyLength = bodyLength
    this.heardAt = now
    this.#host = host
  }

  get gone(): boolean {
    return this.socket.destroyed
  }

  get carrier(): Carrier {
    return carrierOf(this.socket)
  }

  /** Whether its answer may be asked for again, by a message that can't begin it anew. */
  get isToBeKept(): boolean {
    return this.#answer !== undefined && this.#part > 0 && !this.gone
  }

  /** A part of the body, perhaps again. @returns false when it can't be the next one */
  take(part: number, bytes: Buffer, isLast: boolean, reply: Reply): boolean {
    const isNext = part === this.#part + 1 && this.#isTaken
    if (!isNext && part !== this.#part) return false
    this.#reply?.(WAITS)
    this.#reply = reply
    if (this.#answer !== undefined) this.#say(this.#answer)
    else if (!isNext) {
      if (this.#isTaken && !this.body.complete) this.#say(TAKEN)
    } else {
      this.#part = part
      this.#isTaken = false
      this.#hold(bytes.length)
      this.body.give(bytes, isLast, this.#onTaken)
    }
    return true
  }

  expectDummy(): boolean {
    return true
  }

  expectBody(): void {}

  answer(body: Uint8Array): void {
    if (body.length > maxPart + 1) this.reject(503, 'try again')
    else this.#finish(writeAnswer(200, body, true))
  }

  refuse(status: number, text: string): void {
    this.#finish(writeAnswer(status, Buffer.from(text), true))
  }

  reject(status: number, text: string): void {
    this.#finish(writeAnswer(status, Buffer.from(text), false))
  }

  drop(): void {
    this.#finish(DROPS)
    this.leave()
  }

  /** The client has gone, or is not heard of any more. */
  leave(): void {
    if (this.gone) return
    this.socket.destroy()
    this.body.destroy()
    this.#hold(0)
    this.#host.done(this)
  }

  readonly #onTaken = (): void => {
    this.#isTaken = true
    this.#hold(0)
    this.#say(TAKEN)
  }

  #finish(answer: Buffer): void {
    if (this.gone || this.#answer !== undefined) return
    this.#answer = answer
    this.#hold(this.isToBeKept ? answer.length : 0)
    this.#say(answer)
    this.#host.done(this)
  }

  #hold(bytes: number): void {
    this.#host.keep(bytes - this.#held)
    this.#held = bytes
  }

  #say(bytes: Buffer): void {
    const reply = this.#reply
    this.#reply = undefined
    reply?.(bytes)
  }
}
