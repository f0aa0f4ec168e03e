import { ChunkDemuxer, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { gop, now, pictures, sizes, sounds, streams, timeOffset } from './load.ts'

/** Milliseconds between looks at what is due. */
const look = 4

/** Bytes of a chunk's header that has everything in it. */
const chunkHeader = 12
/** Says that each message is one chunk. */
const setChunkSize = Buffer.from('020000000000040100000000' + '00100000', 'hex')

/** A message as it comes from an encoder: one chunk, whose times are written anew each time. */
class Chunk {
  readonly #bytes: Buffer
  readonly payload: Buffer

  /** @param id of the chunk stream @param header of the payload, hexadecimal */
  constructor(id: number, type: number, header: string, length: number) {
    this.#bytes = Buffer.alloc(chunkHeader + length)
    this.payload = this.#bytes.subarray(chunkHeader)
    this.#bytes[0] = id
    this.#bytes.writeUIntBE(length, 4, 3)
    this.#bytes[7] = type
    this.payload.write(header, 'hex')
  }

  /** @param timestamp milliseconds */
  at(timestamp: number): Buffer {
    this.#bytes.writeUIntBE(Math.round(timestamp), 1, 3)
    return this.#bytes
  }

  /** The same, with the time of now in its payload. */
  timed(timestamp: number): Buffer {
    this.payload.writeDoubleLE(now(), timeOffset)
    return this.at(timestamp)
  }
}

const chunks = {
  pictureHeader: new Chunk(4, 9, '17000000000142c00dffe0', 11),
  soundHeader: new Chunk(5, 8, 'af001210', 4),
  key: new Chunk(4, 9, '1701000000', sizes.key),
  picture: new Chunk(4, 9, '2701000000', sizes.picture),
  sound: new Chunk(5, 8, 'af01', sizes.sound),
}

/** One stream, at an encoder's pace. Its messages are read from chunks, so that they are in memory as a server has them. */
class Generator {
  readonly #take: (message: RtmpMessage) => void
  readonly #began: number
  readonly #demuxer = new ChunkDemuxer(undefined, undefined, true)
  #pictures = 0
  #sounds = 0

  /** @param delay milliseconds until its first message, so that keyframes do not come all at once */
  constructor(take: (message: RtmpMessage) => void, delay: number) {
    this.#take = take
    this.#began = now() + delay
    this.#read(setChunkSize)
    this.#read(chunks.pictureHeader.at(0))
    this.#read(chunks.soundHeader.at(0))
  }

  /** Writes what is due. @returns its bytes */
  write(at: number): number {
    const seconds = (at - this.#began) / 1_000
    let bytes = 0
    while (this.#pictures <= seconds * pictures) {
      const chunk = this.#pictures % gop === 0 ? chunks.key : chunks.picture
      bytes += this.#send(chunk, (1_000 * this.#pictures) / pictures)
      this.#pictures += 1
    }
    while (this.#sounds <= seconds * sounds) {
      bytes += this.#send(chunks.sound, (1_000 * this.#sounds) / sounds)
      this.#sounds += 1
    }
    return bytes
  }

  #send(chunk: Chunk, timestamp: number): number {
    this.#read(chunk.timed(timestamp))
    return chunk.payload.length
  }

  #read(bytes: Buffer): void {
    this.#demuxer.push(bytes, this.#emit, true)
  }

  readonly #emit = (message: RtmpMessage): void => {
    if (message.messageTypeId !== MessageType.SetChunkSize) this.#take(message)
  }
}

/**
 * Makes all streams from now on.
 *
 * @param takerOf who takes the messages of a stream, whose payloads it has to release
 * @returns tells the bytes of payload since it was called before
 */
export function generate(takerOf: (stream: number) => (message: RtmpMessage) => void): () => number {
  const generators = Array.from({ length: streams }, (_, index) => {
    return new Generator(takerOf(index), (index * 2_000) / streams)
  })
  let bytes = 0
  setInterval(() => {
    const at = now()
    for (const generator of generators) bytes += generator.write(at)
  }, look)
  return () => {
    const made = bytes
    bytes = 0
    return made
  }
}
