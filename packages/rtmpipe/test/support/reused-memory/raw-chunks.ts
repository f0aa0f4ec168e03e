import { aggregate, MessageType, type RtmpMessage, setChunkSize } from '@rtmpipe/chunk-stream'

/** Not used by the connection that these chunks go on: the headers of its own chunk streams stay as it knows them. */
const controlStream = 20

/** The chunks of a message by hand (RTMP 1.0 §5.3.1): a full header, then format 3. */
function chunksOf(chunkStreamId: number, message: RtmpMessage, chunkSize: number): Buffer[] {
  const { payload, timestamp, messageTypeId, messageStreamId } = message
  const isExtended = timestamp >= 0xffffff
  const extended = Buffer.alloc(isExtended ? 4 : 0)
  if (isExtended) extended.writeUInt32BE(timestamp)
  const header = Buffer.alloc(12)
  header.writeUInt8(chunkStreamId)
  header.writeUIntBE(Math.min(timestamp, 0xffffff), 1, 3)
  header.writeUIntBE(payload.length, 4, 3)
  header.writeUInt8(messageTypeId, 7)
  header.writeUInt32LE(messageStreamId, 8)
  const chunks: Buffer[] = []
  for (let offset = 0; offset < payload.length; offset += chunkSize) {
    const head = offset === 0 ? header : Buffer.of(0xc0 | chunkStreamId)
    chunks.push(Buffer.concat([head, extended, payload.subarray(offset, offset + chunkSize)]))
  }
  return chunks
}

/** Writes chunks as no muxer of ours would: interleaved, aborted, in Aggregates. */
export class RawChunks {
  readonly #chunkSize: number

  constructor(chunkSize: number) {
    this.#chunkSize = chunkSize
  }

  /** What has to be sent first. */
  begin(): Buffer {
    return Buffer.concat(chunksOf(controlStream, setChunkSize(this.#chunkSize), this.#chunkSize))
  }

  /** Messages each on a chunk stream of its own, a chunk of each in turn: the shortest is complete first. */
  interleaved(messages: readonly RtmpMessage[]): Buffer[] {
    const all = messages.map((message, index) => chunksOf(10 + index, message, this.#chunkSize))
    const rounds = Math.max(...all.map(({ length }) => length))
    return Array.from({ length: rounds }, (_, round) => all.flatMap(chunks => chunks[round] ?? [])).flat()
  }

  /** A message that is begun, given up (RTMP 1.0 §5.4.2), and another in its place. */
  aborted(abandoned: RtmpMessage, next: RtmpMessage): Buffer[] {
    const begun = chunksOf(19, abandoned, this.#chunkSize)
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(19)
    const abort = { messageTypeId: MessageType.Abort, messageStreamId: 0, timestamp: 0, payload }
    return [
      ...begun.slice(0, Math.max(1, begun.length - 1)),
      ...chunksOf(controlStream, abort, this.#chunkSize),
      ...chunksOf(19, next, this.#chunkSize),
    ]
  }

  aggregated(messages: readonly RtmpMessage[]): Buffer[] {
    return chunksOf(18, aggregate(messages), this.#chunkSize)
  }
}
