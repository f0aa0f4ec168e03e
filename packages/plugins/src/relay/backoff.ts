import { checkNames } from '@rtmpipe/session'
import { backoffDefaults } from './defaults.ts'

/** How long to wait between attempts. */
export interface BackoffOptions {
  /** Milliseconds before the second attempt, about. Default 1,000. */
  readonly min: number
  /** Milliseconds between attempts at most. Default 30,000. */
  readonly max: number
}

/**
 * How long to wait between attempts: each time twice as long, up to a maximum. A random part of up to one half is
 * subtracted, so that many clients do not come back at the same moment.
 */
export class Backoff {
  readonly #options: BackoffOptions
  readonly #random: () => number
  #failures = 0

  constructor(options: Partial<BackoffOptions> = {}, random: () => number = Math.random) {
    checkNames('backoff', options, backoffDefaults)
    const { min = backoffDefaults.min, max = backoffDefaults.max } = options
    if (!(min > 0 && max >= min && max < 2 ** 31)) throw new TypeError(`backoff: ${min} to ${max} ms is no range`)
    this.#options = { min, max }
    this.#random = random
  }

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const { min, max } = this.#options
    const delay = Math.min(max, min * 2 ** Math.min(this.#failures, 31))
    this.#failures += 1
    return Math.ceil(delay * (1 - this.#random() / 2))
  }

  reset(): void {
    this.#failures = 0
  }
}
