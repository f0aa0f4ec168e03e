import type { Clock } from '../contract/clock.ts'
import { Backoff } from './backoff.ts'
import { eagerTime, firstPause, idlePause, longestPause } from './limits.ts'

/** When somebody asks for a name again. */
export class AskTimes {
  readonly #clock: Clock
  readonly #ask: () => void
  readonly #backoff: Backoff
  #eagerUntil = -Infinity
  #isSet = false
  #cancel = (): void => {}

  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock
    this.#ask = ask
    this.#backoff = new Backoff(firstPause, longestPause, () => clock.random())
  }

  /** Whether it is going to. */
  get isSet(): boolean {
    return this.#isSet
  }

  /** An answer is to be expected, for a while. */
  expect(): void {
    this.#eagerUntil = this.#clock.now() + eagerTime
  }

  /** What was asked for has come: the next pauses are short again. */
  succeed(): void {
    this.#backoff.reset()
  }

  /** After a pause that grows. @param milliseconds how long it is at least; default 0 */
  soon(milliseconds = 0): void {
    this.after(Math.max(this.#backoff.next(), milliseconds))
  }

  /** As {@link AskTimes.soon} if an answer is to be expected, else only to make sure that nothing was missed. */
  later(): void {
    if (this.#clock.now() < this.#eagerUntil) this.soon()
    else this.after(idlePause * (0.75 + this.#clock.random() / 2))
  }

  after(milliseconds: number): void {
    this.stop()
    this.#isSet = true
    this.#cancel = this.#clock.after(milliseconds, () => {
      this.#isSet = false
      this.#ask()
    })
  }

  stop(): void {
    this.#cancel()
    this.#isSet = false
  }
}
