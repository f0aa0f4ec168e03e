import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { createHash } from 'node:crypto'

/** What a payload says it is. */
export const Kind = { Audio: 0, Picture: 1, OtherPicture: 2, AudioHeader: 3, VideoHeader: 4 } as const
export type Kind = (typeof Kind)[keyof typeof Kind]

/** Which payload of a publisher it is. */
export interface Mark {
  readonly publisher: number
  readonly kind: Kind
  /** Counts from 0 for each kind. */
  readonly index: number
}

const digestLength = 12
const markLength = 9 + digestLength

const audio = Buffer.of(0xaf, 1)
const audioHeader = Buffer.of(0xaf, 0, 0x12, 0x10)
const videoHeader = Buffer.of(0x17, 0, 0, 0, 0)
const picture = (frameType: number) => Buffer.of((frameType << 4) | 7, 1, 0, 0, 0)
/** Enhanced RTMP v2: coded frames of one track, AVC, number 1. */
const otherPicture = (frameType: number) =>
  Buffer.of(0x80 | (frameType << 4) | 6, 0x01, ...Buffer.from('avc1'), 1, 0, 0, 0)

/** FrameType of video. */
export type FrameType = 1 | 2 | 3

/** A payload that says which one it is, with a digest of all of it. */
function payloadOf(mark: Mark, head: Buffer, length: number): Buffer {
  const { publisher, kind, index } = mark
  const payload = Buffer.alloc(Math.max(length, head.length + markLength), (index * 31 + publisher) & 0x7f)
  head.copy(payload)
  payload.writeUInt32BE(publisher, head.length)
  payload.writeUInt8(kind, head.length + 4)
  payload.writeUInt32BE(index, head.length + 5)
  digestOf(payload, head.length + 9).copy(payload, head.length + 9)
  return payload
}

/** The payload's digest, of all but the digest itself. */
function digestOf(payload: Buffer, at: number): Buffer {
  const hash = createHash('sha1').update(payload.subarray(0, at))
  return hash
    .update(payload.subarray(at + digestLength))
    .digest()
    .subarray(0, digestLength)
}

/** What the payload says it is; undefined if it is not what it was. */
export function markOf({ payload }: RtmpMessage): Mark | undefined {
  const head = headLength(payload)
  if (payload.length < head + markLength) return undefined
  if (!digestOf(payload, head + 9).equals(payload.subarray(head + 9, head + markLength))) return undefined
  const kind = payload.readUInt8(head + 4) as Kind
  return { publisher: payload.readUInt32BE(head), kind, index: payload.readUInt32BE(head + 5) }
}

function headLength(payload: Buffer): number {
  const [first = 0, second = 0] = payload
  if (first === 0xaf) return second === 0 ? audioHeader.length : audio.length
  return first >= 0x80 ? 10 : 5
}

/** Makes the messages of one publisher, each of which says which one it is. */
export class Marker {
  readonly publisher: number
  readonly #next: number[] = [0, 0, 0, 0, 0]
  #timestamp: number
  #lastHeader: RtmpMessage | undefined

  /** @param timestamp of the first message */
  constructor(publisher: number, timestamp = 0) {
    this.publisher = publisher
    this.#timestamp = timestamp
  }

  /** How many of that kind there are so far. */
  made(kind: Kind): number {
    return this.#next[kind] ?? 0
  }

  audio(length: number): RtmpMessage {
    return this.#make(MessageType.Audio, Kind.Audio, audio, length)
  }

  picture(frameType: FrameType, length: number): RtmpMessage {
    return this.#make(MessageType.Video, Kind.Picture, picture(frameType), length)
  }

  /** A picture of another track, in a multitrack message. */
  otherPicture(frameType: FrameType, length: number): RtmpMessage {
    return this.#make(MessageType.Video, Kind.OtherPicture, otherPicture(frameType), length)
  }

  /** Data, which says nothing of itself. */
  data(length: number): RtmpMessage {
    const payload = encodeAmf0('onTextData', 'x'.repeat(length))
    return { messageTypeId: MessageType.DataAmf0, messageStreamId: 1, timestamp: this.#timestamp, payload }
  }

  audioHeader(length: number): RtmpMessage {
    return this.#make(MessageType.Audio, Kind.AudioHeader, audioHeader, length)
  }

  videoHeader(length: number): RtmpMessage {
    this.#lastHeader = this.#make(MessageType.Video, Kind.VideoHeader, videoHeader, length)
    return this.#lastHeader
  }

  /** The last sequence header of video once more, as encoders repeat them. */
  repeatedHeader(): RtmpMessage {
    return { ...(this.#lastHeader ?? this.videoHeader(60)), timestamp: this.#timestamp }
  }

  #make(messageTypeId: number, kind: Kind, head: Buffer, length: number): RtmpMessage {
    const index = this.made(kind)
    this.#next[kind] = index + 1
    this.#timestamp = (this.#timestamp + 7) >>> 0
    const payload = payloadOf({ publisher: this.publisher, kind, index }, head, length)
    return { messageTypeId, messageStreamId: 1, timestamp: this.#timestamp, payload }
  }
}
