import { LimitError, type MessageBatch } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import { LagQueue } from '../live/lag-queue.ts'
import type { StreamConsumer } from '../live/live-stream.ts'
import type { EnhancedCodec } from '../live/stream-codecs.ts'
import { slowConsumerPolicy } from '../live/slow-consumer.ts'

/** Feeds a live stream into a player's Transforms; when they lag, messages are dropped as for any slow player. */
export class TransformConsumer implements StreamConsumer {
  readonly isPrompt: boolean
  readonly #entry: Duplex
  readonly #player: StreamConsumer
  readonly #queue = new LagQueue()
  readonly #policy = slowConsumerPolicy('drop')
  readonly #onTaken = (): void => {
    this.#untaken -= 1
    this.#tellEnd()
  }
  #untaken = 0
  #endPending = false

  /** @param player what is told of publishers coming and going */
  constructor(entry: Duplex, player: StreamConsumer) {
    this.#entry = entry
    this.#player = player
    this.isPrompt = player.isPrompt ?? false
    entry.on('drain', () => this.#pump())
  }

  /** Messages thrown away because the Transforms lagged. */
  get dropped(): number {
    return this.#queue.dropped
  }

  waitForKeyframe(): void {
    this.#queue.waitForKeyframe()
  }

  deliver(batch: MessageBatch): void {
    for (const message of batch.messages) this.#queue.push(message)
    this.#pump()
    if (!this.#queue.isOverLimit || this.#policy(this.#queue) !== 'end') return
    this.#entry.destroy(
      new LimitError('RTMP_ERR_SLOW_CONSUMER', `the bindPlay stages lag by ${this.#queue.bytes} bytes`),
    )
  }

  codecKnown(codec: EnhancedCodec): void {
    this.#player.codecKnown?.(codec)
  }

  publishStarted(): void {
    if (this.#endPending) this.#endPending = false
    else this.#player.publishStarted()
  }

  /** The player is told after the Transforms have taken everything that was published. */
  publishEnded(): void {
    this.#endPending = true
    this.#tellEnd()
  }

  #pump(): void {
    while (this.#entry.writable && !this.#entry.writableNeedDrain) {
      const message = this.#queue.shift()
      if (message === undefined) break
      this.#untaken += 1
      this.#entry.write(message, this.#onTaken)
    }
  }

  #tellEnd(): void {
    if (!this.#endPending || this.#untaken > 0 || this.#queue.length > 0) return
    // What they have taken is on its way through them, unless they keep it for themselves.
    setImmediate(() => {
      if (!this.#endPending) return
      this.#endPending = false
      this.#player.publishEnded()
    })
  }
}
