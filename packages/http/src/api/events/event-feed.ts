import { Readable } from 'node:stream'

/** Bytes that may wait for a client that keeps up: what has just been sent. */
const few = 16 * 1024

/** Server-sent events for one client, as they are written on the wire. */
export class EventFeed extends Readable {
  readonly #maxBuffered: number
  /** Bytes of the newest report, which may be more than all else that may wait. */
  #reportLength = 0
  #isFinished = false

  /** @param maxBuffered bytes that may wait for the client, before it is ended */
  constructor(maxBuffered: number) {
    super({ highWaterMark: 64 * 1024 })
    this.#maxBuffered = maxBuffered
  }

  /** Sends something. A client that has not read for too long is ended: it may come back, and go on where it was. */
  send(text: string): void {
    if (this.#isOver) return
    this.push(text)
    if (this.readableLength > this.#maxBuffered + this.#reportLength) this.destroy()
  }

  /** True when the client has taken all that was sent, but for a few events. */
  get keepsUp(): boolean {
    return this.readableLength < few
  }

  /** Sends what is worth nothing as soon as there is something newer: only to who keeps up. */
  sendReport(text: string): void {
    if (this.#isOver || !this.keepsUp) return
    this.#reportLength = Buffer.byteLength(text)
    this.push(text)
  }

  /** Nothing comes any more. Nobody waits for a client that does not read. */
  finish(): void {
    if (this.#isOver) return
    if (!this.keepsUp) return void this.destroy()
    this.#isFinished = true
    this.push(null)
  }

  get #isOver(): boolean {
    return this.#isFinished || this.destroyed
  }

  // What happens is sent when it happens; whoever asks for more has to wait.
  override _read(): void {}
}
