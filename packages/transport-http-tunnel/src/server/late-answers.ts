import type { Post } from './post.ts'

/** Milliseconds that an answer is late. */
const DELAY = 1_000
/** Answers that may be due at a time; who comes on top is cut off. */
const MAX_LATE = 1_000

/** Refusals that are given late, so that guessing session ids is slow. */
export class LateAnswers {
  readonly #late: { readonly post: Post; readonly at: number }[] = []

  get size(): number {
    return this.#late.length
  }

  add(post: Post, now: number): void {
    if (this.#late.length < MAX_LATE) this.#late.push({ post, at: now + DELAY })
    else post.drop()
  }

  /** Gives the answers that are due. */
  tick(now: number): void {
    while (this.#late[0] !== undefined && this.#late[0].at <= now)
      this.#late.shift()?.post.reject(404, 'no such session')
  }
}
