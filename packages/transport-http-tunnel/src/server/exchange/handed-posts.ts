import type { HandedOver } from '../colleagues.ts'
import { WAITS, writeAnswer } from './answer.ts'
import { HandedPost, type PostHost } from './handed-post.ts'
import { lookInterval, maxBytes, maxUnderWay, silence } from './limits.ts'
import { parseQuestion } from './question.ts'

type Reply = (bytes: Uint8Array) => void

/** The requests that other machines have handed over to one tunnel. */
export class HandedPosts {
  readonly #take: (request: HandedOver) => void
  readonly #now: () => number
  readonly #posts = new Map<string, HandedPost>()
  /** Bytes. */
  #kept = 0
  #timer: NodeJS.Timeout | undefined

  constructor(take: (request: HandedOver) => void, now: () => number) {
    this.#take = take
    this.#now = now
  }

  /** A message of another machine: it is as little trusted as any peer's, but for whom it speaks for. */
  receive(message: Buffer, reply: Reply): void {
    const parsed = parseQuestion(message)
    if (parsed === undefined) return refuse(reply, 400, 'bad request')
    const { question, body } = parsed
    const { request, part, isLast, beginning, isOver } = question
    const known = this.#posts.get(request)
    if (isOver === true) {
      known?.leave()
      return reply(WAITS)
    }
    if (known !== undefined) {
      known.heardAt = this.#now()
      if (!known.take(part, body, isLast, reply)) refuse(reply, 503, 'try again')
      return
    }
    if (part !== 0 || beginning === undefined) return refuse(reply, 503, 'try again')
    if (this.#posts.size >= maxUnderWay || this.#kept > maxBytes) return refuse(reply, 503, 'busy')
    const { kind, id, number, origin, most, length } = beginning
    const host: PostHost = {
      keep: bytes => void (this.#kept += bytes),
      done: done => void (done.isToBeKept || this.#posts.delete(request)),
    }
    const post = new HandedPost(host, length, this.#now())
    this.#posts.set(request, post)
    this.#timer ??= setInterval(() => this.#look(), lookInterval).unref()
    post.take(part, body, isLast, reply)
    this.#take({ kind, id, number, post, origin, most })
  }

  /** Nobody is answered any more. */
  close(): void {
    for (const post of this.#posts.values()) post.leave()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Whoever waits for an answer asks again now and then. */
  #look(): void {
    const now = this.#now()
    for (const post of this.#posts.values()) if (now - post.heardAt > silence) post.leave()
    if (this.#posts.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function refuse(reply: Reply, status: number, text: string): void {
  reply(writeAnswer(status, Buffer.from(text), false))
}
