/** Where the sound stands, as the thread that plays it tells. */
export interface SoundReport {
  /** False before the beginning and in a gap. */
  readonly plays: boolean
  /** Seconds of the AudioContext, and milliseconds of the stream that are played then. */
  readonly at: number
  readonly time: number
  /** Milliseconds that wait. */
  readonly level: number
  /** How often there was nothing to play. */
  readonly gaps: number
}

/** Seconds of a gap in which pictures still wait for the sound to go on. */
const patience = 0.2

/** What of the stream is heard at the moment: pictures follow it. */
export class SoundClock {
  #report: SoundReport | undefined

  /** Milliseconds that wait. */
  get level(): number {
    return this.#report?.level ?? 0
  }

  /** How often there was nothing to play. */
  get gaps(): number {
    return this.#report?.gaps ?? 0
  }

  take(report: SoundReport): void {
    this.#report = report
  }

  /** There is no sound any more. */
  stop(): void {
    this.#report = undefined
  }

  /**
   * Milliseconds of the stream; undefined if nothing is heard, so that pictures need not wait.
   *
   * @param now seconds of the AudioContext
   * @param latency seconds from there to the ear
   */
  timeAt(now: number, latency: number): number | undefined {
    if (this.#report === undefined) return undefined
    const { plays, at, time } = this.#report
    if (plays) return time + (now - latency - at) * 1000
    // A gap is heard later than it is told; time stands still in it.
    return now - at > patience || Number.isNaN(time) ? undefined : Math.min(time, time + (now - latency - at) * 1000)
  }
}
