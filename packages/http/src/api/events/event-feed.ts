import { Readable } from 'node:stream'

/** Server-sent events for one client, as they are written on the wire. */
export class EventFeed extends Readable {
  readonly #maxBuffered: number

  /** @param maxBuffered bytes that may wait for the client, before it is ended */
  constructor(maxBuffered: number) {
    super({ highWaterMark: 64 * 1024 })
    this.#maxBuffered = maxBuffered
  }

  /** Sends something. A client that has not read for too long is ended: it may come back, and go on where it was. */
  send(text: string): void {
    if (this.destroyed || this.readableEnded) return
    this.push(text)
    if (this.readableLength > this.#maxBuffered) this.destroy()
  }

  /** Nothing comes any more. */
  finish(): void {
    if (!this.destroyed) this.push(null)
  }

  // What happens is sent when it happens; whoever asks for more has to wait.
  override _read(): void {}
}
