import { Transform } from 'readable-stream'
import { ChunkMuxer } from './chunk-muxer.ts'
import type { RtmpMessage } from './message.ts'

/** A Transform from messages to bytes. Errors: those of {@link ChunkMuxer.encode}. */
export class ChunkMuxStage extends Transform {
  readonly #muxer: ChunkMuxer

  constructor(muxer: ChunkMuxer = new ChunkMuxer()) {
    super({ writableObjectMode: true })
    this.#muxer = muxer
  }

  override _transform(message: RtmpMessage, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      this.push(this.#muxer.encode(message))
    } catch (error) {
      return done(error as Error)
    }
    done()
  }
}
