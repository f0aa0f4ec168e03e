/** Longest chunk with user data. */
export const MOST_CHUNK = 1_180
const FIRST_WINDOW = 10 * MOST_CHUNK
const LEAST_WINDOW = 4_380

/** What is known of the line at the time. */
export interface LineState {
  /** Nothing time critical is sent in any session, and the far end receives none in another (RFC 7016 §3.5.2.1). */
  readonly isAlone: boolean
  /** Time critical data is sent in this session. */
  readonly isTimeCritical: boolean
  /** Packets take longer than they need to: others wait before them. */
  readonly isQueueing: boolean
}

/** How much may be in flight. */
export interface CongestionControl {
  /** Bytes. */
  readonly window: number
  /** It looks for what the line carries, and grows fast. */
  readonly isStarting: boolean
  canSend(inFlight: number): boolean
  /** @param acknowledged bytes  @param inFlight bytes, before they were acknowledged */
  onAck(acknowledged: number, inFlight: number, line: LineState): void
  /** Something sent after the last cut was lost. */
  onLoss(inFlight: number, line: LineState): void
  /** Nothing was acknowledged for the timeout. @param isLoss something was in flight */
  onTimeout(isLoss: boolean): void
}

/** Chunks that the window gains each round trip, once something was lost. */
const Gain = {
  /** The line shows no queue: most of what is lost on it is lost by chance. */
  Free: 1.5,
  /** TCP's. */
  Shared: 1,
  /** What makes a cut to 0.7 as fair as TCP's to a half (RFC 9438 §4.3). */
  SharedTimeCritical: 0.53,
  /** Time critical data of others has precedence. */
  Yielding: 0.5,
} as const

/**
 * RFC 7016 appendix A.2, with another answer to losses. A.2 takes each for a full queue, and on radio links that costs most of
 * what the line could carry. Here a loss while packets are as fast as the line allows counts as one by chance: the window
 * goes to 7/8, which A.2 allows for time critical data whatever the reason, and grows back soon. When a queue has grown, the
 * window is cut and grows as TCP's: to a half, or for time critical data to 0.7 with a slower growth, as CUBIC does it.
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

  onAck(acknowledged: number, inFlight: number, line: LineState): void {
    // A window that is not used says nothing of the line.
    if (inFlight < this.#window) return
    let growth: number
    // Up to what the line has carried before, as fast for everybody.
    const isKnown = this.#threshold !== Number.POSITIVE_INFINITY
    if (this.isStarting && (line.isAlone || isKnown)) growth = acknowledged
    else if (this.isStarting && line.isTimeCritical) growth = Math.ceil(acknowledged / 4)
    else growth = (gainOf(line) * MOST_CHUNK * acknowledged) / this.#window
    this.#window = Math.min(this.#window + Math.min(growth, MOST_CHUNK), this.#most)
  }

  onLoss(inFlight: number, { isQueueing, isTimeCritical }: LineState): void {
    const kept = isQueueing ? (isTimeCritical ? 0.7 : 0.5) : 0.875
    // A loss by chance says nothing of a window that was not used either.
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

function gainOf({ isAlone, isTimeCritical, isQueueing }: LineState): number {
  if (!isAlone && !isTimeCritical) return Gain.Yielding
  if (!isQueueing) return Gain.Free
  return isTimeCritical ? Gain.SharedTimeCritical : Gain.Shared
}
