import { natsFabric } from '@rtmpipe/cluster-nats'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
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

/** One stream, at an encoder's pace. */
class Generator {
  readonly #stream: LiveStream
  readonly #began: number
  #pictures = 0
  #sounds = 0

  /** @param delay milliseconds until its first message, so that keyframes do not come all at once */
  constructor(stream: LiveStream, delay: number) {
    this.#stream = stream
    this.#began = now() + delay
    stream.write(message(9, 0, Buffer.from('17000000000142c00dffe0', 'hex')))
    stream.write(message(8, 0, Buffer.from('af001210', 'hex')))
  }

  /** Writes what is due. @returns its bytes */
  write(at: number): number {
    const seconds = (at - this.#began) / 1_000
    let bytes = 0
    while (this.#pictures <= seconds * pictures) {
      const isKey = this.#pictures % gop === 0
      const time = (1_000 * this.#pictures) / pictures
      bytes += this.#send(9, time, isKey ? '1701000000' : '2701000000', isKey ? sizes.key : sizes.picture)
      this.#pictures += 1
    }
    while (this.#sounds <= seconds * sounds) {
      bytes += this.#send(8, (1_000 * this.#sounds) / sounds, 'af01', sizes.sound)
      this.#sounds += 1
    }
    return bytes
  }

  #send(type: number, timestamp: number, header: string, length: number): number {
    const payload = Buffer.allocUnsafe(length)
    payload.write(header, 'hex')
    payload.writeDoubleLE(now(), timeOffset)
    this.#stream.write(message(type, Math.round(timestamp), payload))
    return length
  }
}

function message(messageTypeId: number, timestamp: number, payload: Buffer): RtmpMessage {
  return { messageTypeId, messageStreamId: 0, timestamp, payload }
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
