import { box, fullBox, uint16, uint32, zeros } from './boxes.ts'
import type { Described } from './entries.ts'

/** Units of time in a second: those of RTMP. */
const timescale = 1_000
/** Sample flags (ISO/IEC 14496-12 §8.8.3.1): depends on no other; depends on others, and decoding can't begin with it. */
const [syncFlags, otherFlags] = [0x0200_0000, 0x0101_0000]
/** Rows and columns as they are. */
const matrix = uint32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000)

/** A sample of a fragment; times in milliseconds. */
export interface FragmentSample {
  readonly decodeTime: number
  readonly duration: number
  /** From decoding to showing; may be below zero. */
  readonly offset: number
  readonly isKey: boolean
  readonly data: Uint8Array
}

/** What a SourceBuffer is given first: fragmented MP4 (ISO/IEC 14496-12 §8.8) of one track, whose id is 1. */
export function initSegment({ kind, entry, width, height }: Described): Uint8Array<ArrayBuffer> {
  const isSound = kind === 'audio'
  const tables = ['stts', 'stsc', 'stco'].map(type => fullBox(type, 0, 0, uint32(0)))
  const stbl = box('stbl', fullBox('stsd', 0, 0, uint32(1), entry), ...tables, fullBox('stsz', 0, 0, uint32(0, 0)))
  const minf = box(
    'minf',
    isSound ? fullBox('smhd', 0, 0, uint32(0)) : fullBox('vmhd', 0, 1, uint32(0, 0)),
    box('dinf', fullBox('dref', 0, 0, uint32(1), fullBox('url ', 0, 1))),
    stbl,
  )
  const handler = Buffer.from(isSound ? 'soun' : 'vide', 'latin1')
  const mdia = box(
    'mdia',
    fullBox('mdhd', 0, 0, uint32(0, 0, timescale, 0), uint16(0x55c4, 0)),
    fullBox('hdlr', 0, 0, uint32(0), handler, zeros(13)),
    minf,
  )
  const place = [uint32(0, 0, 1, 0, 0, 0, 0), uint16(0, 0, isSound ? 0x100 : 0, 0), matrix]
  const tkhd = fullBox('tkhd', 0, 3, ...place, uint32(width * 0x1_0000, height * 0x1_0000))
  const mvhd = fullBox(
    'mvhd',
    0,
    0,
    uint32(0, 0, timescale, 0, 0x1_0000),
    uint16(0x100, 0),
    zeros(8),
    matrix,
    zeros(24),
    uint32(2),
  )
  const mvex = box('mvex', fullBox('trex', 0, 0, uint32(1, 1, 0, 0, 0)))
  const ftyp = box('ftyp', Buffer.from('iso6\0\0\x02\0isomiso6', 'latin1'))
  return joined(ftyp, box('moov', mvhd, box('trak', tkhd, mdia), mvex))
}

/** A fragment of one sample. @param sequence from 1 */
export function fragment(sequence: number, sample: FragmentSample): Uint8Array<ArrayBuffer> {
  const { decodeTime, duration, offset, isKey, data } = sample
  const row = (at: number) => uint32(1, at, duration, data.length, isKey ? syncFlags : otherFlags, offset)
  const time = uint32(Math.floor(decodeTime / 2 ** 32), decodeTime >>> 0)
  const moof = (at: number) =>
    box(
      'moof',
      fullBox('mfhd', 0, 0, uint32(sequence)),
      // Version 1 of the run: its offset to the time of showing has a sign.
      box(
        'traf',
        fullBox('tfhd', 0, 0x2_0000, uint32(1)),
        fullBox('tfdt', 1, 0, time),
        fullBox('trun', 1, 0xf01, row(at)),
      ),
    )
  return joined(moof(moof(0).length + 8), box('mdat', data))
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts))
}
