import { MessageBatch } from '@rtmpipe/chunk-stream'
import { audioCodecInfo, canDecode, canForward, videoCodecInfo } from '@rtmpipe/flv'
import type { Duplex } from 'node:stream'
import { PassThrough } from 'readable-stream'
import type { Lag } from '../../contract/info.ts'
import type { StreamCodec } from '../../contract/stream-view.ts'
import type { LiveStream } from '../../live/live-stream.ts'
import type { StreamConsumer } from '../../live/stream-consumer.ts'
import { PlayerOutput, type PlayerOutputEvents } from './player-output.ts'
import { slowConsumerPolicy } from '../../live/lag/slow-consumer.ts'
import { statusMessage } from '../../protocol/command.ts'
import { shownName } from '../../protocol/shown-name.ts'
import { chain } from '../../hooks/pipeline.ts'
import { status } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'
import { DurationLimit } from './duration-limit.ts'
import type { NetStream } from '../net-stream.ts'
import { discard, Playback, type PlayRequest } from './playback.ts'
import { TransformConsumer } from './transform-consumer.ts'

/** Milliseconds that a timer can wait; more than that is for ever. */
const longestTimer = 2 ** 31 - 1

/** A player of a live stream. It stays when the publisher leaves and goes on when the next comes. */
export class LivePlayback extends Playback {
  readonly stream: LiveStream
  readonly #output: PlayerOutput
  #consumer: StreamConsumer
  /**
   * Stands in for the consumer while the player pauses: it keeps the stream and its source, and is told of publishers.
   */
  readonly #seat: StreamConsumer = {
    isPausing: true,
    deliver() {},
    publishStarted: () => this.#consumer.publishStarted(),
    publishEnded: () => this.#consumer.publishEnded(),
  }
  #entry: Duplex | undefined
  #paused = false
  readonly #limit: DurationLimit | undefined
  /** Runs until there is something to play: publishers and sources may give nothing. */
  #waitTimer: NodeJS.Timeout | undefined

  constructor(netStream: NetStream, connection: NetConnection, request: PlayRequest, stream: LiveStream) {
    super(netStream, connection, request)
    this.stream = stream
    this.#limit = request.duration === undefined ? undefined : new DurationLimit(request.duration)
    const { drops, limits, whenSlow } = connection.server
    const queueLimits = { maxBytes: limits.maxPlayerQueueBytes, maxDuration: limits.maxPlayerLag }
    const policy = slowConsumerPolicy(whenSlow)
    const events: PlayerOutputEvents = {
      publishStarted: () => this.#publishStarted(),
      publishEnded: () => this.#publishEnded(),
      codecKnown: codec => this.#tellCodec(codec),
      pausePublisher: paused => (paused ? this.stream.pause(this.#consumer) : this.stream.resume(this.#consumer)),
      overrun: description => {
        connection.log.warn({ stream: shownName(request.streamName), dropped: this.dropped }, description)
        this.end(status('NetStream.Play.InsufficientBW', description))
        connection.end()
      },
    }
    const { gathers, output } = connection
    this.#output = new PlayerOutput(output, netStream.id, queueLimits, policy, events, drops, gathers)
    this.#consumer = this.#output
  }

  protected override get droppedHere(): number {
    const inTransforms = this.#consumer instanceof TransformConsumer ? this.#consumer.dropped : 0
    return this.#output.dropped + inTransforms
  }

  protected override get waiting(): Lag {
    const { bytes, duration } = this.#output.lag
    if (!(this.#consumer instanceof TransformConsumer)) return { bytes, duration }
    const { lag } = this.#consumer
    return { bytes: bytes + lag.bytes, duration: duration + lag.duration }
  }

  receive(kind: 'audio' | 'video', wanted: boolean): void {
    this.#output.receive(kind, wanted)
  }

  /** A live stream does not wait: a player that resumes begins like a late one. */
  pause(paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    if (paused) this.#clear()
    const [leaves, comes] = paused ? [this.#consumer, this.#seat] : [this.#seat, this.#consumer]
    // In this order, because a stream that has no consumers is forgotten.
    this.stream.attach(comes)
    this.stream.detach(leaves)
  }

  seek(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  protected open(): void {
    const transforms = this.connection.hooks.bind('bindPlay', this)
    if (this.stopped) return discard(transforms)
    // Messages are looked at one by one only for a player that wants a part of the stream.
    if (this.#limit !== undefined) transforms.push(new PassThrough({ objectMode: true }))
    if (transforms.length > 0) {
      this.#entry = chain(
        transforms,
        message => {
          // What the Transforms still held when the player paused.
          if (this.#paused) return
          if (this.#limit?.isOver(message) === true) this.complete()
          else this.#output.deliver(new MessageBatch([message]))
        },
        error => {
          if (this.stopped) return
          if (!error) return this.end()
          this.connection.log.error({ stream: shownName(this.streamName), err: error }, 'a bindPlay stage failed')
          this.end(status('NetStream.Failed', 'internal error'))
        },
      )
      this.#consumer = new TransformConsumer(this.#entry, this.#output, this.connection.server.drops)
    }
    this.stream.attach(this.#consumer)
    const { publishWait } = this.connection.server
    if ((!this.#isThere || this.stream.bytes === 0) && publishWait <= longestTimer) {
      this.#waitTimer = setTimeout(() => this.#giveUp(), publishWait)
    }
  }

  /** A source that has given nothing yet may be looking for what nobody publishes elsewhere either. */
  get #isThere(): boolean {
    const { isLive, origin, bytes } = this.stream
    return isLive && (origin !== 'source' || bytes > 0)
  }

  #giveUp(): void {
    if (!this.#isThere) this.end(status('NetStream.Play.StreamNotFound', `nobody publishes ${this.streamName}`))
    // A publisher that leaves before it has sent something leaves the player as it was.
    else if (this.stream.bytes === 0) this.#waitTimer?.refresh()
  }

  protected close(): void {
    clearTimeout(this.#waitTimer)
    this.stream.detach(this.#consumer)
    this.stream.detach(this.#seat)
    this.#entry?.destroy()
    this.#output.end()
  }

  /** Nothing that waits is sent any more. What the Transforms hold is left out when it comes out of them. */
  #clear(): void {
    if (this.#consumer instanceof TransformConsumer) this.#consumer.clear()
    this.#output.clear()
  }

  /**
   * Tells a player of a codec that it has not announced: an error if it has announced others, a warning if it has
   * announced none. The media is sent all the same, since most players that can decode it do not say so.
   */
  #tellCodec({ kind, codec }: StreamCodec): void {
    const { capabilities } = this.connection
    const info = kind === 'audio' ? audioCodecInfo(capabilities) : videoCodecInfo(capabilities)
    if (canDecode(info, codec) || canForward(info, codec)) return
    const why = info ? 'which is not among what you can take' : 'which takes a player with Enhanced RTMP'
    const told = status('NetStream.Play.NoSupportedTrackFound', `the ${kind} is ${codec}, ${why}`)
    this.connection.send(statusMessage(this.messageStreamId, { ...told, level: info ? 'error' : 'warning' }))
  }

  #publishStarted(): void {
    this.sendStreamBegin()
    this.connection.sendStatus(
      this.messageStreamId,
      'NetStream.Play.PublishNotify',
      `${this.streamName} is now published`,
    )
  }

  #publishEnded(): void {
    // Who has played something stays.
    if (this.stream.bytes > 0) clearTimeout(this.#waitTimer)
    this.sendStreamEof()
    this.connection.sendStatus(
      this.messageStreamId,
      'NetStream.Play.UnpublishNotify',
      `${this.streamName} is now unpublished`,
    )
  }
}
