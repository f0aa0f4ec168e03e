/** Pictures that may wait for the encoder. */
const maxWaiting = 2
/** Milliseconds from one change of the bit rate to the next. */
const step = 1_000
/** Milliseconds without trouble, after which the bit rate is raised again. */
const calm = 5_000
/** What the bit rate is multiplied with. */
const [lower, raise] = [0.7, 1.1]
/** The least share of the bit rate that was asked for. */
const least = 0.1

/** What is too slow. */
export type Slowness = 'encoder' | 'line'

/**
 * Decides what to do when more pictures come than go: leaves them out before they are encoded, and asks for fewer bits
 * where it is the line; more again when it is calm. Sound is so little that it is never left out. Knows no time but what
 * it is given, in milliseconds.
 */
export class Congestion {
  readonly #most: number
  #bitrate: number
  #changedAt = -Infinity
  #lineSlowAt = -Infinity
  #slow: Slowness | undefined
  #dropped = 0

  /** @param bitrate bits per second when there is room */
  constructor(bitrate: number) {
    this.#most = this.#bitrate = bitrate
  }

  /** What the encoder should make now, bits per second. */
  get bitrate(): number {
    return this.#bitrate
  }

  /** Why the last picture was left out; undefined if it was not. */
  get slow(): Slowness | undefined {
    return this.#slow
  }

  /** Pictures left out so far. */
  get dropped(): number {
    return this.#dropped
  }

  /**
   * True if the next picture is to be encoded.
   *
   * @param waiting pictures that wait for the encoder
   * @param isLineFull more is waiting for the line than it should
   */
  admits(now: number, waiting: number, isLineFull: boolean): boolean {
    if (isLineFull) this.#lineSlowAt = now
    if (now - this.#changedAt >= step) {
      if (isLineFull) this.#set(Math.max(this.#bitrate * lower, this.#most * least), now)
      else if (now - this.#lineSlowAt >= calm) this.#set(Math.min(this.#bitrate * raise, this.#most), now)
    }
    this.#slow = isLineFull ? 'line' : waiting > maxWaiting ? 'encoder' : undefined
    if (this.#slow !== undefined) this.#dropped += 1
    return this.#slow === undefined
  }

  #set(bitrate: number, now: number): void {
    if (bitrate === this.#bitrate) return
    this.#bitrate = Math.round(bitrate)
    this.#changedAt = now
  }
}
