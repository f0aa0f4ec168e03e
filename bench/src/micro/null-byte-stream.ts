import { Duplex } from 'node:stream'
import { ChunkMuxer, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** Version 3, and zeros for the rest of C0, C1 and C2, which no server has to look into. */
const handshake = Buffer.alloc(1 + 1536 + 1536)
handshake[0] = 3

/** A client's byte stream: it says what it is given and takes every answer at no cost. */
export class NullByteStream extends Duplex {
  bytesTaken = 0

  constructor(messages: readonly RtmpMessage[]) {
    super()
    const muxer = new ChunkMuxer()
    this.push(handshake)
    for (const message of messages) this.push(muxer.encode(message))
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.bytesTaken += bytes.length
    done()
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.bytesTaken += chunk.length
    done()
  }
}
