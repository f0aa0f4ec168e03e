import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** Messages as an H.264 and AAC publisher sends them; the pictures are filler, which no part of rtmpipe looks into. */
export const samples = {
  /** `onMetaData` with these properties. */
  metadata: (properties: Record<string, number> = { width: 640, height: 360 }): RtmpMessage =>
    message(MessageType.DataAmf0, 0, encodeAmf0('onMetaData', new EcmaArray(properties))),
  /** What configures a decoder of H.264; without parameter sets, so that the size of pictures is that of the metadata. */
  videoHeader: (timestamp = 0): RtmpMessage =>
    message(MessageType.Video, timestamp, bytes('17000000000142c00dffe0', 24)),
  /** What configures a decoder of AAC. */
  audioHeader: (timestamp = 0): RtmpMessage => message(MessageType.Audio, timestamp, bytes('af001210', 4)),
  /** A picture that needs no other; so many bytes long. */
  keyframe: (timestamp: number, length = 2_000): RtmpMessage =>
    message(MessageType.Video, timestamp, bytes('1701000000', length)),
  /** A picture that needs the one before it, and on which others depend. */
  interframe: (timestamp: number, length = 500): RtmpMessage =>
    message(MessageType.Video, timestamp, bytes('2701000000', length)),
  /** A picture on which no other depends: the first to be dropped for a slow player. */
  disposable: (timestamp: number, length = 300): RtmpMessage =>
    message(MessageType.Video, timestamp, bytes('3701000000', length)),
  /** A frame of AAC. */
  audio: (timestamp: number, length = 200): RtmpMessage => message(MessageType.Audio, timestamp, bytes('af01', length)),
} as const

/** Metadata and headers, then `count` pictures 40 ms apart with a keyframe every `gop` and audio in between. */
export function sampleStream(count: number, gop = 10): RtmpMessage[] {
  const messages = [samples.metadata(), samples.videoHeader(), samples.audioHeader()]
  for (let index = 0; index < count; index += 1) {
    const timestamp = index * 40
    messages.push(index % gop === 0 ? samples.keyframe(timestamp) : samples.interframe(timestamp))
    messages.push(samples.audio(timestamp + 20))
  }
  return messages
}

function message(messageTypeId: number, timestamp: number, payload: Buffer): RtmpMessage {
  return { messageTypeId, messageStreamId: 0, timestamp, payload }
}

/** A tag header and filler that differs from place to place, so that a mix-up shows. */
function bytes(header: string, length: number): Buffer {
  const start = Buffer.from(header, 'hex')
  const payload = Buffer.alloc(Math.max(length, start.length))
  for (let index = 0; index < payload.length; index += 1) payload[index] = (index * 31 + length) & 0xff
  start.copy(payload)
  return payload
}
