import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import type { ConnectionInfo } from './connection-info.ts'
import type { Status } from '../protocol/status.ts'
import type { LagLimits, WhenSlow } from './slow-consumer.ts'

/** A codec of a stream. */
export interface StreamCodec {
  /** Which of the two it codes. */
  readonly kind: 'audio' | 'video'
  /** FourCC (`avc1`, `hvc1`, `mp4a`, `Opus`), or a lower case name where there is none (`speex`). */
  readonly codec: string
  /** True when the publisher uses Enhanced RTMP for this codec; then players have to support it too. */
  readonly isEnhanced: boolean
  /** Pixels, of video whose sequence header or metadata says so. */
  readonly width?: number
  /** Pixels, see {@link StreamCodec.width}. */
  readonly height?: number
  /** Pictures per second, of video whose metadata says so. */
  readonly frameRate?: number
  /** Samples per second, of audio whose sequence header or metadata says so. */
  readonly sampleRate?: number
  /** Channels, of audio whose sequence header or metadata says so. */
  readonly channels?: number
}

/** Where a stream comes from: a client publishes it, a `sourcePlay` hook's shared source, a plugin's `supply()`. */
export type StreamOrigin = 'publisher' | 'source' | 'supply'

/** A recording in progress, as its recorder shows it: the same object from beginning to end. */
export interface StreamRecording {
  /** Name of the plugin that records. */
  readonly by: string
  /** When it began. */
  readonly since: Date
  /** Bytes written so far, of the present file. */
  readonly bytes: number
  /** The present file, below the recorder's folder and with `/`; undefined before there is one, and where its name is a key. */
  readonly file?: string | undefined
  /** Ends the recording; the stream goes on. */
  end(): void
}

/** A stream on its way to or from another server, as its relay shows it: the same object from beginning to end. */
export interface StreamRelay {
  /** Name of the plugin that relays. */
  readonly by: string
  /** Whether the stream goes there, or comes from there. */
  readonly direction: 'push' | 'pull'
  /** The other end, without key, query and password. */
  readonly url: string
  /** `connecting` until the other server has agreed, `waiting` between a failure and the next attempt. */
  readonly state: 'connecting' | 'running' | 'waiting'
  /** When that state began. */
  readonly stateSince: Date
  /** Bytes sent there or received from there so far, by all connections together. */
  readonly bytes: number
  /** Attempts to connect so far, the first one and the present one included. */
  readonly attempts: number
  /** Why the last attempt that failed did, without what may be secret; undefined when none has. */
  readonly lastError?: string | undefined
  /** Ends the relay; the stream goes on. A stream that comes from there ends. */
  end(): void
  /**
   * Goes to another URL from now on.
   *
   * @throws UsageError as for a new one, see {@link Acts.relay}; then it goes on as before
   */
  change?(url: string): void
}

/** How evenly a publisher sends, by the timestamps of its audio and video. */
export interface StreamTiming {
  /** The last complete group of pictures: from a keyframe to the next. Undefined before the second keyframe. */
  readonly gop: GroupOfPictures | undefined
  /**
   * Milliseconds by which the publisher's clock has run ahead of ours since the publish began, or behind (below 0). Read
   * once a second, from pictures if there are any; what comes late because of the network is left out as far as it can
   * be told. Undefined in the first second.
   */
  readonly clockDrift: number | undefined
  /**
   * Times that the publisher's clock went on, or back, by more than a second from one message to the next. It is no
   * jump where a stream sends so seldom all the time.
   */
  readonly gaps: number
  /** When it did so last. */
  readonly lastGap: Date | undefined
}

/** A group of pictures. */
export interface GroupOfPictures {
  /** Milliseconds. */
  readonly duration: number
  /** How many, the keyframe included; of several tracks, how many one has on average. */
  readonly pictures: number
}

/** How far the reader of a {@link Subscription} may lag, and when the Readable ends. */
export interface SubscriptionOptions extends Partial<LagLimits> {
  /** What happens when the reader lags past the limits; default `drop`. */
  readonly whenSlow?: WhenSlow
  /**
   * Stay when the publish ends and go on with the next one; with `expected` only while the publisher is expected back,
   * see {@link StreamView.keepOpen}. Default false.
   */
  readonly follow?: boolean | 'expected'
}

/**
 * A Readable of a live stream's messages. After a hole, or when a publisher came back, the first message is marked as a
 * `discontinuity`. The Readable fails with LimitError `RTMP_ERR_SLOW_CONSUMER` when its policy ends it.
 */
