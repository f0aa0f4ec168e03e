/** The beginnings of some memory: packets have few lengths, and no view of it is made twice. */
export class Beginnings {
  readonly memory: Buffer
  readonly #views: (Buffer | undefined)[] = []

  constructor(length: number) {
    this.memory = Buffer.alloc(length)
  }

  /** Its first bytes. */
  of(length: number): Buffer {
    let view = this.#views[length]
    if (view === undefined) {
      view = this.memory.subarray(0, length)
      this.#views[length] = view
    }
    return view
  }
}
