import type { Duplex } from 'node:stream'
import type { StreamCipher } from './handshake/stream-ciphers.ts'
import type { SparingBytes } from './sparing-bytes.ts'

/**
 * The outgoing direction of a byte stream: it holds bytes until it is opened, and can gather those of one turn into one
 * write.
 */
export class OutgoingBytes {
  readonly #stream: Duplex
  /** Whether the byte stream keeps nothing of what it has taken. */
  readonly #copies: boolean
  #sent = 0
  #held: Buffer[] | undefined = []
  #heldBytes = 0
  #gathering = false
  #cipher: StreamCipher | undefined

  constructor(stream: Duplex) {
    this.#stream = stream
    this.#copies = (stream as SparingBytes).copies === true
  }

  /** False when the byte stream takes no more. */
  get writable(): boolean {
    return this.#stream.writable
  }

  /** Bytes given to the byte stream so far. */
  get sent(): number {
    return this.#sent
  }

  /** Bytes written here that the operating system has not taken yet. */
  get unsent(): number {
    return this.#stream.writableLength + this.#heldBytes
  }

  /** True if nobody reads what was written so far again: the operating system has a copy of it. */
  get isRead(): boolean {
    return this.#copies && this.#held === undefined && this.#stream.writableLength === 0
  }

  /** True until {@link OutgoingBytes.open}. */
  get held(): boolean {
    return this.#held !== undefined
  }

  /** True if it is better to wait: for {@link OutgoingBytes.open}, or for `'drain'` of the byte stream. */
  get full(): boolean {
    return this.#held !== undefined || this.#stream.writableNeedDrain
  }

  /**
   * Writes the held bytes, and holds nothing from here on. From here on all bytes go through the cipher, if there is
   * one.
   */
  open(cipher?: StreamCipher): void {
    this.#cipher = cipher
    const held = this.#held ?? []
    this.#held = undefined
    this.#heldBytes = 0
    this.gather()
    for (const bytes of held) this.writeAhead(bytes)
  }

  /** @param written called when the byte stream has room again; not when nothing could be written */
  write(bytes: Buffer, written?: () => void): void {
    if (this.#held === undefined) return this.writeAhead(bytes, written)
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }

  /**
   * Writes at once, before held bytes. After the end of the byte stream the bytes are dropped; its events tell of the
   * end.
   */
  writeAhead(bytes: Buffer, written?: () => void): void {
    if (!this.#stream.writable) return
    this.#sent += bytes.length
    this.#stream.write(this.#cipher === undefined ? bytes : this.#cipher.apply(bytes), written)
  }

  /** All bytes written from now to the end of this turn of the event loop go out together. */
  gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    this.#stream.cork()
    process.nextTick(OutgoingBytes.#release, this)
  }

  /** Static, with its argument passed in, so that a turn needs no closure. */
  static #release(this: void, outgoing: OutgoingBytes): void {
    outgoing.#gathering = false
    outgoing.#stream.uncork()
  }
}
