import { MessageBatch, type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import { ContinuousTime } from './continuous-time.ts'
import { FanOut } from './fan-out.ts'
import { defaultGopCacheLimits, type GopCacheLimits } from './cache/gop-cache.ts'
import type { ConnectionInfo } from '../contract/connection-info.ts'
import type { StreamCodec, StreamView, Subscription, SubscriptionOptions } from '../contract/stream-view.ts'
import { isStreamMessage, mediaRole } from '../protocol/media-role.ts'
import { StreamCache } from './cache/stream-cache.ts'
import { StreamCodecs } from './cache/stream-codecs.ts'
import type { ConsumedStream, StreamConsumer } from './stream-consumer.ts'
import { StreamSubscription } from './subscription.ts'
import { supply } from './supply.ts'

/** How a live stream goes out, and what late players begin with. */
export interface LiveStreamOptions {
  /** Milliseconds for which messages may be held to go out together; 0 is every turn of the event loop. Default 20. */
  readonly mergeWindow?: number
  /** Start late players at the last keyframe; limits, or `false` for none. Default on. */
  readonly gopCache?: Partial<GopCacheLimits> | boolean
}

/**
 * Most bytes that a message can have (24 bits). Longer ones are refused here, where only their publisher is affected.
 */
const maxMessageLength = 0xffffff

/**
 * Takes the messages of one publisher to any number of consumers, and keeps what late consumers need to begin. It
 * outlives its publisher as long as somebody waits for the next one; for consumers that stay, time goes on.
 */
export class LiveStream implements StreamView, ConsumedStream {
  /** Application with its instance. */
  readonly app: string
  /** Stream name, without query. */
  readonly name: string
  /** Called whenever a consumer has left and none is there any more. */
  deserted: () => void = () => {}
  readonly #fanOut: FanOut<StreamConsumer>
  readonly #unmergedFanOut = new FanOut<StreamConsumer>(0)
  readonly #cache: StreamCache
  readonly #codecs = new StreamCodecs()
  /** Consumers that ask the publisher to pause. */
  readonly #pausers = new Set<object>()
  readonly #keepers = new Set<object>()
  readonly #onIdle: (stream: LiveStream) => void
  #isPublishing = false
  #publisher: ConnectionInfo | undefined
  #since = 0
  #bytes = 0
  /** True when the publisher has left and is expected back; consumers have not been told of the end. */
  #isExpected = false
  #snapshot: MessageBatch | undefined
  /** Time of the stream: a returning publisher may begin at 0 again, and for consumers that stayed time goes on. */
  readonly #time = new ContinuousTime()
  #wakeWriter: (() => void) | undefined
  #writable: Promise<void> | undefined

  constructor(
    app: string,
    name: string,
    options: LiveStreamOptions = {},
    onIdle: (stream: LiveStream) => void = () => {},
  ) {
    const { mergeWindow = 20, gopCache = true } = options
    this.app = app
    this.name = name
    this.#fanOut = new FanOut<StreamConsumer>(mergeWindow)
    this.#cache = new StreamCache(
      gopCache === false ? false : { ...defaultGopCacheLimits, ...(gopCache === true ? {} : gopCache) },
    )
    this.#onIdle = onIdle
  }

  /** True while somebody publishes. */
  get isPublishing(): boolean {
    return this.#isPublishing
  }

  get isLive(): boolean {
    return this.#isPublishing || this.#isExpected
  }

  get publisher(): ConnectionInfo | undefined {
    return this.#publisher
  }

  get since(): Date | undefined {
    return this.#isPublishing ? new Date(this.#since) : undefined
  }

  get bytes(): number {
    return this.#bytes
  }

  get codecs(): readonly StreamCodec[] {
    return this.#codecs.all
  }

  get consumerCount(): number {
    return this.#fanOut.size + this.#unmergedFanOut.size
  }

  /** True when there is neither a publisher, here or expected back, nor a consumer. */
  get isIdle(): boolean {
    return !this.isLive && this.consumerCount === 0
  }

  /**
   * @param publisher who publishes, if it is a client of this server
   * @throws UsageError when somebody publishes already
   */
  startPublish(publisher?: ConnectionInfo): void {
    if (this.#isPublishing)
      throw new UsageError('RTMP_ERR_STREAM_BUSY', `${this.app}/${this.name} is being published already`)
    this.#isPublishing = true
    this.#publisher = publisher
    this.#since = Date.now()
    this.#bytes = 0
    this.#time.break()
    if (this.#isExpected) {
      this.#isExpected = false
      this.#forget()
      return
    }
    for (const consumer of this.#consumers()) consumer.publishStarted()
  }

  /** The publisher has left; nothing happens when there is none. */
  endPublish(): void {
    if (!this.#isPublishing) return
    this.#fanOut.flush()
    this.#unmergedFanOut.flush()
    this.#isPublishing = false
    this.#publisher = undefined
    if (this.#keepers.size === 0) return this.#tellEnd()
    this.#isExpected = true
    for (const consumer of this.#consumers()) consumer.publishLeft?.()
  }

  keepOpen(): () => void {
    const keeper = {}
    this.#keepers.add(keeper)
    return () => {
      if (!this.#keepers.delete(keeper) || this.#keepers.size > 0 || !this.#isExpected) return
      this.#isExpected = false
      this.#tellEnd()
    }
  }

  /**
   * Takes the next message of the publisher.
   *
   * @throws UsageError for what is neither audio, video nor data, or too long for a message
   * @returns false when a consumer asks for a pause: wait for {@link LiveStream.writable} before writing on
   */
  write(message: RtmpMessage): boolean {
    if (!isStreamMessage(message)) {
      throw new UsageError('RTMP_ERR_STREAM_MESSAGE', `message type ${message.messageTypeId} has no place in a stream`)
    }
    if (message.payload.length > maxMessageLength) {
      throw new UsageError(
        'RTMP_ERR_MESSAGE_TOO_LONG',
        `message of ${message.payload.length} bytes, more than ${maxMessageLength}`,
      )
    }
    const role = mediaRole(message)
    const stamped = this.#time.stamp(message)
    this.#cache.add(stamped, role)
    for (const codec of this.#codecs.note(stamped, role)) {
      if (codec.isEnhanced) for (const consumer of this.#consumers()) consumer.codecKnown?.(codec)
    }
    this.#bytes += message.payload.length
    this.#snapshot = undefined
    this.#fanOut.push(stamped)
    this.#unmergedFanOut.push(stamped)
    return this.#pausers.size === 0
  }

  /** Resolves when no consumer asks for a pause any more. */
  writable(): Promise<void> {
    if (this.#pausers.size === 0) return Promise.resolve()
    this.#writable ??= new Promise(resolve => {
      this.#wakeWriter = resolve
    })
    return this.#writable
  }

  /** Late consumers get no metadata until new comes. */
  clearMetadata(): void {
    this.#cache.clearMetadata()
    this.#snapshot = undefined
  }

  get metadata(): Buffer | undefined {
    return this.#cache.metadata?.payload
  }

  subscribe(options: SubscriptionOptions = {}): Subscription {
    return new StreamSubscription(this, options) as Subscription
  }

  supply(messages: Readable): () => void {
    return supply(this, messages)
  }

  attach(consumer: StreamConsumer): void {
    this.#fanOutFor(consumer).add(consumer)
    this.#snapshot ??= new MessageBatch(this.#cache.snapshot())
    if (consumer.codecKnown) {
      for (const codec of this.#codecs.all) if (codec.isEnhanced) consumer.codecKnown(codec)
    }
    if (this.#cache.isMidGroup) consumer.waitForKeyframe?.()
    if (this.#snapshot.messages.length > 0) consumer.deliver(this.#snapshot)
  }

  /** A consumer leaves: it gets nothing more, and holds the publisher no more. */
  detach(consumer: StreamConsumer): void {
    this.#fanOutFor(consumer).delete(consumer)
    this.resume(consumer)
    if (this.consumerCount === 0) this.deserted()
    this.#tellIfIdle()
  }

  /** Asks the publisher to pause until {@link LiveStream.resume}. */
  pause(consumer: object): void {
    this.#pausers.add(consumer)
  }

  /** Takes back a {@link LiveStream.pause}; nothing happens when there is none. */
  resume(consumer: object): void {
    if (!this.#pausers.delete(consumer) || this.#pausers.size > 0) return
    this.#wakeWriter?.()
    this.#wakeWriter = this.#writable = undefined
  }

  #fanOutFor(consumer: StreamConsumer): FanOut<StreamConsumer> {
    return consumer.gathers ? this.#unmergedFanOut : this.#fanOut
  }

  #consumers(): StreamConsumer[] {
    return [...this.#fanOut.consumers(), ...this.#unmergedFanOut.consumers()]
  }

  #tellEnd(): void {
    this.#forget()
    for (const consumer of this.#consumers()) consumer.publishEnded()
    if (this.consumerCount === 0) this.#time.forget()
    this.#tellIfIdle()
  }

  /** What late consumers would begin with. */
  #forget(): void {
    this.#cache.clear()
    this.#codecs.clear()
    this.#snapshot = undefined
  }

  #tellIfIdle(): void {
    if (this.isIdle) this.#onIdle(this)
  }
}
