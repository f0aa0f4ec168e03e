import { natsFabric } from '@rtmpipe/cluster-nats'
import { ChunkDemuxer, MessageType, releasePayload, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { type LiveStream, LiveStreams } from '@rtmpipe/session'
import {
  gop,
  now,
  type OriginAnswer,
  pictures,
  type Question,
  secret,
  sizes,
  sounds,
  streams,
  timeOffset,
} from './load.ts'

/** The node of the publishers: makes the streams and offers them. A process of its own, told what to do by messages. */

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
  readonly #stream: LiveStream
  readonly #began: number
  readonly #demuxer = new ChunkDemuxer(undefined, undefined, true)
  #pictures = 0
  #sounds = 0

  /** @param delay milliseconds until its first message, so that keyframes do not come all at once */
  constructor(stream: LiveStream, delay: number) {
    this.#stream = stream
    this.#began = now() + delay
    this.#take(setChunkSize)
    this.#take(chunks.pictureHeader.at(0))
    this.#take(chunks.soundHeader.at(0))
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
    this.#take(chunk.timed(timestamp))
    return chunk.payload.length
  }

  #take(bytes: Buffer): void {
    this.#demuxer.push(bytes, this.#emit, true)
  }

  readonly #emit = (message: RtmpMessage): void => {
    if (message.messageTypeId !== MessageType.SetChunkSize) this.#stream.write(message)
    releasePayload(message.payload)
  }
}

const fabric = natsFabric({ servers: process.argv[2] ?? '', secret })
await fabric.ready
// As a server has them: what all of them have is handed on together.
const live = new LiveStreams({ mergeWindow: 0 })
const generators: Generator[] = []
for (let index = 0; index < streams; index += 1) {
  const key = { app: 'bench', streamName: `stream${index}` }
  const claim = await fabric.claim(key)
  if (claim === undefined) throw new Error(`${key.streamName} is taken`)
  const stream = live.open(key.app, key.streamName)
  stream.startPublish()
  fabric.offer(claim, stream)
  generators.push(new Generator(stream, (index * 2_000) / streams))
}
let bytes = 0
setInterval(() => {
  const at = now()
  for (const generator of generators) bytes += generator.write(at)
}, look)
process.on('message', (question: Question) => {
  const answer: OriginAnswer = { bytes }
  bytes = 0
  process.send?.(answer)
  if (question === 'close') process.exit()
})
process.send?.('ready')
