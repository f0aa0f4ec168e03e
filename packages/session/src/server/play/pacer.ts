/** Lets messages through at the pace of their timestamps, ahead of it by the player's buffer. */
export class Pacer {
  readonly #bufferLength: () => number
  #start: { readonly timestamp: number; readonly time: number } | undefined
  #pausedAt: number | undefined
  #wake: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /**
   * @param bufferLength milliseconds of media that the player wants to buffer, see Set Buffer Length (RTMP 1.0 §7.1.7)
   */
  constructor(bufferLength: () => number) {
    this.#bufferLength = bufferLength
  }

  /**
   * Resolves when a message of that time may be sent.
   *
   * @param setsClock whether it sets the clock if it is the first; default true. Metadata and headers should not: many
   *   senders give them the time 0, whatever that of the media
   */
  async wait(timestamp: number, setsClock = true): Promise<void> {
    for (;;) {
      if (this.#stopped) return
      const delay = this.#delay(timestamp, setsClock)
      if (delay <= 0) return
      await new Promise<void>(resolve => {
        this.#wake = resolve
        if (delay !== Infinity) this.#timer = setTimeout(resolve, delay)
      })
      clearTimeout(this.#timer)
    }
  }

  /** Stops the clock, or lets it go on from where it stopped. */
  pause(paused: boolean): void {
    const now = performance.now()
    if (paused) this.#pausedAt ??= now
    else if (this.#pausedAt !== undefined) {
      if (this.#start) this.#start = { ...this.#start, time: this.#start.time + now - this.#pausedAt }
      this.#pausedAt = undefined
    }
    this.#wake?.()
  }

  /** The clock is set anew, as after a seek. */
  restart(): void {
    this.#start = undefined
    this.#wake?.()
  }

  /** Lets everything through at once, because nobody takes it any more. */
  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  #delay(timestamp: number, setsClock: boolean): number {
    if (this.#pausedAt !== undefined) return Infinity
    if (this.#start === undefined && !setsClock) return 0
    const now = performance.now()
    this.#start ??= { timestamp, time: now }
    const due = this.#start.time + ((timestamp - this.#start.timestamp) | 0) - this.#bufferLength()
    return due - now
  }
}
