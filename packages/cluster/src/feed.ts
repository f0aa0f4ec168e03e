import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { LiveStream, PlayInfo, StreamConsumer } from '@rtmpipe/session'
import { finished } from 'readable-stream'
import type { Readable } from 'node:stream'
import type { Fabric, StreamKey } from './fabric.ts'

/** Publishes here, for the players of this process, what another process publishes. */
export class Feed {
  /** For whom; the feed is to be ended after the last. */
  readonly players: Set<PlayInfo> = new Set()
  /** Resolves after {@link Feed.end}; rejects when the fabric fails. */
  readonly ended: Promise<void>
  readonly #stream: LiveStream
  readonly #abort = new AbortController()
  /** A seat of our own, which is told when a publish of this process has ended. */
  readonly #seat: StreamConsumer
  #messages: Readable | undefined
  #minEpoch = 0
  #wake: (() => void) | undefined

  constructor(fabric: Fabric, key: StreamKey, stream: LiveStream) {
    this.#stream = stream
    this.#seat = { deliver() {}, publishStarted() {}, publishEnded: () => this.#wake?.() }
    stream.attach(this.#seat)
    this.ended = this.#follow(fabric, key)
  }

  /** Makes way for a publisher of this process, who has the name now: what was published before `epoch` is over. */
  yield(epoch: number): void {
    this.#minEpoch = epoch
    this.#stop()
    this.#wake?.()
  }

  end(): void {
    this.#abort.abort()
    this.#stop()
    this.#stream.detach(this.#seat)
    this.#wake?.()
  }

  async #follow(fabric: Fabric, key: StreamKey): Promise<void> {
    const { signal } = this.#abort
    for await (const { epoch, messages } of fabric.join(key, { signal })) {
      // Ours that has just lost the name may still be on its way out.
      while (this.#stream.isPublishing && !signal.aborted && epoch >= this.#minEpoch) {
        await new Promise<void>(resolve => (this.#wake = resolve))
      }
      if (signal.aborted || epoch < this.#minEpoch) messages.destroy()
      else await this.#publish(messages)
    }
  }

  async #publish(messages: Readable): Promise<void> {
    this.#messages = messages
    this.#stream.startPublish()
    messages.on('data', (message: RtmpMessage) => this.#write(messages, message))
    // With the publish, or with an error: for the players it has ended either way.
    await new Promise<void>(resolve => finished(messages, { writable: false }, () => resolve()))
    if (this.#messages === messages) this.#stop()
  }

  #write(messages: Readable, message: RtmpMessage): void {
    if (this.#messages !== messages) return
    try {
      if (this.#stream.write(message)) return
    } catch (error) {
      messages.destroy(error as Error)
      return
    }
    messages.pause()
    void this.#stream.writable().then(() => messages.resume())
  }

  #stop(): void {
    const messages = this.#messages
    if (messages === undefined) return
    this.#messages = undefined
    messages.destroy()
    this.#stream.endPublish()
  }
}
