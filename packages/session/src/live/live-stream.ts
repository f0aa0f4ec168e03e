import { MessageBatch, type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import { Attachments } from './attachments.ts'
import { Audience } from './audience.ts'
import { ContinuousTime } from './continuous-time.ts'
import { FanOut } from './fan-out.ts'
import { defaultGopCacheLimits, type GopCacheLimits } from './cache/gop-cache.ts'
import type { ConnectionInfo } from '../contract/connection-info.ts'
import type {
  StreamCodec,
  StreamOrigin,
  StreamRecording,
  StreamRelay,
  StreamTap,
  StreamTiming,
  StreamView,
  Subscription,
  SubscriptionOptions,
} from '../contract/stream-view.ts'
import { isStreamMessage, mediaRole } from '../protocol/media-role.ts'
import type { Status } from '../protocol/status.ts'
import { withDetails } from './cache/codec-details.ts'
import { StreamCache } from './cache/stream-cache.ts'
import { StreamCodecs } from './cache/stream-codecs.ts'
import { MergeClock } from './merge-clock.ts'
import { Pausers } from './pausers.ts'
import { PublishTiming } from './publish-timing.ts'
import { RecentRate } from './recent-rate.ts'
import type { ConsumedStream, StreamConsumer } from './stream-consumer.ts'
import { StreamSubscription } from './subscription.ts'
import { supply } from './supply.ts'
import { TapConsumer } from './tap.ts'

/** Milliseconds. */
export const defaultMergeWindow = 20

/** How a live stream goes out, and what late players begin with. */
export interface LiveStreamOptions {
  /** Milliseconds for which messages may be held to go out together; 0 is every turn of the event loop. Default 20. */
  readonly mergeWindow?: number
  /** Start late players at the last keyframe; limits, or `false` for none. Default on. */
  readonly gopCache?: Partial<GopCacheLimits> | boolean
}

/** What a live stream tells its server. */
export interface StreamEvents {
  /** There is neither a publisher, here or expected back, nor a consumer. */
  idle?(stream: LiveStream): void
  /** It has begun: a publisher has come, and none was expected back. */
  started?(stream: LiveStream): void
  /** It has ended, and nobody is expected back. @param error of the last publisher's end */
  ended?(stream: LiveStream, error: Error | undefined): void
  /** A viewer has come or gone. */
  viewersChanged?(stream: LiveStream): void
  /** A recording has begun or ended. */
  recordingsChanged?(stream: LiveStream): void
  /** A relay has begun or ended, or has another state. */
  relaysChanged?(stream: LiveStream): void
}

/** Acts on a publish where it comes from. */
export interface PublishSource {
  /** Ends it; has to call {@link LiveStream.endPublish}. */
  end(status?: Status): void
  redirect?(streamName: string): void
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
  readonly #unmergedFanOut: FanOut<StreamConsumer>
  readonly #cache: StreamCache
  readonly #codecs = new StreamCodecs()
  /** Consumers that ask the publisher to pause; undefined before the first. */
  #pausers: Pausers | undefined
  readonly #keepers = new Set<object>()
  readonly #events: StreamEvents
  readonly #rate = new RecentRate()
  #isPublishing = false
  #publisher: ConnectionInfo | undefined
  #origin: StreamOrigin | undefined
  /** The present publish where it comes from. */
  #source: PublishSource | undefined
  /** What the last publish ended with. */
  #error: Error | undefined
  readonly #recordings = new Attachments<StreamRecording>(() => this.#events.recordingsChanged?.(this))
  readonly #relays = new Attachments<StreamRelay>(() => this.#events.relaysChanged?.(this))
  readonly #audience = new Audience()
  #since = 0
  #bytes = 0
  #timing = new PublishTiming()
  /** True when the publisher has left and is expected back; consumers have not been told of the end. */
  #isExpected = false
  #snapshot: MessageBatch | undefined
  /** Time of the stream: a returning publisher may begin at 0 again, and for consumers that stayed time goes on. */
  readonly #time = new ContinuousTime()

  /**
   * @param events who is told of what happens to it
   * @param maxMetadataLength bytes of the metadata kept for late players
   * @param clock of the merge windows, which streams of one server share
   */
  constructor(
    app: string,
    name: string,
    options: LiveStreamOptions = {},
    events: StreamEvents = {},
    maxMetadataLength?: number,
    clock: MergeClock = new MergeClock(options.mergeWindow ?? defaultMergeWindow),
  ) {
    const { gopCache = true } = options
    this.app = app
    this.name = name
    this.#fanOut = new FanOut<StreamConsumer>(clock)
    this.#unmergedFanOut = new FanOut<StreamConsumer>(clock, 0)
    this.#cache = new StreamCache(
      typeof gopCache === 'object' ? { ...defaultGopCacheLimits, ...gopCache } : gopCache && defaultGopCacheLimits,
      maxMetadataLength,
    )
    this.#events = events
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

  get origin(): StreamOrigin | undefined {
    return this.#origin
  }

  get since(): Date | undefined {
    return this.#isPublishing ? new Date(this.#since) : undefined
  }

  get bytes(): number {
    return this.#bytes
  }

  get sent(): number {
    return this.#audience.sent(this.#bytes)
  }

  get deliveryDelay(): number | undefined {
    const fanOut = this.#fanOut.size > 0 ? this.#fanOut : this.#unmergedFanOut
    return fanOut.size > 0 ? fanOut.delay : undefined
  }

  get timing(): StreamTiming {
    return this.#timing
  }

  get bitRate(): number {
    return this.#isPublishing ? this.#rate.bitsPerSecond(this.#bytes, performance.now()) : 0
  }

  /** Reads the counter of bytes, for {@link LiveStream.bitRate}; to be called every few seconds. */
  look(now: number): void {
    if (this.#isPublishing) this.#rate.look(this.#bytes, now)
  }

  get codecs(): readonly StreamCodec[] {
    return withDetails(this.#codecs.all, this.#cache.headers)
  }

  get consumerCount(): number {
    return this.#fanOut.size + this.#unmergedFanOut.size
  }

  get viewers(): number {
    return this.#audience.viewers
  }

  get recordings(): ReadonlySet<StreamRecording> {
    return this.#recordings.all
  }

  addRecording(recording: StreamRecording): () => void {
    return this.#recordings.add(recording)
  }

  get relays(): ReadonlySet<StreamRelay> {
    return this.#relays.all
  }

  addRelay(relay: StreamRelay): () => void {
    return this.#relays.add(relay)
  }

  /** True when there is neither a publisher, here or expected back, nor a consumer. */
  get isIdle(): boolean {
    return !this.isLive && this.consumerCount === 0
  }

  /**
   * @param publisher who publishes, if it is a client of this server
   * @param source what acts on the publish where it comes from
   * @throws UsageError when somebody publishes already
   */
  startPublish(
    publisher?: ConnectionInfo,
    source: PublishSource = { end: () => this.endPublish() },
    origin: StreamOrigin = publisher === undefined ? 'supply' : 'publisher',
  ): void {
    if (this.#isPublishing)
      throw new UsageError('RTMP_ERR_STREAM_BUSY', `${this.app}/${this.name} is being published already`)
    this.#isPublishing = true
    this.#publisher = publisher
    this.#origin = origin
    this.#source = source
    this.#rate.begin(performance.now())
    this.#since = Date.now()
    this.#audience.restart(this.#bytes)
    this.#bytes = 0
    this.#timing = new PublishTiming()
    this.#time.break()
    if (this.#isExpected) {
      this.#isExpected = false
      this.#forget()
      return
    }
    for (const consumer of this.#consumers()) consumer.publishStarted()
    this.#events.started?.(this)
  }

  /** The publisher has left; nothing happens when there is none. @param error what it has left with */
  endPublish(error?: Error): void {
    if (!this.#isPublishing) return
    this.#fanOut.flush()
    this.#unmergedFanOut.flush()
    this.#isPublishing = false
    this.#publisher = this.#origin = this.#source = undefined
    this.#error = error
    if (this.#keepers.size === 0) return this.#tellEnd()
    this.#isExpected = true
    for (const consumer of this.#consumers()) consumer.publishLeft?.()
  }

  end(status?: Status): void {
    this.#source?.end(status)
  }

  redirect(streamName: string): boolean {
    if (this.#source?.redirect === undefined) return false
    this.#source.redirect(streamName)
    return true
  }

  /** Ends the publish, and waits for nobody to come back. */
  close(): void {
    this.end()
    this.#keepers.clear()
    if (!this.#isExpected) return
    this.#isExpected = false
    this.#tellEnd()
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
    this.#timing.note(message, role)
    const stamped = this.#time.stamp(message)
    this.#cache.add(stamped, role)
    const codecs = this.#codecs.note(stamped, role)
    if (codecs.length > 0) this.#tellCodecs(codecs)
    this.#bytes += message.payload.length
    this.#snapshot = undefined
    this.#fanOut.push(stamped)
    this.#unmergedFanOut.push(stamped)
    return this.#pausers?.isEmpty ?? true
  }

  #tellCodecs(codecs: readonly StreamCodec[]): void {
    for (const codec of codecs) {
      if (codec.isEnhanced) for (const consumer of this.#consumers()) consumer.codecKnown?.(codec)
    }
  }

  /** Resolves when no consumer asks for a pause any more. */
  writable(): Promise<void> {
    return this.#pausers?.writable() ?? Promise.resolve()
  }

  /** Late consumers get the newest data message of that name too, from here on. */
  keepData(name: string): void {
    this.#cache.keepData(name)
  }

  /** Late consumers get no data of that name until new comes. */
  clearData(name: string): void {
    this.#cache.clearData(name)
    this.#snapshot = undefined
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

  tap(tap: StreamTap): () => void {
    const consumer = new TapConsumer(tap, () => this.detach(consumer))
    this.attach(consumer)
    return () => this.detach(consumer)
  }

  supply(messages: Readable, origin: StreamOrigin = 'supply'): () => void {
    return supply(this, messages, origin)
  }

  /** What late players begin with, for whoever keeps it. */
  get beginning(): readonly RtmpMessage[] {
    return new MessageBatch(this.#cache.snapshot()).messages
  }

  attach(consumer: StreamConsumer): void {
    if (this.#fanOutFor(consumer).add(consumer)) this.#countViewer(consumer, 1)
    this.#snapshot ??= new MessageBatch(this.#cache.snapshot())
    if (consumer.codecKnown) {
      for (const codec of this.#codecs.all) if (codec.isEnhanced) consumer.codecKnown(codec)
    }
    if (this.#cache.isMidGroup) consumer.waitForKeyframe?.()
    if (this.#snapshot.lentMessages.length === 0) return
    this.#audience.hand(consumer, this.#snapshot.byteLength)
    consumer.deliver(this.#snapshot)
  }

  /** A consumer leaves: it gets nothing more, and holds the publisher no more. */
  detach(consumer: StreamConsumer): void {
    if (this.#fanOutFor(consumer).delete(consumer)) this.#countViewer(consumer, -1)
    this.resume(consumer)
    if (this.consumerCount === 0) this.deserted()
    this.#tellIfIdle()
  }

  /** Asks the publisher to pause until {@link LiveStream.resume}. */
  pause(consumer: object): void {
    this.#pausers ??= new Pausers()
    this.#pausers.add(consumer)
  }

  /** Takes back a {@link LiveStream.pause}; nothing happens when there is none. */
  resume(consumer: object): void {
    this.#pausers?.delete(consumer)
  }

  #fanOutFor(consumer: StreamConsumer): FanOut<StreamConsumer> {
    return consumer.gathers ? this.#unmergedFanOut : this.#fanOut
  }

  #countViewer(consumer: StreamConsumer, change: 1 | -1): void {
    const { isViewer = true } = consumer
    if (!isViewer) return
    this.#audience.change(consumer, change, this.#bytes)
    this.#events.viewersChanged?.(this)
  }

  #consumers(): StreamConsumer[] {
    return [...this.#fanOut.consumers(), ...this.#unmergedFanOut.consumers()]
  }

  #tellEnd(): void {
    this.#forget()
    for (const consumer of this.#consumers()) consumer.publishEnded()
    this.#events.ended?.(this, this.#error)
    this.#error = undefined
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
    if (this.isIdle) this.#events.idle?.(this)
  }
}
