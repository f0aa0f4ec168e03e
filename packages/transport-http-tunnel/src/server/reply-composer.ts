import { POLL_NOW, POLLING_UNIT, PollingByte, SESSION_OVER } from '../polling-byte.ts'
import { replyMemory } from './reply-memory.ts'
import type { TunnelStream } from '../tunnel-stream.ts'
import type { TurnKind } from './turn.ts'

/** Milliseconds between two polls that find nothing, however fast a client asks. */
export const PACE = 10

/** Bodies that are a polling byte and nothing else. */
const BARE = Array.from({ length: 0x22 }, (_, byte) => Buffer.from([byte]))

/** The body that tells that the session is over. */
export const FAREWELL: Buffer = bare(SESSION_OVER)

/** Makes reply bodies of what was written to the stream, with the polling byte before it. */
export class ReplyComposer {
  readonly #stream: TunnelStream
  readonly #maxLength: number
  readonly #polling = new PollingByte()
  #emptyAt = -Infinity
  #told = POLL_NOW

  constructor(stream: TunnelStream, maxLength: number) {
    this.#stream = stream
    this.#maxLength = maxLength
  }

  /** From when on the client may be told again that there is nothing. */
  get mayBeEmptyAt(): number {
    return this.#emptyAt + PACE
  }

  /** Milliseconds after which the client was last told to ask again. */
  get pollingInterval(): number {
    return this.#told * POLLING_UNIT
  }

  /** At most `room` bytes, and one more; from the memory for replies. */
  compose(kind: TurnKind, room: number, now: number): Buffer {
    const body = this.#compose(kind, room, now)
    this.#told = body[0] ?? POLL_NOW
    return body
  }

  /** A reply that carries nothing, whatever there is. */
  bare(): Buffer {
    return bare((this.#told = this.#polling.busy()))
  }

  #compose(kind: TurnKind, room: number, now: number): Buffer {
    const fetched = this.#stream.fetch(Math.min(this.#maxLength, room))
    if (fetched.length > 0) return this.#join(fetched)
    if (this.#stream.over) {
      this.#stream.finish()
      return FAREWELL
    }
    if (kind === 'send') return bare(this.#polling.busy())
    this.#emptyAt = now
    return bare(this.#polling.empty())
  }

  #join(fetched: readonly Buffer[]): Buffer {
    let length = 1
    for (const part of fetched) length += part.length
    const body = replyMemory.take(length)
    body[0] = this.#polling.busy()
    let offset = 1
    for (const part of fetched) {
      body.set(part, offset)
      offset += part.length
    }
    return body
  }
}

/** A body of one byte, at most the greatest polling byte. */
export function bare(byte: number): Buffer {
  return BARE[byte] as Buffer
}
