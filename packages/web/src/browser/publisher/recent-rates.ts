/** Milliseconds that are looked back on. */
const span = 2_000

/** How much there was per second of late. */
export class RecentRates {
  readonly #counted: { readonly at: number; readonly bits: number; readonly isPicture: boolean }[] = []

  add(now: number, bytes: number, isPicture: boolean): void {
    this.#forget(now)
    this.#counted.push({ at: now, bits: bytes * 8, isPicture })
  }

  /** Bits and pictures per second. */
  at(now: number): { readonly bitrate: number; readonly fps: number } {
    this.#forget(now)
    const bits = this.#counted.reduce((sum, each) => sum + each.bits, 0)
    const pictures = this.#counted.filter(({ isPicture }) => isPicture).length
    return { bitrate: Math.round((bits * 1000) / span), fps: (pictures * 1000) / span }
  }

  #forget(now: number): void {
    while (this.#counted[0] !== undefined && this.#counted[0].at <= now - span) this.#counted.shift()
  }
}
