import { boxAt, boxesIn, boxOf, fullBoxHead, typeOf } from './mp4-box.ts'
import { Mp4BoxStream } from './mp4-box-stream.ts'

const hasDataOffset = 0x1
const hasFirstSampleFlags = 0x4
/** Duration, size and flags of each sample. */
const sampleFields = [0x100, 0x200, 0x400]
const hasCompositionOffset = 0x800

/**
 * Gives the pictures of a fragmented MP4 file the decode times that they had in RTMP. mediabunny knows only when a picture
 * is shown, and has them decoded at the same times in order. Where pictures are reordered some are then shown before they
 * are decoded, which the format allows; but players built on FFmpeg show the whole track later by as much, and what is
 * heard no longer goes with what is seen. Here each track is decoded earlier by as long as its first picture waits.
 */
export class Mp4DecodeTimes {
  /** Milliseconds, by track. */
  readonly #waits = new Map<number, number>()
  /** The same in the tracks' own units, from their first fragments on. */
  readonly #shifts = new Map<number, number>()
  readonly #timescales = new Map<number, number>()
  /** Of each fragment, where it was and where it is. */
  readonly #fragments = new Map<number, number>()
  #growth = 0
  readonly #boxes = new Mp4BoxStream(['moov', 'moof', 'mfra'], (box, position) => {
    const type = typeOf(box)
    if (type === 'moof') return this.#fragment(box, position)
    if (type === 'mfra') return this.#index(box)
    this.#noteTimescales(box)
    return box
  })

  /** @param milliseconds from decoding to showing the first picture of a track; before a fragment with it is pushed */
  wait(trackId: number, milliseconds: number): void {
    this.#waits.set(trackId, milliseconds)
  }

  /** Takes the next bytes of the file, and gives those that are to be written instead. */
  push(bytes: Buffer): Buffer[] {
    return this.#boxes.push(bytes)
  }

  #noteTimescales(moov: Buffer): void {
    for (const { type, bytes } of boxesIn(moov)) {
      const header = type === 'trak' ? boxAt(bytes, 'tkhd') : undefined
      const media = header && boxAt(bytes, 'mdia/mdhd')
      if (header === undefined || media === undefined) continue
      this.#timescales.set(header.readUInt32BE(header[8] === 1 ? 28 : 20), media.readUInt32BE(media[8] === 1 ? 28 : 20))
    }
  }

  #fragment(moof: Buffer, position: number): Buffer {
    this.#fragments.set(position, position + this.#growth)
    const children = boxesIn(moof).map(({ type, bytes }) => (type === 'traf' ? this.#earlier(bytes) : bytes))
    const box = boxOf('moof', children)
    const growth = box.length - moof.length
    this.#growth += growth
    for (const { type, bytes } of boxesIn(box)) if (type === 'traf') moveData(bytes, growth)
    return box
  }

  #earlier(traf: Buffer): Buffer {
    const trackId = boxAt(traf, 'tfhd')?.readUInt32BE(fullBoxHead) ?? 0
    const begin = boxAt(traf, 'tfdt')?.readBigUInt64BE(fullBoxHead) ?? 0n
    const shift = this.#shiftOf(trackId, Number(begin))
    if (shift === 0) return traf
    return boxOf(
      'traf',
      boxesIn(traf).map(({ type, bytes }) => {
        if (type === 'trun') return withOffsets(bytes, shift)
        if (type !== 'tfdt') return bytes
        const tfdt = Buffer.from(bytes)
        tfdt.writeBigUInt64BE(begin - BigInt(shift), fullBoxHead)
        return tfdt
      }),
    )
  }

  /** Nothing is decoded before the file begins. */
  #shiftOf(trackId: number, begin: number): number {
    const known = this.#shifts.get(trackId)
    if (known !== undefined) return known
    const wait = ((this.#waits.get(trackId) ?? 0) * (this.#timescales.get(trackId) ?? 0)) / 1000
    const shift = Math.max(Math.min(Math.round(wait), begin), 0)
    this.#shifts.set(trackId, shift)
    return shift
  }

  /** The index at the end says where fragments are. */
  #index(mfra: Buffer): Buffer {
    const index = Buffer.from(mfra)
    for (const { type, bytes } of boxesIn(index)) {
      if (type !== 'tfra') continue
      const [count, entry] = [bytes.readUInt32BE(20), 28]
      for (let at = 24; at < 24 + count * entry; at += entry) {
        const before = Number(bytes.readBigUInt64BE(at + 8))
        bytes.writeBigUInt64BE(BigInt(this.#fragments.get(before) ?? before), at + 8)
      }
    }
    return index
  }
}

/** Media begins that much further from the beginning of its fragment's index. */
function moveData(traf: Buffer, growth: number): void {
  for (const { type, bytes } of boxesIn(traf)) {
    if (type !== 'trun' || (bytes.readUInt32BE(8) & hasDataOffset) === 0) continue
    bytes.writeInt32BE(bytes.readInt32BE(16) + growth, 16)
  }
}

/** A track run whose samples are shown that much later after they are decoded. */
function withOffsets(trun: Buffer, shift: number): Buffer {
  const flags = trun.readUInt32BE(8) & 0xffffff
  const count = trun.readUInt32BE(12)
  const head = 16 + (flags & hasDataOffset ? 4 : 0) + (flags & hasFirstSampleFlags ? 4 : 0)
  const fields = 4 * sampleFields.filter(field => flags & field).length
  const before = fields + (flags & hasCompositionOffset ? 4 : 0)
  const after = fields + 4
  const run = Buffer.alloc(head + count * after)
  trun.copy(run, 0, 0, head)
  run.writeUInt32BE(run.length, 0)
  // Version 1: offsets have a sign.
  run.writeUInt32BE(((1 << 24) | flags | hasCompositionOffset) >>> 0, 8)
  for (let index = 0; index < count; index += 1) {
    const [from, to] = [head + index * before, head + index * after]
    trun.copy(run, to, from, from + fields)
    run.writeInt32BE((before > fields ? trun.readInt32BE(from + fields) : 0) + shift, to + fields)
  }
  return run
}
