import type { MessageBatch } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import { LagQueue } from '../live/lag-queue.ts'
import type { StreamConsumer } from '../live/live-stream.ts'
import { slowConsumerPolicy } from '../live/slow-consumer.ts'

/** Feeds a live stream into a player's Transforms; when they lag, messages are dropped as for any slow player. */
export class TransformConsumer implements StreamConsumer {
  readonly #entry: Duplex
  readonly #player: StreamConsumer
  readonly #queue = new LagQueue()
  readonly #policy = slowConsumerPolicy('drop')

  /** @param player what is told of publishers coming and going */
  constructor(entry: Duplex, player: StreamConsumer) {
    this.#entry = entry
    this.#player = player
    entry.on('drain', () => this.#pump())
  }

  deliver(batch: MessageBatch): void {
    for (const message of batch.messages) this.#queue.push(message)
    if (this.#queue.isOverLimit && this.#policy(this.#queue) === 'end') this.#queue.clear()
    this.#pump()
  }

  publishStarted(): void {
    this.#player.publishStarted()
  }

  publishEnded(): void {
    this.#player.publishEnded()
  }

  #pump(): void {
    while (this.#entry.writable && !this.#entry.writableNeedDrain) {
      const message = this.#queue.shift()
      if (message === undefined) return
      this.#entry.write(message)
    }
  }
}
