/** Milliseconds back that are still another track's order, and ahead that are still a hole. */
const [mostBack, mostAhead] = [5_000, 10_000]

/**
 * One time line of all that is played: RTMP's timestamps have 32 bits, and begin anew when a publisher returns or the
 * connection is another one.
 */
export class StreamTime {
  #timestamp: number | undefined
  #time = 0
  #jumps = 0
  #isCut = false

  /** How often it went on from another place. */
  get jumps(): number {
    return this.#jumps
  }

  /** What comes may be from elsewhere: a timestamp before the newest one is not another track's order then. */
  cut(): void {
    this.#isCut = true
  }

  /** Milliseconds since the first timestamp; what jumps goes on where the line has come to. */
  at(timestamp: number): number {
    const step = (timestamp - (this.#timestamp ?? timestamp)) | 0
    const back = this.#isCut ? 0 : mostBack
    this.#isCut = false
    if (step <= 0 && step >= -back && this.#timestamp !== undefined) return this.#time + step
    if (step < 0 || step > mostAhead) this.#jumps += 1
    else this.#time += step
    this.#timestamp = timestamp
    return this.#time
  }
}
