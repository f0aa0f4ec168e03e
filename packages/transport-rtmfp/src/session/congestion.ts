/** Longest chunk with user data. */
export const MOST_CHUNK = 1_180
const FIRST_WINDOW = 10 * MOST_CHUNK
const LEAST_WINDOW = 4_380

/** Who else sends, and what (RFC 7016 §3.5.2.1). */
export interface Sharing {
  /** Nothing time critical is sent in any session, and the far end receives none in another. */
  readonly isAlone: boolean
  /** Time critical data is sent in this session. */
  readonly isTimeCritical: boolean
}

/** How much may be in flight. */
export interface CongestionControl {
  /** Bytes. */
  readonly window: number
  /** It looks for what the line carries, and grows fast. */
  readonly isStarting: boolean
  canSend(inFlight: number): boolean
  /** @param acknowledged bytes  @param inFlight bytes, before they were acknowledged */
  onAck(acknowledged: number, inFlight: number, sharing: Sharing): void
  /** Something sent after the last cut was lost. @param isQueueing packets take longer than they need to */
  onLoss(inFlight: number, isQueueing: boolean, sharing: Sharing): void
  /** Nothing was acknowledged for the timeout. @param isLoss something was in flight */
  onTimeout(isLoss: boolean): void
}

/**
 * RFC 7016 appendix A.2, with another answer to single losses. A.2 takes every loss for a full queue, and on radio links that
 * costs most of what the line could carry. Here a loss while packets are as fast as the line allows counts as one by chance:
 * the window goes to 7/8, which A.2 allows for time critical data whatever the reason. When a queue has grown, the window is
 * cut as TCP's is: to a half, or to 0.7 for time critical data, as CUBIC does. Beyond the first growth it gains one chunk a
 * round trip, as TCP does; a half where others' time critical data shares the line.
 */
export class Congestion implements CongestionControl {
  readonly #most: number
  #window = FIRST_WINDOW
  #threshold = Number.POSITIVE_INFINITY

  /** @param most bytes that the window never exceeds */
  constructor(most: number) {
    this.#most = most
  }

  get window(): number {
    return this.#window
  }

  get isStarting(): boolean {
    return this.#window < this.#threshold
  }

  canSend(inFlight: number): boolean {
    return inFlight < this.#window
  }

  onAck(acknowledged: number, inFlight: number, { isAlone, isTimeCritical }: Sharing): void {
    // A window that is not used says nothing of the line.
    if (inFlight < this.#window) return
    const isFirstGrowth = this.isStarting && (isAlone || isTimeCritical)
    let growth: number
    if (isFirstGrowth) growth = isAlone ? acknowledged : Math.ceil(acknowledged / 4)
    else growth = ((isAlone || isTimeCritical ? 1 : 0.5) * MOST_CHUNK * acknowledged) / this.#window
    this.#window = Math.min(this.#window + Math.min(growth, MOST_CHUNK), this.#most)
  }

  onLoss(inFlight: number, isQueueing: boolean, { isTimeCritical }: Sharing): void {
    const kept = isQueueing ? (isTimeCritical ? 0.7 : 0.5) : 0.875
    // By chance it says nothing of a window that was not used either.
    const used = isQueueing ? Math.min(inFlight, this.#window) : this.#window
    this.#window = Math.max(used * kept, LEAST_WINDOW)
    this.#threshold = this.#window
  }

  onTimeout(isLoss: boolean): void {
    if (isLoss) {
      const before = this.#threshold === Number.POSITIVE_INFINITY ? 0 : this.#threshold
      this.#threshold = Math.max(before, (this.#window * 3) / 4)
      this.#window = MOST_CHUNK
    } else this.#window = Math.min(this.#window, FIRST_WINDOW)
  }
}