export interface Subscription extends Readable {
  /** Messages thrown away because the reader lagged. */
  readonly dropped: number
  /** Takes no more messages: the Readable ends after what it has. */
  finish(): void
  /** The messages, for `for await`. */
  [Symbol.asyncIterator](): NodeJS.AsyncIterator<RtmpMessage>
}

/** Takes the messages of a stream as they are published, see {@link StreamView.tap}. Must not throw. */
export interface StreamTap {
  /**
   * Takes what is to be read next.
   *
   * @param messages what was published in one turn of the event loop. Payloads are good until it returns: hold or copy
   *   what is to be kept
   */
  take(messages: readonly RtmpMessage[]): void
  /** The publish has ended, or its publisher has left and is expected back: nothing more comes. */
  end(): void
}

/** A live stream as plugins see it. */
export interface StreamView {
  /** Application, with its instance. */
  readonly app: string
  /** Stream name, without its query. */
  readonly name: string
  /** True while somebody publishes, or a plugin supplies the stream. */
  readonly isPublishing: boolean
  /** True while somebody publishes, or has left and is expected back, see {@link StreamView.keepOpen}. */
  readonly isLive: boolean
  /** The connection that publishes; undefined while none does, and when a plugin supplies the stream. */
  readonly publisher: ConnectionInfo | undefined
  /** Where the present publish comes from; undefined while there is none. */
  readonly origin: StreamOrigin | undefined
  /** When the present publish began. */
  readonly since: Date | undefined
  /** Payload bytes of the present publish, or of the last one. */
  readonly bytes: number
  /**
   * Payload bytes handed to viewers so far, those who have left included, also of earlier publishes as long as the stream
   * is kept. What waits for a slow viewer, or was dropped for it, is counted too; subscriptions are not.
   */
  readonly sent: number
  /** Bits per second over the last ten seconds, or since the present publish began; 0 while there is none. */
  readonly bitRate: number
  /**
   * Milliseconds from the arrival of the oldest message in the newest batch until players were handed it: what the merge
   * window and a busy process cost. A large picture, which does not wait, is not measured. Undefined while nobody plays.
   */
  readonly deliveryDelay: number | undefined
  /** How evenly the publisher sends, of the present publish or of the last one. */
  readonly timing: StreamTiming
  /** Payload of the newest `onMetaData` message, if there is one. */
  readonly metadata: Buffer | undefined
  /** Codecs of the present publish, in the order in which they came. What they say of themselves is read when asked for. */
  readonly codecs: readonly StreamCodec[]
  /** Players and subscriptions, such as those of recorders. */
  readonly consumerCount: number
  /** Those of them that play: all but subscriptions. */
  readonly viewers: number
  /** Recordings in progress, of recorders that show them with {@link StreamView.addRecording}. */
  readonly recordings: ReadonlySet<StreamRecording>
  /** Relays of it to and from other servers, of those that show them with {@link StreamView.addRelay}. */
  readonly relays: ReadonlySet<StreamRelay>
  /**
   * Reads the stream: metadata, sequence headers and the cached group of pictures, then the live messages; none is
   * missing and none comes twice. The Readable ends with the publish, unless `follow` is set.
   */
  subscribe(options?: SubscriptionOptions): Subscription
  /**
   * As {@link StreamView.subscribe}, for what sends on at once: without a queue, a Readable and the merge window of players
   * in between. What late players begin with is handed over before this returns.
   *
   * @returns ends it
   */
  tap(tap: StreamTap): () => void
  /**
   * Keeps players when the publisher leaves, until the returned function is called: they are not told of the end, late
   * players get what the publisher left, and all go on with the next publisher as if it were the same one.
   * Subscriptions end with the publish all the same, unless their `follow` is set.
   */
  keepOpen(): () => void
  /**
   * Publishes the messages of a Readable until it closes. Gate hooks are not asked, and notice hooks are not told.
   *
   * @returns a function that ends the publish earlier and destroys the Readable
   * @throws UsageError `RTMP_ERR_STREAM_BUSY` when somebody publishes already
   */
  supply(messages: Readable): () => void
  /** Shows a recording among {@link StreamView.recordings}, until the returned function is called. */
  addRecording(recording: StreamRecording): () => void
  /**
   * Shows a relay among {@link StreamView.relays}, until the returned function is called. To be called again whenever its
   * state or its URL has changed, so that plugins are told.
   */
  addRelay(relay: StreamRelay): () => void
  /** Sends its publisher to another name, as `redirect()` of its publish does. False when no client publishes it. */
  redirect(streamName: string): boolean
  /**
   * Ends the present publish: a publisher is told the status and its connection stays, what feeds the stream is
   * destroyed. Nothing happens when there is none.
   */
  end(status?: Status): void
}
