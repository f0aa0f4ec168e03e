/**
 * Tells all plugins that something has begun. If something ends it meanwhile, that waits until all plugins have been
 * told.
 */
export class Announcement {
  #isUnderWay = false
  #postponed: (() => void) | undefined

  make(tell: () => void): void {
    this.#isUnderWay = true
    tell()
    this.#isUnderWay = false
    this.#postponed?.()
  }

  /** True when `act` waits. If several wait, only the first is done. */
  postpones(act: () => void): boolean {
    if (this.#isUnderWay) this.#postponed ??= act
    return this.#isUnderWay
  }
}
