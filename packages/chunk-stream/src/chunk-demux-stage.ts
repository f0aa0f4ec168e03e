import { Transform } from 'readable-stream'
import { ChunkDemuxer } from './chunk-demuxer.ts'
import type { RtmpMessage } from './message.ts'

/** Options of {@link ChunkDemuxStage}. */
export interface ChunkDemuxStageOptions {
  /** Treat bytes that end inside a message as a normal end; default false: `RTMP_ERR_CHUNK_TRUNCATED`. */
  readonly allowTruncated?: boolean
}

/** A Transform from bytes to messages. Errors: those of {@link ChunkDemuxer.push} and {@link ChunkDemuxer.end}. */
export class ChunkDemuxStage extends Transform {
  readonly #demuxer: ChunkDemuxer
  readonly #allowTruncated: boolean
  readonly #emit = (message: RtmpMessage): void => void this.push(message)

  constructor(demuxer: ChunkDemuxer = new ChunkDemuxer(), options: ChunkDemuxStageOptions = {}) {
    super({ readableObjectMode: true })
    this.#demuxer = demuxer
    this.#allowTruncated = options.allowTruncated ?? false
  }

  override _transform(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      this.#demuxer.push(bytes, this.#emit)
    } catch (error) {
      return done(error as Error)
    }
    done()
  }

  override _flush(done: (error?: Error | null) => void): void {
    try {
      if (!this.#allowTruncated) this.#demuxer.end()
    } catch (error) {
      return done(error as Error)
    }
    done()
  }
}
