import type { RtmpMessage } from './message.ts'

/** A message on its way out chunk by chunk (RTMP 1.0 §5.3.1), so that others can go in between. */
export class OutgoingMessage {
  readonly #payload: Buffer
  #header: Buffer
  /** The header of all chunks but the first. */
  readonly #continuation: Buffer
  #sent = 0

  constructor(message: RtmpMessage, header: Buffer, continuation: Buffer) {
    this.#payload = message.payload
    this.#header = header
    this.#continuation = continuation
  }

  get done(): boolean {
    return this.#sent === this.#payload.length
  }

  /** The next chunk: its header, and its payload as a slice of the message's. */
  next(chunkSize: number): [header: Buffer, payload: Buffer] {
    const header = this.#header
    this.#header = this.#continuation
    const payload = this.#payload.subarray(this.#sent, this.#sent + chunkSize)
    this.#sent += payload.length
    return [header, payload]
  }
}
