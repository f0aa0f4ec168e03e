import type { Duplex } from 'node:stream'
import { OutgoingMessages } from './outgoing-messages.ts'

/**
 * The outgoing direction over a byte stream that takes all that is written, whether the peer reads or not. Only the peer's
 * acknowledgements (RTMP 1.0 §5.4.3) tell then what has arrived: what is sent beyond a maximum and not acknowledged counts
 * as not taken.
 */
export class AcknowledgedMessages extends OutgoingMessages {
  readonly #max: number
  readonly #onRoom: () => void
  #acknowledged = 0
  /** Chunks of a long message that wait for an acknowledgement. */
  #next: (() => void) | undefined

  /**
   * @param onRoom called when messages that had to wait may be written, and when a long one is through
   * @param max bytes that may be on their way
   */
  constructor(stream: Duplex, onRoom: () => void, max: number) {
    super(stream, onRoom)
    this.#onRoom = onRoom
    this.#max = max
  }

  override get unsent(): number {
    return Math.max(super.unsent, this.#late)
  }

  override get full(): boolean {
    return this.#late > 0 || super.full
  }

  override acknowledged(total: number): void {
    const wasLate = this.#late > 0
    this.#acknowledged = total
    if (!wasLate || this.#late > 0) return
    const next = this.#next
    this.#next = undefined
    next?.()
    if (!this.full) this.#onRoom()
  }

  protected override whenTaken(next: () => void): void {
    super.whenTaken(() => {
      if (this.#late > 0 && this.writable) this.#next = next
      else next()
    })
  }

  /** Bytes beyond what may be on their way. */
  get #late(): number {
    return Math.max(this.sent - this.#acknowledged - this.#max, 0)
  }
}
