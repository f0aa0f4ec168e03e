import { samples } from '@rtmpipe/testing'
import type { PublishStream, RtmpMessage } from 'rtmpipe'

/** Pictures and sounds a second, as an encoder sends them: 77 messages. */
const pictures = 30
const sounds = 47
/** Milliseconds between looks at what is due. */
const look = 4

/** What to publish. */
export interface NumberedOptions {
  /** Bytes of a keyframe, of another picture, of a sound. Default: 6,000, 1,000 and 200. */
  readonly sizes?: readonly [key: number, picture: number, sound: number]
  /** Pictures from one keyframe to the next. Default 30. */
  readonly gop?: number
}

/** What a numbered message says of itself. */
export interface NumberedMessage {
  /** Counts all messages of the stream, from 1. */
  readonly number: number
  /** Counts those of its kind, from 1. */
  readonly index: number
  readonly isPicture: boolean
  readonly isKey: boolean
  /** When it was written, on `performance.now()`'s clock of this process. */
  readonly sentAt: number
}

/** Of 25 Mbit/s: keyframes of 200 KB, one each second. */
export const bigSizes = [200_000, 100_000, 200] as const

/** Publishes at an encoder's pace; each message has a number and the time in it. */
export class NumberedPublisher implements Disposable {
  readonly #streams: readonly PublishStream[]
  readonly #sizes: readonly [number, number, number]
  readonly #gop: number
  readonly #timer: NodeJS.Timeout
  readonly #began = performance.now()
  #number = 0
  #pictures = 0
  #sounds = 0

  /** Begins at once, with the same on all of the streams. */
  constructor(streams: readonly PublishStream[], options: NumberedOptions = {}) {
    const { sizes = [6_000, 1_000, 200], gop = 30 } = options
    this.#streams = streams
    this.#sizes = sizes
    this.#gop = gop
    for (const header of [samples.metadata(), samples.videoHeader(), samples.audioHeader()]) this.#write(header)
    this.#timer = setInterval(() => this.#look(), look)
    this.#look()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const seconds = (performance.now() - this.#began) / 1_000
    while (this.#pictures <= seconds * pictures || this.#sounds <= seconds * sounds) {
      const isPicture = this.#pictures / pictures <= this.#sounds / sounds
      const timestamp = Math.round(1_000 * (isPicture ? this.#pictures / pictures : this.#sounds / sounds))
      this.#write(isPicture ? this.#picture(timestamp) : this.#sound(timestamp))
    }
  }

  #picture(timestamp: number): RtmpMessage {
    const isKey = this.#pictures % this.#gop === 0
    this.#pictures += 1
    const [key, picture] = this.#sizes
    return this.#signed(
      isKey ? samples.keyframe(timestamp, key) : samples.interframe(timestamp, picture),
      this.#pictures,
    )
  }

  #sound(timestamp: number): RtmpMessage {
    this.#sounds += 1
    return this.#signed(samples.audio(timestamp, this.#sizes[2]), this.#sounds)
  }

  #signed(message: RtmpMessage, index: number): RtmpMessage {
    this.#number += 1
    message.payload.writeUInt32BE(this.#number, 5)
    message.payload.writeUInt32BE(index, 9)
    message.payload.writeDoubleBE(performance.now(), 13)
    return message
  }

  #write(message: RtmpMessage): void {
    for (const stream of this.#streams) if (!stream.destroyed) stream.write(message)
  }
}

/** @returns undefined for headers and metadata */
export function readNumbered({ messageTypeId, payload }: RtmpMessage): NumberedMessage | undefined {
  const isVideo = messageTypeId === 9
  if ((!isVideo && messageTypeId !== 8) || payload[1] === 0) return undefined
  return {
    number: payload.readUInt32BE(5),
    index: payload.readUInt32BE(9),
    isPicture: isVideo,
    isKey: isVideo && payload[0] === 0x17,
    sentAt: payload.readDoubleBE(13),
  }
}
