import { Readable } from 'readable-stream'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'

/** Where the messages come from, and who hears of the reader. */
export interface MessageSource {
  /** The next one, if there is one now; {@link JoinedMessages.pump} tells of more. */
  next(): RtmpMessage | undefined
  /** The reader has left, or something has failed. */
  closed(error: Error | null): void
}

/** The Readable of a joined stream. It holds nothing itself, so that nothing grows old in it. */
export class JoinedMessages extends Readable {
  readonly #source: MessageSource
  #isWanted = false
  #isComplete = false

  constructor(source: MessageSource) {
    super({ objectMode: true, highWaterMark: 0 })
    this.#source = source
    // Who does not listen any more is not to be thrown at.
    this.on('error', () => {})
  }

  /**
   * Hands one on past everything that a Readable does to keep it, which costs more than all the rest of its way.
   *
   * @returns false where nobody takes it now: it is to be read in its turn
   */
  deliver(message: RtmpMessage): boolean {
    if (this.readableFlowing !== true || this.readableLength > 0 || this.destroyed) return false
    return this.emit('data', message)
  }

  /** There is more to read. */
  pump(): void {
    while (this.#isWanted) {
      const message = this.#source.next()
      if (message === undefined) {
        if (!this.#isComplete) return
        this.#isWanted = false
        this.push(null)
        return
      }
      this.#isWanted = this.push(message)
    }
  }

  /** It ends after what there is to read. */
  complete(): void {
    this.#isComplete = true
    this.pump()
  }

  override _read(): void {
    this.#isWanted = true
    this.pump()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#isWanted = false
    this.#source.closed(error)
    done(error)
  }
}
