/** Pictures that may wait for the decoder before it counts as slow, and ever. */
const [fewPictures, mostPictures] = [12, 240]
/** Milliseconds in which a late player gets a whole group of pictures at once, which no decoder keeps up with. */
const burst = 2_000

/** What to do with a picture: `restart` forgets those that wait, since this one needs none of them. */
export type DecodeVerdict = 'decode' | 'drop' | 'restart'

/**
 * Which pictures a decoder is given. One that is too slow leaves out the rest of a group only if it gains by that: when what
 * waits for it lasts longer than the time to the next keyframe. Otherwise it decodes what is never drawn.
 */
export class DecodeQueue {
  #waits = true
  #began: number | undefined
  /** Milliseconds: time of the newest keyframe, and from one to the next. */
  #key = 0
  #group = Number.POSITIVE_INFINITY
  /** Pictures since that keyframe. */
  #count = 0

  /** The next picture that is decoded is a keyframe: something is missing, or the decoder is another one. */
  wait(): void {
    this.#waits = true
    this.#began = undefined
    this.#group = Number.POSITIVE_INFINITY
  }

  /**
   * @param time milliseconds, when the picture is to be shown
   * @param queued pictures that wait for the decoder
   * @param now milliseconds of any clock
   */
  take(isKey: boolean, time: number, queued: number, now: number): DecodeVerdict {
    const isSlow = queued > fewPictures && this.#began !== undefined && now - this.#began >= burst
    if (isKey) {
      if (this.#began !== undefined && time > this.#key) this.#group = time - this.#key
      this.#began ??= now
      this.#key = time
      this.#count = 0
      this.#waits = false
      return isSlow ? 'restart' : 'decode'
    }
    if (this.#waits) return 'drop'
    this.#count += 1
    const step = (time - this.#key) / this.#count
    const rest = this.#group - (time - this.#key)
    this.#waits = queued > mostPictures || (isSlow && queued * step > Math.max(rest, 0))
    return this.#waits ? 'drop' : 'decode'
  }
}
