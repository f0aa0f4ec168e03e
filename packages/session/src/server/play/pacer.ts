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

  /** Resolves when a message of that time may be sent. */
  async wait(timestamp: number): Promise<void> {
    for (;;) {
      if (this.#stopped) return
      const delay = this.#delay(timestamp)
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

  /** The next message sets the clock anew, as after a seek. */
  restart(): void {
    this.#start = undefined
    this.#wake?.()
  }

  /** Lets everything through at once, because nobody takes it any more. */
  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  #delay(timestamp: number): number {
    if (this.#pausedAt !== undefined) return Infinity
    const now = performance.now()
    this.#start ??= { timestamp, time: now }
    const due = this.#start.time + ((timestamp - this.#start.timestamp) | 0) - this.#bufferLength()
    return due - now
  }
}
