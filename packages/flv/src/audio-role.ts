import { exAudioPacketType } from './ex-packet-type.ts'
import { AudioPacketType } from './packet-type.ts'

// Asked once per message: a few bytes are read, nothing is allocated. Unknown codecs are judged by their bits.

const aac = 10
const enhanced = 9

/** True for what configures the decoder: an AAC AudioSpecificConfig or an Enhanced SequenceStart, in any track. */
export function isAudioSequenceHeader(payload: Uint8Array): boolean {
  return payload.length >= 2 && packetType(payload) === AudioPacketType.SequenceStart
}

/** True for sound: neither headers, ends nor an empty message. */
export function isCodedAudio(payload: Uint8Array): boolean {
  return payload.length >= 2 && packetType(payload) === AudioPacketType.CodedFrames
}

function packetType(payload: Uint8Array): number {
  switch (payload[0]! >> 4) {
    case aac:
      return payload[1]!
    case enhanced:
      return exAudioPacketType(payload)
    default:
      return AudioPacketType.CodedFrames
  }
}
