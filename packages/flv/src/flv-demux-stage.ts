import type { TransformCallback } from 'node:stream'
import { Transform } from 'readable-stream'
import { FlvDemuxer, type FlvDemuxerOptions } from './flv-demuxer.ts'

/**
 * The bytes of an FLV file in, its messages out, as fast as they are read. Tolerates what {@link FlvDemuxer} does; fails
 * with `FlvError` `RTMP_ERR_FLV_HEADER` or `RTMP_ERR_FLV_TAG_SIZE`.
 */
export class FlvDemuxStage extends Transform {
  readonly #demuxer: FlvDemuxer

  constructor(options: FlvDemuxerOptions = {}) {
    super({ readableObjectMode: true })
    this.#demuxer = new FlvDemuxer(options)
  }

  override _transform(bytes: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#demuxer.push(bytes, message => this.push(message))
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      this.#demuxer.end()
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}
