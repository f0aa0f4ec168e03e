import { MessageBatch, type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import { ContinuousTime } from './continuous-time.ts'
import { type Consumer, FanOut } from './fan-out.ts'
import { defaultGopCacheLimits, type GopCacheLimits } from './cache/gop-cache.ts'
import { isStreamMessage, mediaRole } from '../protocol/media-role.ts'
import { StreamCache } from './cache/stream-cache.ts'
import { type EnhancedCodec, StreamCodecs } from './cache/stream-codecs.ts'
import { Subscription, type SubscriptionOptions } from './subscription.ts'

/** A consumer that is also told when publishers come and go. */
export interface StreamConsumer extends Consumer {
  publishStarted(): void
  publishEnded(): void
  /** The publisher has left and is expected back: not the end for players. */
  publishLeft?(): void
  /** Told once per codec that needs Enhanced RTMP, before its media comes. */
  codecKnown?(codec: EnhancedCodec): void
  /** True when messages are to come without a merge window. */
  readonly isPrompt?: boolean
  /** Joins in the middle of a group of pictures: what comes before the next keyframe can't be decoded. */
  waitForKeyframe?(): void
}

export interface LiveStreamOptions {
  /** Milliseconds for which messages may be held to go out together; 0 is every turn of the event loop. Default 20. */
  readonly mergeWindow?: number
  /** Start late players at the last keyframe; limits, or `false` for none. Default on. */
  readonly gopCache?: Partial<GopCacheLimits> | boolean
}

/** What 24 bits can tell. Refused here, where it concerns its publisher alone. */
const maxMessageLength = 0xffffff

/**
 * The messages of one publisher on their way to any number of consumers, and what late ones need to begin. It outlives
 * its publisher as long as somebody waits for the next; time goes on for those who stay.
 */
export class LiveStream {
  readonly app: string
  readonly name: string
  readonly #fanOut: FanOut<StreamConsumer>
  readonly #promptFanOut = new FanOut<StreamConsumer>(0)
  readonly #cache: StreamCache
  readonly #codecs = new StreamCodecs()
  readonly #holders = new Set<object>()
  readonly #keepers = new Set<object>()
  readonly #onIdle: (stream: LiveStream) => void
  #isPublishing = false
  /** The publisher has left, and nobody has been told. */
  #isExpected = false
  #snapshot: MessageBatch | undefined
  /** A returning publisher may begin at 0 again; for those who stayed time goes on. */
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

  get isPublishing(): boolean {
    return this.#isPublishing
  }

  /** True while somebody publishes, or has left and is expected back, see {@link LiveStream.keepOpen}. */
  get isLive(): boolean {
    return this.#isPublishing || this.#isExpected
  }

  /** Players, recorders and whoever else listens. */
  get consumerCount(): number {
    return this.#fanOut.size + this.#promptFanOut.size
  }

  /** True when there is neither a publisher, here or expected back, nor a consumer. */
  get isIdle(): boolean {
    return !this.isLive && this.consumerCount === 0
  }

  /** @throws UsageError when somebody publishes already */
  startPublish(): void {
    if (this.#isPublishing)
      throw new UsageError('RTMP_ERR_STREAM_BUSY', `${this.app}/${this.name} is being published already`)
    this.#isPublishing = true
    this.#time.break()
    if (this.#isExpected) {
      this.#isExpected = false
      this.#forget()
      return
    }
    for (const consumer of this.#consumers()) consumer.publishStarted()
  }

  endPublish(): void {
    if (!this.#isPublishing) return
    this.#fanOut.flush()
    this.#promptFanOut.flush()
    this.#isPublishing = false
    if (this.#keepers.size === 0) return this.#tellEnd()
    this.#isExpected = true
    for (const consumer of this.#consumers()) consumer.publishLeft?.()
  }

  /**
   * No player is told of an end of the publish until the function it returns is called: they stay, late ones get what the
   * publisher left, and all go on with the next publisher as if it were the same. Subscriptions end with the publish all the
   * same, unless their `follow` is set.
   */
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
      for (const consumer of this.#consumers()) consumer.codecKnown?.(codec)
    }
    this.#snapshot = undefined
    this.#fanOut.push(stamped)
    this.#promptFanOut.push(stamped)
    return this.#holders.size === 0
  }

  /** Resolves when no consumer holds the publisher any more. */
  writable(): Promise<void> {
    if (this.#holders.size === 0) return Promise.resolve()
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

  /** Payload of the newest `onMetaData` message, if there is one. */
  get metadata(): Buffer | undefined {
    return this.#cache.metadata?.payload
  }

  /**
   * A Readable of messages: metadata, sequence headers and the cached group of pictures, then the live messages, without
   * hole or double. It ends when the publish ends, unless `follow` is set.
   */
  subscribe(options: SubscriptionOptions = {}): Subscription {
    return new Subscription(this, options)
  }

  /** Joins a consumer: it gets the snapshot at once, then every batch. */
  attach(consumer: StreamConsumer): void {
    this.#fanOutFor(consumer).add(consumer)
    this.#snapshot ??= new MessageBatch(this.#cache.snapshot())
    if (consumer.codecKnown) for (const codec of this.#codecs.all) consumer.codecKnown(codec)
    if (this.#cache.isMidGroup) consumer.waitForKeyframe?.()
    if (this.#snapshot.messages.length > 0) consumer.deliver(this.#snapshot)
  }

  detach(consumer: StreamConsumer): void {
    this.#fanOutFor(consumer).delete(consumer)
    this.release(consumer)
    this.#tellIfIdle()
  }

  /** Asks the publisher to pause until {@link LiveStream.release}. */
  hold(consumer: object): void {
    this.#holders.add(consumer)
  }

  release(consumer: object): void {
    if (!this.#holders.delete(consumer) || this.#holders.size > 0) return
    this.#wakeWriter?.()
    this.#wakeWriter = this.#writable = undefined
  }

  #fanOutFor(consumer: StreamConsumer): FanOut<StreamConsumer> {
    return consumer.isPrompt ? this.#promptFanOut : this.#fanOut
  }

  #consumers(): StreamConsumer[] {
    return [...this.#fanOut.consumers(), ...this.#promptFanOut.consumers()]
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
