import type { ChunkMuxer } from './chunk-muxer.ts'
import { isBarrier, laneOf, MessageLane } from './message-lane.ts'
import type { RtmpMessage } from './message.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Messages in order, and the first of them as far as it has been sent. */
class Lane {
  readonly waiting: RtmpMessage[] = []
  begun: OutgoingMessage | undefined
}

/**
 * What waits to be sent behind a long message. Chunks are the unit: before each one the lanes are looked at again, so that
 * audio and what keeps the connection going wait for one chunk at most. No stream and no I/O.
 */
export class Outbox {
  readonly #muxer: ChunkMuxer
  readonly #lanes: readonly Lane[] = Object.values(MessageLane).map(() => new Lane())
  #bytes = 0
  #barriers = 0

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
    const own = laneOf(message)
    const lane = own === MessageLane.Audio && this.#barriers > 0 ? MessageLane.Stream : own
    if (lane === MessageLane.Stream && isBarrier(message)) this.#barriers += 1
    this.#lanes[lane]?.waiting.push(message)
    this.#bytes += message.payload.length + 1
  }

  /** The bytes of the next chunk. Not to be called when empty. */
  next(): readonly Buffer[] {
    const lane = this.#lanes.find(({ begun, waiting }) => begun !== undefined || waiting.length > 0)
    if (lane === undefined) return []
    return lane.begun === undefined ? this.#begin(lane) : this.#continue(lane, lane.begun)
  }

  #begin(lane: Lane): readonly Buffer[] {
    const message = lane.waiting.shift() as RtmpMessage
    this.#bytes -= 1
    if (lane === this.#lanes[MessageLane.Stream] && isBarrier(message)) this.#barriers -= 1
    if (message.payload.length > this.#muxer.outgoingChunkSize) return this.#continue(lane, this.#muxer.begin(message))
    this.#bytes -= message.payload.length
    return [this.#muxer.encode(message)]
  }

  #continue(lane: Lane, message: OutgoingMessage): readonly Buffer[] {
    const chunk = message.next(this.#muxer.outgoingChunkSize)
    this.#bytes -= chunk[1].length
    lane.begun = message.done ? undefined : message
    return chunk
  }
}
