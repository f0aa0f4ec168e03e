import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

const message =
  (messageTypeId: number) =>
  (timestamp: number, hex: string): RtmpMessage => ({
    messageTypeId,
    messageStreamId: 0,
    timestamp,
    // In memory of its own: caches copy what is a small part of more.
    payload: Buffer.from(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')).buffer),
  })

/** Messages by the bytes of their bodies, in hexadecimal. */
export const video: (timestamp: number, hex: string) => RtmpMessage = message(MessageType.Video)
export const audio: (timestamp: number, hex: string) => RtmpMessage = message(MessageType.Audio)

export const fourCc = {
  avc1: '61766331',
  hvc1: '68766331',
  av01: '61763031',
  vp09: '76703039',
  mp4a: '6d703461',
  opus: '4f707573',
  ac3: '61632d33',
} as const

const byte = (value: number) => value.toString(16).padStart(2, '0')

/** Multitrack messages with one track of AV1, and such of track 0, which is not multitrack. */
export const track = {
  header: (id: number, timestamp = 0, body = '81'): RtmpMessage =>
    video(timestamp, id === 0 ? `90 ${fourCc.av01} ${body}` : `96 00 ${fourCc.av01} ${byte(id)} ${body}`),
  key: (id: number, timestamp: number): RtmpMessage =>
    video(timestamp, id === 0 ? `91 ${fourCc.av01} 0a` : `96 01 ${fourCc.av01} ${byte(id)} 0a`),
  inter: (id: number, timestamp: number): RtmpMessage =>
    video(timestamp, id === 0 ? `a1 ${fourCc.av01} 0b` : `a6 01 ${fourCc.av01} ${byte(id)} 0b`),
} as const

/** One message for many tracks of AV1 (ManyTracks). */
export const tracks = {
  key: (ids: readonly number[], timestamp: number): RtmpMessage => many('96', '1', ids, timestamp),
  inter: (ids: readonly number[], timestamp: number): RtmpMessage => many('a6', '1', ids, timestamp),
  header: (ids: readonly number[], timestamp = 0): RtmpMessage => many('96', '0', ids, timestamp),
} as const

function many(first: string, packetType: string, ids: readonly number[], timestamp: number): RtmpMessage {
  return video(timestamp, `${first} 1${packetType} ${fourCc.av01} ${ids.map(id => `${byte(id)} 000001 0c`).join('')}`)
}
