/** Tells all plugins that something has begun. What ends it meanwhile waits until the last of them has heard. */
export class Announcement {
  #isUnderWay = false
  #postponed: (() => void) | undefined

  make(tell: () => void): void {
    this.#isUnderWay = true
    tell()
    this.#isUnderWay = false
    this.#postponed?.()
  }

  /** True when `act` waits; of several the first is done. */
  postpones(act: () => void): boolean {
    if (this.#isUnderWay) this.#postponed ??= act
    return this.#isUnderWay
  }
}
