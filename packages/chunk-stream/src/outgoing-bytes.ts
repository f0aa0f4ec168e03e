import type { Duplex } from 'node:stream'

/** The outgoing direction of a byte stream: held back until opened, and gathered into one write per turn if asked to. */
export class OutgoingBytes {
  readonly #stream: Duplex
  #sent = 0
  #held: Buffer[] | undefined = []
  #heldBytes = 0
  #gathering = false

  constructor(stream: Duplex) {
    this.#stream = stream
  }

  /** Bytes given to the byte stream so far. */
  get sent(): number {
    return this.#sent
  }

  /** Bytes the operating system has not taken yet. */
  get queued(): number {
    return this.#stream.writableLength + this.#heldBytes
  }

  /** True until {@link OutgoingBytes.open}. */
  get held(): boolean {
    return this.#held !== undefined
  }

  /** True if it is better to wait: for {@link OutgoingBytes.open}, or for `'drain'` of the byte stream. */
  get full(): boolean {
    return this.#held !== undefined || this.#stream.writableNeedDrain
  }

  /** Writes what was held, and holds nothing from here on. */
  open(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#heldBytes = 0
    this.gather()
    for (const bytes of held) this.writeAhead(bytes)
  }

  write(bytes: Buffer): void {
    if (this.#held === undefined) return this.writeAhead(bytes)
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }

  /** Writes past what is held. Dropped when the byte stream takes no more: that end is told by its events. */
  writeAhead(bytes: Buffer): void {
    if (!this.#stream.writable) return
    this.#sent += bytes.length
    this.#stream.write(bytes)
  }

  /** What is written between now and the end of this turn of the event loop goes out together. */
  gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    this.#stream.cork()
    process.nextTick(OutgoingBytes.#release, this)
  }

  /** Static and given its argument, so that a turn costs no closure. */
  static #release(this: void, outgoing: OutgoingBytes): void {
    outgoing.#gathering = false
    outgoing.#stream.uncork()
  }
}
