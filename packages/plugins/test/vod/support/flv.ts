import { type AmfObject, EcmaArray, encodeAmf0 } from '@rtmpipe/amf'

/** Bytes of an FLV file (FLV 10.1 §E), written by hand. */
export interface Tag {
  readonly type: 8 | 9 | 18
  readonly timestamp: number
  readonly body: Buffer
}

/** As x264 writes it. */
export const videoHeader: Buffer = Buffer.from(
  '17000000000164000dffe1001a6764000dacd941419f9f0110000003001000000303c0f142996001000468ef8fcbfdf8f800',
  'hex',
)
export const audioHeader = Buffer.from('af001210', 'hex')

export function keyframe(timestamp: number, size = 400): Tag {
  return { type: 9, timestamp, body: filled('1701000000', timestamp, size) }
}

export function interframe(timestamp: number, size = 100): Tag {
  return { type: 9, timestamp, body: filled('2701000000', timestamp, size) }
}

export function sound(timestamp: number, size = 40): Tag {
  return { type: 8, timestamp, body: filled('af01', timestamp, size) }
}

export function metadata(properties: AmfObject): Tag {
  return { type: 18, timestamp: 0, body: Buffer.from(encodeAmf0('onMetaData', new EcmaArray(properties))) }
}

export const headers: readonly Tag[] = [
  { type: 9, timestamp: 0, body: videoHeader },
  { type: 8, timestamp: 0, body: audioHeader },
]

/** Pictures 40 ms apart, a keyframe every tenth, sound beside each. */
export function film(pictures: number, size = 100): Tag[] {
  return Array.from({ length: pictures }, (_, index) => index * 40).flatMap((time, index) => [
    index % 10 === 0 ? keyframe(time, size * 4) : interframe(time, size),
    sound(time),
  ])
}

export function flv(tags: readonly Tag[]): Buffer {
  return Buffer.concat([Buffer.from('464c5601050000000900000000', 'hex'), ...tags.map(tagBytes)])
}

/** Where each tag is in {@link flv} of the same tags. */
export function positions(tags: readonly Tag[]): number[] {
  let at = 13
  return tags.map(({ body }) => {
    const position = at
    at += body.length + 15
    return position
  })
}

function tagBytes({ type, timestamp, body }: Tag): Buffer {
  const bytes = Buffer.alloc(body.length + 15)
  bytes.writeUInt8(type, 0)
  bytes.writeUIntBE(body.length, 1, 3)
  bytes.writeUIntBE(timestamp & 0xff_ffff, 4, 3)
  bytes.writeUInt8(timestamp >>> 24, 7)
  body.copy(bytes, 11)
  bytes.writeUInt32BE(body.length + 11, body.length + 11)
  return bytes
}

/** A head, the time so that no two are the same, and filler. */
function filled(head: string, timestamp: number, size: number): Buffer {
  const body = Buffer.alloc(size, 0xab)
  const bytes = Buffer.from(head, 'hex')
  bytes.copy(body)
  body.writeUInt32BE(timestamp, bytes.length)
  return body
}
