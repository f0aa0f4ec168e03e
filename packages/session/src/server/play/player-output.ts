import { type MessageBatch, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Lag } from '../../contract/info.ts'
import type { MessageOutput } from '../../contract/message-connection.ts'
import type { LagLimits, SlowConsumerPolicy } from '../../contract/slow-consumer.ts'
import type { StreamCodec } from '../../contract/stream-view.ts'
import { hasRoom, maxGivenUpBytes, sendAndWait } from '../../peer/send-paced.ts'
import { stallTimeout, StallWatch } from '../../peer/stall-watch.ts'
import type { DropCounts } from '../../live/lag/drop-counts.ts'
import { LagQueue } from '../../live/lag/lag-queue.ts'
import type { StreamConsumer } from '../../live/stream-consumer.ts'
import { WantedMedia } from './wanted-media.ts'

/** What a player's output tells its NetStream. */
export interface PlayerOutputEvents {
  publishStarted(): void
  publishEnded(): void
  codecKnown(codec: StreamCodec): void
  /** The player can't keep up and has to go. */
  overrun(description: string): void
  /** Pauses the publisher or lets it go on, for the backpressure policy. */
  pausePublisher(paused: boolean): void
}

/** Audio that may overtake a long video message. Bytes. */
const maxOvertaking = 128 * 1024

/**
 * Sends a live stream to one player. A player that keeps up costs one call and one write per batch, of bytes shared
 * with all others; one that does not gets messages one by one from its own queue until it has caught up.
 */
