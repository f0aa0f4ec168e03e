import { LimitError, type MessageBatch } from '@rtmpipe/chunk-stream'
import { Readable } from 'readable-stream'
import { defaultLagLimits, type LagLimits, LagQueue } from './lag/lag-queue.ts'
import type { LiveStream, StreamConsumer } from './live-stream.ts'
import { type SlowConsumerPolicy, slowConsumerPolicy, type WhenSlow } from './lag/slow-consumer.ts'

export interface SubscriptionOptions extends Partial<LagLimits> {
  /** What happens when the reader lags past the limits; default `drop`. */
  readonly whenSlow?: WhenSlow
  /**
   * Stay when the publish ends and go on with the next; `expected` is as long as the publisher is expected back, see
   * {@link LiveStream.keepOpen}. Default false.
   */
  readonly follow?: boolean | 'expected'
}

/**
 * A Readable of a live stream's messages. Made by {@link LiveStream.subscribe}. After a hole, or when a publisher came
 * back, the first message carries `discontinuity`.
 *
 * Fails with LimitError `RTMP_ERR_SLOW_CONSUMER` when its policy says so.
 */
export class Subscription extends Readable implements StreamConsumer {
  readonly #stream: LiveStream
  readonly #queue: LagQueue
  readonly #policy: SlowConsumerPolicy
  readonly #follow: boolean | 'expected'
  #wantsMore = false
  #ended = false
  #holds = false
  #joined = false

  constructor(stream: LiveStream, options: SubscriptionOptions = {}) {
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

  /** Messages thrown away because the reader lagged. */
  get dropped(): number {
    return this.#queue.dropped
  }

  waitForKeyframe(): void {
    this.#queue.waitForKeyframe()
  }

  deliver(batch: MessageBatch): void {
    if (this.#ended) return
    for (const message of batch.messages) this.#queue.push(message)
    this.#pump()
    // What a late consumer begins with may be longer than the limits: it has had no chance to read it.
    if (this.#joined) this.#relieve()
  }

  publishStarted(): void {}

  publishEnded(): void {
    if (this.#follow === true) return
    this.#ended = true
    this.#stream.detach(this)
    this.#pump()
  }

  publishLeft(): void {
    if (this.#follow === false) this.publishEnded()
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
    if (verdict === 'pause') this.#hold()
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
    if (this.#holds && this.#queue.isHalfEmpty) {
      this.#holds = false
      this.#stream.release(this)
    }
    if (this.#ended && this.#queue.length === 0 && !this.readableEnded) this.push(null)
  }

  #hold(): void {
    this.#holds = true
    this.#stream.hold(this)
  }
}
