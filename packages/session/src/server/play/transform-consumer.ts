import { LimitError, type MessageBatch, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import type { Lag } from '../../contract/info.ts'
import type { DropCounts } from '../../live/lag/drop-counts.ts'
import { LagQueue } from '../../live/lag/lag-queue.ts'
import { defaultLagLimits } from '../../contract/slow-consumer.ts'
import type { StreamCodec } from '../../contract/stream-view.ts'
import type { StreamConsumer } from '../../live/stream-consumer.ts'
import { slowConsumerPolicy } from '../../live/lag/slow-consumer.ts'

/** Feeds a live stream into a player's Transforms; when they lag, messages are dropped as for any slow player. */
export class TransformConsumer implements StreamConsumer {
  readonly gathers: boolean
  readonly #entry: Duplex
  readonly #player: StreamConsumer
  /**
   * Messages that came while none waited. They are no lag, however many they are: a late player begins with a whole
   * group of pictures.
   */
  readonly #atHand: RtmpMessage[] = []
  /** Messages that came after those, and lag. */
  readonly #queue: LagQueue
  readonly #policy = slowConsumerPolicy('drop')
  readonly #onTaken = (): void => {
    this.#untaken -= 1
    this.#tellEnd()
  }
  #untaken = 0
  #endPending = false

  /**
   * @param player what is told of publishers coming and going
   * @param drops counts what players are not sent
   */
  constructor(entry: Duplex, player: StreamConsumer, drops?: DropCounts) {
    this.#queue = new LagQueue(defaultLagLimits, drops)
    this.#entry = entry
    this.#player = player
    this.gathers = player.gathers ?? false
    entry.on('drain', () => this.#pump())
  }

  /** What waits for the Transforms. */
  get lag(): Lag {
    return this.#queue
  }

  /** Messages thrown away because the Transforms lagged. */
  get dropped(): number {
    return this.#queue.dropped
  }

  waitForKeyframe(): void {
    this.#queue.waitForKeyframe()
  }

  deliver(batch: MessageBatch): void {
    const keepsUp = !this.#isWaiting
    const arrival = performance.now()
    for (const message of batch.messages) this.#queue.push(message, arrival)
    if (keepsUp) this.#takeInHand()
    this.#pump()
    if (!this.#queue.isOverLimit || this.#policy(this.#queue) !== 'end') return
    this.#entry.destroy(
      new LimitError('RTMP_ERR_SLOW_CONSUMER', `the bindPlay stages lag by ${this.#queue.bytes} bytes`),
    )
  }

  codecKnown(codec: StreamCodec): void {
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

  /** Messages that wait are left out, because the player pauses. The next one begins anew. */
  clear(): void {
    this.#atHand.length = 0
    this.#queue.clear()
    this.#queue.markNext()
    this.#tellEnd()
  }

  get #isWaiting(): boolean {
    return this.#atHand.length > 0 || this.#queue.length > 0
  }

  /** Messages go through the queue in every case, because the queue knows what may come after a hole. */
  #takeInHand(): void {
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      this.#atHand.push(message)
    }
  }

  #pump(): void {
    while (this.#entry.writable && !this.#entry.writableNeedDrain) {
      const message = this.#atHand.shift() ?? this.#queue.shift()
      if (message === undefined) break
      this.#untaken += 1
      this.#entry.write(message, this.#onTaken)
    }
  }

  #tellEnd(): void {
    if (!this.#endPending || this.#untaken > 0 || this.#isWaiting) return
    // Messages that the Transforms have taken are on their way, unless the Transforms keep them.
    setImmediate(() => {
      if (!this.#endPending) return
      this.#endPending = false
      this.#player.publishEnded()
    })
  }
}
