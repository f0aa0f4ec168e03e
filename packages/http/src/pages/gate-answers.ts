import { Turns } from './turns.ts'

/** Milliseconds that an answer holds. */
const keptFor = 30_000
/** Answers that are kept: beyond, the oldest is forgotten. */
const maxAnswers = 20_000
/** Questions at a time, and those that wait for their turn: a gate may ask a web server. */
const maxAsking = 16
const maxWaiting = 2_000

interface Answer {
  readonly allowed: Promise<boolean>
  readonly until: number
}

/** What gates have said of who may see what, kept for a while: a list is asked for every few seconds. */
export class GateAnswers {
  readonly #now: () => number
  readonly #turns = new Turns(maxAsking, maxWaiting)
  /** In the order in which they were asked for. */
  readonly #answers = new Map<string, Answer>()

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** How many are kept. */
  get size(): number {
    return this.#answers.size
  }

  /**
   * Asks unless there is an answer. A question that fails is a no, and is not kept.
   *
   * @returns undefined when too many ask
   */
  get(key: string, ask: () => Promise<boolean>): Promise<boolean> | undefined {
    const known = this.#answers.get(key)
    if (known !== undefined && known.until > this.#now()) return known.allowed
    const asked = this.#turns.take(ask)
    if (asked === undefined) return undefined
    this.#answers.delete(key)
    const answer: Answer = {
      allowed: asked.catch(() => {
        if (this.#answers.get(key) === answer) this.#answers.delete(key)
        return false
      }),
      until: this.#now() + keptFor,
    }
    this.#answers.set(key, answer)
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > maxAnswers && oldest !== undefined) this.#answers.delete(oldest)
    return answer.allowed
  }
}
