import { AmfError, type AmfValue, Amf0Reader, propertiesOf } from '@rtmpipe/amf'
import { MessageType } from '@rtmpipe/chunk-stream'
import { isAudioSequenceHeader, isEmptyHeader, isVideoSequenceHeader } from '@rtmpipe/flv'

// OBS 29 sends a second audio track as data: what there will be as `onExpectAdditionalMedia`, and each message of the
// track as `additionalMedia` with an `id` and, as a ByteArray of AMF3, the bytes that an audio message would have.
const announcement = nameBytes('onExpectAdditionalMedia')
const trackMessage = nameBytes('additionalMedia')
/** The key, the switch to AMF3 and the marker of a ByteArray. */
const media = Buffer.from('\x00\x05media\x11\x0c', 'latin1')
/** Bytes in which the media of a track message has to begin. */
const searched = 1_024

/** True for a data message that late players need before the track that it is about: as a sequence header. */
export function isDataHeader(payload: Buffer): boolean {
  return isAnnouncement(payload) || isTrackHeader(payload)
}

/** True for a data message that says which tracks come as data. Servers keep it if it is published with `@setDataFrame`. */
export function isAnnouncement(payload: Buffer): boolean {
  return announcement.equals(payload.subarray(0, announcement.length))
}

/** The same for two data messages of which the later one takes the place of the earlier: name, and id of the track. */
export function dataKey(payload: Buffer): string {
  try {
    const reader = new Amf0Reader(payload)
    const name = textOf(reader.read())
    return isTrackHeader(payload) ? `${name} ${textOf(propertiesOf(reader.read())?.['id'])}` : name
  } catch (error) {
    if (error instanceof AmfError) return ''
    throw error
  }
}

function isTrackHeader(payload: Buffer): boolean {
  if (!trackMessage.equals(payload.subarray(0, trackMessage.length))) return false
  const at = payload.subarray(0, searched).indexOf(media)
  if (at < 0) return false
  const body = bytesAt(payload, at + media.length)
  if (isAudioSequenceHeader(body)) return !isEmptyHeader({ messageTypeId: MessageType.Audio, payload: body })
  return isVideoSequenceHeader(body) && !isEmptyHeader({ messageTypeId: MessageType.Video, payload: body })
}

/**
 * The bytes of a ByteArray from its length on: a U29 of which the upper bit of each byte but the fourth says that there
 * is one more, and the lowest bit that the bytes follow (AMF3 §1.3.1, §3.14).
 */
function bytesAt(payload: Buffer, at: number): Buffer {
  let length = 0
  for (let count = 1; count < 4; count += 1) {
    const byte = payload[at] ?? 0
    at += 1
    length = (length << 7) | (byte & 0x7f)
    if (byte < 0x80) return payload.subarray(at, at + (length >> 1))
  }
  length = (length << 8) | (payload[at] ?? 0)
  return payload.subarray(at + 1, at + 1 + (length >> 1))
}

function textOf(value: AmfValue): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function nameBytes(name: string): Buffer {
  return Buffer.from(`\x02\x00${String.fromCharCode(name.length)}${name}`, 'latin1')
}
