import { checkNames } from '@rtmpipe/session'
import { quotasDefaults } from './defaults.ts'

/** How much may be published, of audio, video and data together. */
export interface BitrateQuota {
  /** On average. */
  readonly bitsPerSecond: number
  /**
   * Milliseconds over which the rate is measured. All that is allowed in this time may come at once. Default 5,000.
   */
  readonly window?: number
}

const known: Record<keyof BitrateQuota, true> = { bitsPerSecond: true, window: true }

/**
 * Measures a rate as a leaky bucket: it leaks at the allowed rate and holds as much as may come within the window. A
 * stream within the rate never fills it, however unevenly its bytes come within the window; a faster stream does.
 */
export class BitrateMeter {
  readonly #bitsPerMillisecond: number
  readonly #capacity: number
  #bits = 0
  #last: number | undefined

  /** @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for what is no rate, or no time */
  constructor(quota: BitrateQuota) {
    checkNames('quotas().bitrate', quota, known)
    const { bitsPerSecond, window = quotasDefaults.window } = quota
    if (!(bitsPerSecond > 0 && window > 0)) throw new TypeError(`bitrate: ${bitsPerSecond} in ${window} ms is no quota`)
    this.#bitsPerMillisecond = bitsPerSecond / 1_000
    this.#capacity = this.#bitsPerMillisecond * window
  }

  /**
   * Counts bytes.
   *
   * @param now milliseconds of a clock that never goes back
   * @returns false when it is too much
   */
  take(bytes: number, now: number): boolean {
    const leaked = (now - (this.#last ?? now)) * this.#bitsPerMillisecond
    this.#last = now
    this.#bits = Math.max(0, this.#bits - leaked) + bytes * 8
    return this.#bits <= this.#capacity
  }
}
