import { originOf, type PayloadOrigin, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** Numbers of a message: {@link place} says which. */
const stride = 5
const place = { type: 0, stream: 1, timestamp: 2, offset: 3, length: 4 } as const
/** Beside the message type, which is a byte. */
const discontinuity = 0x100

/** Messages whose payloads are parts of the same memory. */
interface Run {
  readonly origin: PayloadOrigin
  /** Index of the first of them. */
  readonly start: number
}

/**
 * Messages in order, as numbers beside the memory of their payloads, which it holds. Kept as objects, the seconds of every
 * stream would be most of what a garbage collector has to look at.
 */
export class PackedMessages {
  #numbers = new Uint32Array(16 * stride)
  #length = 0
  #runs: Run[] = []
  /** Of the last run. */
  #origin: PayloadOrigin | undefined
  #firstTimestamp = 0

  get length(): number {
    return this.#length
  }

  /** @param origin what the payload is a part of, if that is known */
  push(message: RtmpMessage, origin: PayloadOrigin = originOf(message.payload)): void {
    const { payload } = message
    if (this.#length === 0) this.#firstTimestamp = message.timestamp
    if (this.#origin !== origin) {
      origin.hold()
      this.#origin = origin
      this.#runs.push({ origin, start: this.#length })
    }
    const start = this.#length * stride
    if (start === this.#numbers.length) this.#grow()
    const numbers = this.#numbers
    numbers[start + place.type] = message.messageTypeId | (message.discontinuity === true ? discontinuity : 0)
    numbers[start + place.stream] = message.messageStreamId
    numbers[start + place.timestamp] = message.timestamp
    numbers[start + place.offset] = payload.byteOffset
    numbers[start + place.length] = payload.length
    this.#length += 1
  }

  /** Of the first message. There must be one. */
  get firstTimestamp(): number {
    return this.#firstTimestamp
  }

  /** There must be such a message. */
  timestampAt(index: number): number {
    return this.#numbers[index * stride + place.timestamp] as number
  }

  /** The messages from that index on. Their payloads are good until {@link PackedMessages.clear}, unless they are held. */
  slice(start = 0): RtmpMessage[] {
    const messages: RtmpMessage[] = []
    for (const [index, run] of this.#runs.entries()) {
      const end = this.#runs[index + 1]?.start ?? this.#length
      for (let at = Math.max(run.start, start); at < end; at += 1) messages.push(this.#unpack(at, run.origin))
    }
    return messages
  }

  clear(): void {
    for (const { origin } of this.#runs) origin.release()
    this.#runs = []
    this.#origin = undefined
    this.#length = 0
  }

  #unpack(index: number, origin: PayloadOrigin): RtmpMessage {
    const at = (number: number) => this.#numbers[index * stride + number] as number
    return {
      messageTypeId: at(place.type) & 0xff,
      messageStreamId: at(place.stream),
      timestamp: at(place.timestamp),
      payload: origin.part(at(place.offset), at(place.length)),
      ...(at(place.type) >= discontinuity && { discontinuity: true }),
    }
  }

  #grow(): void {
    const numbers = new Uint32Array(2 * this.#numbers.length)
    numbers.set(this.#numbers)
    this.#numbers = numbers
  }
}
