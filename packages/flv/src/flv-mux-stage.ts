import type { TransformCallback } from 'node:stream'
import { Transform } from 'readable-stream'
import { type FlvHeader, FlvMuxer, tagTypeOf } from './flv-muxer.ts'
import type { MediaMessage } from './media-message.ts'
import { isFrame } from './message-kind.ts'
import { RecordingClock } from './recording-clock.ts'

/** Options of a {@link FlvMuxStage}. */
export interface FlvMuxStageOptions {
  /** True to let the first audio or video frame be at 0, one base for both. False to begin with its own time. Default true. */
  readonly rebase?: boolean
  /**
   * Where the first frame is put in milliseconds, 0 to 2,147,483,647; default 0. To append to a file, the time after its
   * last frame. Not used without `rebase`.
   */
  readonly startTime?: number
  /** What the file header says, or false to write none: to append to a file. By default it says audio and video. */
  readonly header?: FlvHeader | false
}

/**
 * Messages in, an FLV file out; messages FLV cannot hold are left out. Made for live streams: timestamps of a track never
 * decrease, composition times stay as they are, and a jump of more than 10 s either way, or a step back at a
 * `discontinuity`, goes on 10 ms later. Headers and data get the time of the frame before them, because their own is
 * often 0.
 *
 * Fails with `FlvError` `RTMP_ERR_FLV_TAG_SIZE` or `RTMP_ERR_FLV_TIMESTAMP`, which its constructor throws for a
 * `startTime` out of range.
 */
export class FlvMuxStage extends Transform {
  readonly #muxer = new FlvMuxer()
  readonly #clock: RecordingClock
  #discontinuity = false

  constructor(options: FlvMuxStageOptions = {}) {
    super({ writableObjectMode: true })
    this.#clock = new RecordingClock(options)
    if (options.header !== false) this.push(this.#muxer.header(options.header))
  }

  override _transform(message: MediaMessage, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      // The mark may be on a header or a message that is left out: it holds for the next frame.
      this.#discontinuity ||= message.discontinuity === true
      if (tagTypeOf(message.messageTypeId) !== undefined) {
        this.push(this.#muxer.tag({ ...message, timestamp: this.#timestampOf(message) }))
      }
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  #timestampOf(message: MediaMessage): number {
    if (!isFrame(message)) return this.#clock.beside(message)
    const timestamp = this.#clock.advance(message, this.#discontinuity)
    this.#discontinuity = false
    return timestamp
  }
}
