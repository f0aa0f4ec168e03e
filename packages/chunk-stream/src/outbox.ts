import { ChunkStreamId, chunkStreamIdFor } from './chunk-stream-id.ts'
import type { ChunkMuxer } from './chunk-muxer.ts'
import { isBarrier, laneOf, MessageLane } from './message-lane.ts'
import type { RtmpMessage } from './message.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Messages in order; the first may have been sent in part. */
class Lane {
  readonly waiting: RtmpMessage[] = []
  begun: OutgoingMessage | undefined

  get isEmpty(): boolean {
    return this.begun === undefined && this.waiting.length === 0
  }
}

/**
 * The lanes of media. A barrier ends its section: messages after it wait in the next section, and can't overtake it.
 */
class Section {
  readonly audio = new Lane()
  readonly stream = new Lane()

  get isEmpty(): boolean {
    return this.audio.isEmpty && this.stream.isEmpty
  }
}

/**
 * Messages that wait behind a long one. They are sent chunk by chunk: before each chunk the lanes are checked again, so
 * that audio and control messages wait for one chunk at most. No stream and no I/O.
 *
 * A reader can't tell apart two messages under way on one chunk stream. So all messages of a chunk stream wait in one
 * lane, or are not cut.
 */
export class Outbox {
  readonly #muxer: ChunkMuxer
  readonly #control = new Lane()
  readonly #connection = new Lane()
  /** The section that is being sent. */
  #section = new Section()
  readonly #later: Section[] = []
  #bytes = 0

  constructor(muxer: ChunkMuxer) {
    this.#muxer = muxer
  }

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  /** Payload bytes that wait, and one for each message. */
  get bytes(): number {
    return this.#bytes
  }

  push(message: RtmpMessage): void {
    const lane = this.#laneOf(message)
    lane.waiting.push(message)
    this.#bytes += message.payload.length + 1
    if (lane === this.#lastSection.stream && isBarrier(message)) this.#later.push(new Section())
  }

  /** The bytes of the next chunk. Not to be called when empty. */
  next(): readonly Buffer[] {
    if (this.#section.isEmpty) this.#section = this.#later.shift() ?? this.#section
    const { audio, stream } = this.#section
    const lane = [this.#control, this.#connection, audio, stream].find(({ isEmpty }) => !isEmpty)
    if (lane === undefined) return []
    return lane.begun === undefined ? this.#begin(lane) : this.#continue(lane, lane.begun)
  }

  get #lastSection(): Section {
    return this.#later.at(-1) ?? this.#section
  }

  #laneOf(message: RtmpMessage): Lane {
    switch (laneOf(message)) {
      case MessageLane.Control:
        return this.#control
      case MessageLane.Connection:
        return this.#connection
      case MessageLane.Audio:
        return this.#lastSection.audio
      case MessageLane.Stream:
        return this.#lastSection.stream
    }
  }

  #begin(lane: Lane): readonly Buffer[] {
    const message = lane.waiting.shift() as RtmpMessage
    this.#bytes -= 1
    if (this.#isCut(message)) return this.#continue(lane, this.#muxer.begin(message))
    this.#bytes -= message.payload.length
    return [this.#muxer.encode(message)]
  }

  /** Control messages are some bytes. Their chunk stream is that of two lanes, and a new chunk size holds at once. */
  #isCut({ messageTypeId, messageStreamId, payload }: RtmpMessage): boolean {
    if (chunkStreamIdFor(messageTypeId, messageStreamId) === ChunkStreamId.Control) return false
    return payload.length > this.#muxer.outgoingChunkSize
  }

  #continue(lane: Lane, message: OutgoingMessage): readonly Buffer[] {
    const chunk = message.next(this.#muxer.outgoingChunkSize)
    this.#bytes -= chunk[1].length
    lane.begun = message.done ? undefined : message
    return chunk
  }
}
