import { FragmentBudget } from '../wire/fragments.ts'
import { maxEdgeBytes } from './limits.ts'

/** What has come for all joined streams of a node, and is not read yet: of too much, no more streams are joined. */
export class EdgeMemory {
  /** Of what has not come whole. */
  readonly fragments: FragmentBudget = new FragmentBudget()
  readonly #max: number
  readonly #tell: (isFull: boolean) => void
  #held = 0
  #isFull = false

  /**
   * @param tell is told when there is too much, and when there is room again
   * @param max bytes, default 256 MiB
   */
  constructor(tell: (isFull: boolean) => void = () => {}, max: number = maxEdgeBytes) {
    this.#tell = tell
    this.#max = max
  }

  /** Held now. */
  get bytes(): number {
    return this.#held + this.fragments.bytes
  }

  /** Whether another stream may be joined: after too much, not before a quarter is free. */
  admits(): boolean {
    const isFull = this.bytes >= (this.#isFull ? (this.#max / 4) * 3 : this.#max)
    if (isFull !== this.#isFull) {
      this.#isFull = isFull
      this.#tell(isFull)
    }
    return !isFull
  }

  /** For one who holds something of it. */
  share(): MemoryShare {
    return new MemoryShare(bytes => (this.#held += bytes))
  }
}

/** What one holds. */
export class MemoryShare {
  readonly #add: (bytes: number) => void
  #bytes = 0

  constructor(add: (bytes: number) => void) {
    this.#add = add
  }

  /** @param bytes that it holds now */
  set(bytes: number): void {
    if (bytes === this.#bytes) return
    this.#add(bytes - this.#bytes)
    this.#bytes = bytes
  }
}
