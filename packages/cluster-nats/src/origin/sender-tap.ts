import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { StreamTap } from '@rtmpipe/session'
import type { FrameSender } from './frame-sender.ts'

/** Takes a stream to its sender. What the stream begins with comes first, and is for whoever has joined. */
export class SenderTap implements StreamTap {
  readonly end: () => void
  readonly #sender: FrameSender
  #hasBegun = false
  #beginning: readonly RtmpMessage[] = []

  /** @param end called when the publish has ended */
  constructor(sender: FrameSender, end: () => void) {
    this.#sender = sender
    this.end = end
  }

  /** What the stream begins with; empty once what comes is sent. */
  get beginning(): readonly RtmpMessage[] {
    return this.#beginning
  }

  /** From here on what comes is sent. */
  begin(): void {
    this.#hasBegun = true
    this.#beginning = []
  }

  take(messages: readonly RtmpMessage[]): void {
    if (this.#hasBegun) this.#sender.send(messages)
    else this.#beginning = messages
  }
}