export class PlayerOutput implements StreamConsumer {
  readonly gathers: boolean
  readonly #connection: MessageOutput
  readonly #messageStreamId: number
  readonly #queue: LagQueue
  readonly #policy: SlowConsumerPolicy
  readonly #events: PlayerOutputEvents
  /** Bytes that may wait in the connection; undefined for what is usual. */
  readonly #room: number | undefined
  /** The connection would give up what is late, and the policy wants it kept. */
  readonly #isKept: boolean
  readonly #wanted = new WantedMedia()
  readonly #onTaken = (): void => {
    this.#waits = false
    this.#stallWatch?.progress()
    this.#pump()
  }
  /**
   * True when no message waits and none is left out. Stored rather than computed, because it is read for each batch and
   * player.
   */
  #direct = true
  #waits = false
  /** Bytes of audio sent since there was room. */
  #overtaking = 0
  #pausesPublisher = false
  #ended = false
  #publishEndPending = false
  /** Exists only while messages wait: a player that keeps up has no timer. */
  #stallWatch: StallWatch | undefined

  /**
   * @param counts counts what players are not sent
   * @param gathers its transport gathers messages on its own: it gets them without a merge window
   */
  constructor(
    connection: MessageOutput,
    messageStreamId: number,
    limits: LagLimits,
    policy: SlowConsumerPolicy,
    events: PlayerOutputEvents,
    counts?: DropCounts,
    gathers = false,
  ) {
    this.gathers = gathers
    this.#connection = connection
    this.#messageStreamId = messageStreamId
    this.#queue = new LagQueue(limits, counts)
    this.#policy = policy
    this.#events = events
    // A connection that gives up what is late knows best what that is.
    const givesUp = connection.whenRoom !== undefined
    const { keeps = true } = policy
    this.#room = givesUp && !keeps ? maxGivenUpBytes : undefined
    this.#isKept = givesUp && keeps
    this.#direct = this.#isDirect
  }

  /** Messages not sent because the player did not keep up. */
  get dropped(): number {
    return this.#queue.dropped
  }

  /** What waits in its queue. */
  get lag(): Lag {
    return this.#queue
  }

  /** Whether the player wants audio, video (RTMP 1.0 §7.2.2.4, §7.2.2.5). Video resumes at a keyframe. */
  receive(kind: 'audio' | 'video', wanted: boolean): void {
    if (kind === 'video' && wanted && !this.#wanted.video) this.#queue.waitForKeyframe()
    this.#wanted[kind] = wanted
    if (!wanted) this.#queue.remove(message => !this.#wanted.includes(message))
    this.#pump()
  }

  waitForKeyframe(): void {
    this.#queue.waitForKeyframe()
    this.#direct = false
  }

  /** While the connection has no room, messages wait in the player's own queue, where they can be dropped. */
  deliver(batch: MessageBatch): void {
    if (this.#direct && hasRoom(this.#connection, this.#room)) {
      this.#connection.sendBatch(batch, this.#messageStreamId)
      return
    }
    if (this.#ended) return
    const arrival = performance.now()
    for (const message of batch.messages) if (this.#wanted.includes(message)) this.#queue.push(message, arrival)
    this.#pump()
    this.#relieve()
  }

  codecKnown(codec: StreamCodec): void {
    this.#events.codecKnown(codec)
  }

  publishStarted(): void {
    // A player that has not even heard of the end need not know of it.
    if (this.#publishEndPending) this.#publishEndPending = false
    else this.#events.publishStarted()
  }

  /** The player is told after it has got everything that was published. */
  publishEnded(): void {
    this.#publishEndPending = true
    this.#pump()
  }

  /** Messages that wait are not sent any more, because the player pauses; it is still told of the publisher's end. */
  clear(): void {
    this.#queue.clear()
    this.#resumePublisher()
    this.#pump()
  }

  /** Drops all messages that were not sent. */
  end(): void {
    this.#ended = true
    this.#direct = false
    this.#queue.clear()
    this.#unwatch()
    this.#resumePublisher()
  }

  get #isDirect(): boolean {
    return (
      !this.#isKept && this.#queue.length === 0 && !this.#waits && !this.#queue.waitsForKeyframe && this.#wanted.isAll
    )
  }

  #relieve(): void {
    if (!this.#queue.isOverLimit) return
    const verdict = this.#policy(this.#queue)
    if (verdict === 'pause') this.#events.pausePublisher((this.#pausesPublisher = true))
    if (verdict === 'end') this.#overrun(`the player lags by ${this.#queue.bytes} bytes`)
  }

  #overrun(description: string): void {
    this.end()
    this.#events.overrun(description)
  }

  #pump(): void {
    if (this.#ended) return
    while (!this.#waits) {
      const message = this.#queue.shift()
      if (message === undefined) break
      const addressed = { ...message, messageStreamId: this.#messageStreamId }
      if (this.#isKept) {
        this.#waits = true
        this.#connection.write(addressed, this.#onTaken)
      } else if (hasRoom(this.#connection, this.#room)) {
        this.#overtaking = 0
        this.#connection.send(addressed)
      } else if (this.#mayOvertake && message.messageTypeId === MessageType.Audio) {
        this.#sendAhead(addressed)
      } else {
        this.#waits = true
        sendAndWait(this.#connection, addressed, this.#onTaken)
      }
    }
    while (this.#waits && this.#mayOvertake) {
      const audio = this.#queue.shiftAudio()
      if (audio === undefined) break
      this.#sendAhead({ ...audio, messageStreamId: this.#messageStreamId })
    }
    this.#direct = this.#isDirect
    if (this.#waits) this.#watch()
    else this.#unwatch()
    if (this.#pausesPublisher && this.#queue.isHalfEmpty) this.#resumePublisher()
    if (this.#publishEndPending && this.#queue.length === 0 && !this.#waits) {
      this.#publishEndPending = false
      this.#events.publishEnded()
    }
  }

  /** Sends audio while a slow line is busy with a long picture: audio need not wait for video. */
  get #mayOvertake(): boolean {
    return this.#connection.interleaves === true && this.#overtaking < maxOvertaking
  }

  #sendAhead(audio: RtmpMessage): void {
    this.#overtaking += audio.payload.length
    this.#connection.send(audio)
  }

  /** Does not depend on the next delivery: there is none while the publisher is paused. */
  #watch(): void {
    this.#stallWatch ??= new StallWatch(this.#connection, () => {
      this.#overrun(`the player has taken nothing for ${stallTimeout / 1000} s`)
    })
  }

  #unwatch(): void {
    this.#stallWatch?.stop()
    this.#stallWatch = undefined
  }

  #resumePublisher(): void {
    if (!this.#pausesPublisher) return
    this.#pausesPublisher = false
    this.#events.pausePublisher(false)
  }
}
