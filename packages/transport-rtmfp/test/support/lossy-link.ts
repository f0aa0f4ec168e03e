/** What a line does to datagrams. */
export interface LineQuality {
  /** Milliseconds that each takes. */
  readonly delay?: number
  /** Share that is lost, 0 to 1. */
  readonly loss?: number
  /** Share that comes twice. */
  readonly duplicates?: number
  /** Share that comes later by a time between two, milliseconds. */
  readonly reordering?: { readonly share: number; readonly from: number; readonly to: number }
}

/** A queue before a line of some speed, that several may share. */
export class Bottleneck {
  readonly #bytesPerMillisecond: number
  readonly #capacity: number
  #freeAt = 0

  /** @param capacity bytes that wait at most */
  constructor(megabitsPerSecond: number, capacity: number) {
    this.#bytesPerMillisecond = (megabitsPerSecond * 1_000) / 8
    this.#capacity = capacity
  }

  /** When it has passed; undefined when there is no room. */
  pass(bytes: number, now: number): number | undefined {
    const waiting = Math.max(0, this.#freeAt - now) * this.#bytesPerMillisecond
    if (waiting + bytes > this.#capacity) return undefined
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / this.#bytesPerMillisecond
    return this.#freeAt
  }
}

/** One direction of a line between two ends. */
export class LossyLink {
  readonly #quality: LineQuality
  readonly #random: () => number
  readonly #bottleneck: Bottleneck | undefined
  sent = 0
  lost = 0

  constructor(quality: LineQuality, random: () => number, bottleneck?: Bottleneck) {
    this.#quality = quality
    this.#random = random
    this.#bottleneck = bottleneck
  }

  /** When what is sent now arrives: never, once, or twice. */
  arrivals(bytes: number, now: number): number[] {
    const { delay = 0, loss = 0, duplicates = 0, reordering } = this.#quality
    this.sent += 1
    const passed = this.#bottleneck === undefined ? now : this.#bottleneck.pass(bytes, now)
    if (passed === undefined || this.#random() < loss) {
      this.lost += 1
      return []
    }
    const copies = this.#random() < duplicates ? 2 : 1
    return Array.from({ length: copies }, () => {
      const isLate = reordering !== undefined && this.#random() < reordering.share
      const extra = isLate ? reordering.from + this.#random() * (reordering.to - reordering.from) : 0
      return passed + delay + extra
    })
  }
}
