import { BodyReader } from './body-reader.ts'
import type { Post } from './post.ts'

/** What a numbered request does. */
export type TurnKind = 'send' | 'idle'

/** How many connections may wait for the same answer. */
const MAX_POSTS = 4

/** One numbered request, and everyone who waits for its answer: a client whose connection broke asks again. */
export class Turn {
  readonly kind: TurnKind
  readonly sequence: number
  /** Bytes of the body that the session has been given. */
  fed = 0
  /** The body, as long as it has not been given in full; an `/idle` has a dummy one that nobody reads. */
  body: BodyReader | undefined
  /** When an idle that finds nothing is answered, or by when a body must be complete. */
  deadline = 0
  /** When the body broke off. */
  brokenSince: number | undefined
  /** The reader has had a chance to write something that goes into the answer. */
  digested = false
  readonly #wake: () => void
  readonly #posts: Post[]
  #most: number

  /** `most`: bytes that the answer may have at most. */
  constructor(kind: TurnKind, sequence: number, post: Post, wake: () => void, most: number = Infinity) {
    this.kind = kind
    this.sequence = sequence
    this.#wake = wake
    this.#most = most
    this.#posts = [post]
    if (kind === 'send') this.body = new BodyReader(post.body, 0, wake)
  }

  /** All who asked have gone. */
  get gone(): boolean {
    return this.#posts.every(post => post.gone)
  }

  /** How long the answer may be; 0 or less while those who asked do not read, until {@link Turn} wakes its session. */
  get room(): number {
    let room = this.#most
    // By number: this is asked several times for each answer.
    for (let index = 0; index < this.#posts.length; index += 1) {
      const { gone, carrier } = this.#posts[index] as Post
      const own = gone ? Infinity : carrier.room
      if (own <= 0) carrier.whenRoom(this.#wake)
      if (own < room) room = own
    }
    return room
  }

  /** The same request has come again: an unfinished body goes on where the other broke off. */
  again(kind: TurnKind, post: Post, most: number = Infinity): void {
    if (kind !== this.kind) {
      post.reject(400, `request ${this.sequence} was ${this.kind}`)
      return
    }
    if (this.body !== undefined) {
      this.body.release()
      this.body = new BodyReader(post.body, this.fed, this.#wake)
      this.brokenSince = undefined
    }
    this.#most = Math.min(this.#most, most)
    this.#posts.push(post)
    if (this.#posts.length > MAX_POSTS) this.#posts.shift()?.drop()
    this.#wake()
  }

  answer(body: Uint8Array): void {
    this.#leave()
    for (const post of this.#posts) post.answer(body)
  }

  reject(status: number, text: string): void {
    this.#leave()
    for (const post of this.#posts) post.reject(status, text)
  }

  /** Closes the connections of all who asked, without an answer. */
  drop(): void {
    this.#leave()
    for (const post of this.#posts) post.drop()
  }

  #leave(): void {
    this.body?.release()
    this.body = undefined
  }
}
