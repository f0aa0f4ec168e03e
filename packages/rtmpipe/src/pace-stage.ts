import { Transform } from 'node:stream'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isFrame } from '@rtmpipe/flv'
import { Pacer } from '@rtmpipe/session'

/**
 * Lets messages through at the pace of their timestamps, which is how a file becomes a live stream. The first
 * picture or sound goes at once and sets the clock; headers before it, and what is late, go at once too. Messages in object mode, as `FlvDemuxStage` gives them and
 * publishing takes them; at most 16 wait inside.
 *
 * @example
 * ```ts
 * await pipeline(createReadStream('video.flv'), new FlvDemuxStage(), new PaceStage(), await client.publish('name'))
 * ```
 */
export class PaceStage extends Transform {
  readonly #pacer = new Pacer(() => 0)

  constructor() {
    super({ objectMode: true, highWaterMark: 16 })
  }

  override _transform(
    message: RtmpMessage,
    _encoding: BufferEncoding,
    done: (error: null, message: RtmpMessage) => void,
  ): void {
    void this.#pacer.wait(message.timestamp, isFrame(message)).then(() => done(null, message))
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#pacer.stop()
    done(error)
  }
}
