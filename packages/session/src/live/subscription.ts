import { LimitError, type MessageBatch } from '@rtmpipe/chunk-stream'
import { Readable } from 'readable-stream'
import { defaultLagLimits, type SlowConsumerPolicy } from '../contract/slow-consumer.ts'
import type { SubscriptionOptions } from '../contract/stream-view.ts'
import { LagQueue } from './lag/lag-queue.ts'
import { slowConsumerPolicy } from './lag/slow-consumer.ts'
import type { ConsumedStream, StreamConsumer } from './stream-consumer.ts'

/** What {@link StreamView.subscribe} returns. */
export class StreamSubscription extends Readable implements StreamConsumer {
  readonly isViewer: boolean = false
  readonly #stream: ConsumedStream
  readonly #queue: LagQueue
  readonly #policy: SlowConsumerPolicy
  readonly #follow: boolean | 'expected'
  #wantsMore = false
  #ended = false
  #pauses = false
  #joined = false

  constructor(stream: ConsumedStream, options: SubscriptionOptions = {}) {
    super({ objectMode: true })
    this.#stream = stream
    this.#queue = new LagQueue({
      maxBytes: options.maxBytes ?? defaultLagLimits.maxBytes,
      maxDuration: options.maxDuration ?? defaultLagLimits.maxDuration,
    })
    this.#policy = slowConsumerPolicy(options.whenSlow ?? 'drop')
    this.#follow = options.follow ?? false
    stream.attach(this)
    this.#joined = true
  }

  get dropped(): number {
    return this.#queue.dropped
  }

  waitForKeyframe(): void {
    this.#queue.waitForKeyframe()
  }

  deliver(batch: MessageBatch): void {
    if (this.#ended) return
    const arrival = performance.now()
    for (const message of batch.messages) this.#queue.push(message, arrival)
    this.#pump()
    // The first messages of a late consumer may exceed the limits: it has had no chance to read them yet.
    if (this.#joined) this.#relieve()
  }

  publishStarted(): void {}

  publishEnded(): void {
    if (this.#follow !== true) this.finish()
  }

  publishLeft(): void {
    if (this.#follow === false) this.finish()
  }

  finish(): void {
    this.#ended = true
    this.#stream.detach(this)
    this.#pump()
  }

  override _read(): void {
    this.#wantsMore = true
    this.#pump()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ended = true
    this.#queue.clear()
    this.#stream.detach(this)
    done(error)
  }

  #relieve(): void {
    if (!this.#queue.isOverLimit) return
    const verdict = this.#policy(this.#queue)
    if (verdict === 'pause') this.#pausePublisher()
    else if (verdict === 'end') {
      const { bytes, duration } = this.#queue
      this.destroy(new LimitError('RTMP_ERR_SLOW_CONSUMER', `the reader lags by ${bytes} bytes, ${duration} ms`))
    }
  }

  #pump(): void {
    while (this.#wantsMore) {
      const message = this.#queue.shift()
      if (message === undefined) break
      this.#wantsMore = this.push(message)
    }
    if (this.#pauses && this.#queue.isHalfEmpty) {
      this.#pauses = false
      this.#stream.resume(this)
    }
    if (this.#ended && this.#queue.length === 0 && !this.readableEnded) this.push(null)
  }

  #pausePublisher(): void {
    this.#pauses = true
    this.#stream.pause(this)
  }
}
