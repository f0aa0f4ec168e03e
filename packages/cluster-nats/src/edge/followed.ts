import type { JoinedStream } from '@rtmpipe/cluster'

/** Joined streams, read one after the other; who reads slowly misses all but the newest. */
export class Followed {
  #newest: JoinedStream | undefined
  #isOver = false
  #wake = (): void => {}

  joined(stream: JoinedStream): void {
    if (this.#isOver) return void stream.messages.destroy()
    this.#newest?.messages.destroy()
    this.#newest = stream
    this.#wake()
  }

  /** Nothing more is read. */
  end(): void {
    this.#isOver = true
    this.#newest?.messages.destroy()
    this.#newest = undefined
    this.#wake()
  }

  /** The newest that has not been read and has not failed, as soon as there is one; undefined after the end. */
  async next(): Promise<JoinedStream | undefined> {
    while (!this.#isOver) {
      const stream = this.#newest
      this.#newest = undefined
      if (stream !== undefined && !stream.messages.destroyed) return stream
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
    return undefined
  }
}
