import { box, boxHead, fullBox, uint16, uint32, uint64 } from './box.ts'
import type { OutputSample, OutputTrack } from './output.ts'

/** Milliseconds. */
const movieTimescale = 1_000
const none = 0
const undetermined = 0x55c4
/** Sample flags (ISO/IEC 14496-12 §8.8.3.1): depends on no other; depends on others, and decoding can't begin with it. */
const [syncFlags, otherFlags] = [0x0200_0000, 0x0101_0000]
/** Places count from the fragment; duration, size, flags and composition offset of each sample. */
const [baseIsMoof, runFlags] = [0x2_0000, 0xf01]
/** Rows and columns as they are. */
const matrix = uint32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000)

/** The boxes of fragmented MP4 (ISO/IEC 14496-12 §8.8): a head, and a fragment for whatever is given together. */
export class FragmentBoxes {
  readonly #tracks: readonly OutputTrack[]
  #sequence = 0

  /** @param tracks get the ids 1, 2, … */
  constructor(tracks: readonly OutputTrack[]) {
    this.#tracks = tracks
  }

  /** `ftyp` and `moov`. */
  head(): Buffer {
    const brands = ['isom', 'iso6', 'mp41'].map(brand => Buffer.from(brand))
    const type = box('ftyp', Buffer.from('iso6'), uint32(0x200), ...brands)
    const ids = this.#tracks.map((_, place) => place + 1)
    const defaults = ids.map(id => fullBox('trex', 0, 0, uint32(id, 1, 0, 0, 0)))
    const tracks = this.#tracks.map((track, place) => trackBox(track, place + 1))
    const movie = box('moov', movieHeader(ids.length + 1), ...tracks, box('mvex', ...defaults))
    return Buffer.concat([type, movie])
  }

  /** `moof` and `mdat`. @param samples of each track, in the order of the tracks */
  fragment(samples: readonly (readonly OutputSample[])[]): Uint8Array[] {
    const used = [...samples.entries()].filter(([, { length }]) => length > 0)
    this.#sequence += 1
    // Where the media are is known when it is known how long all this is, which it does not change.
    const size = this.#index(used, 0).length
    const index = this.#index(used, size + boxHead)
    const data = used.flatMap(([, own]) => own.map(sample => sample.data))
    const head = uint32(data.reduce((sum, { length }) => sum + length, boxHead))
    return [index, head, Buffer.from('mdat'), ...data]
  }

  /** Units of a track's time. */
  units(track: number, milliseconds: number): number {
    return Math.round((milliseconds * (this.#tracks[track]?.timescale ?? 0)) / 1000)
  }

  #index(tracks: readonly (readonly [number, readonly OutputSample[]])[], mediaBegin: number): Buffer {
    let begin = mediaBegin
    const parts = tracks.map(([track, samples]) => {
      const at = begin
      for (const { data } of samples) begin += data.length
      const header = fullBox('tfhd', 0, baseIsMoof, uint32(track + 1))
      const time = fullBox('tfdt', 1, 0, uint64(this.units(track, samples[0]?.decodeTime ?? 0)))
      return box('traf', header, time, this.#run(track, samples, at))
    })
    return box('moof', fullBox('mfhd', 0, 0, uint32(this.#sequence)), ...parts)
  }

  #run(track: number, samples: readonly OutputSample[], begin: number): Buffer {
    const rows = Buffer.alloc(samples.length * 16)
    for (const [place, { decodeTime, duration, compositionOffset, isSync, data }] of samples.entries()) {
      const start = this.units(track, decodeTime)
      // From one to the next, so that what is rounded does not add up.
      const end = this.units(track, samples[place + 1]?.decodeTime ?? decodeTime + duration)
      rows.writeUInt32BE(end - start, place * 16)
      rows.writeUInt32BE(data.length, place * 16 + 4)
      rows.writeUInt32BE(isSync ? syncFlags : otherFlags, place * 16 + 8)
      rows.writeInt32BE(this.units(track, compositionOffset), place * 16 + 12)
    }
    // Version 1: composition offsets have a sign.
    return fullBox('trun', 1, runFlags, uint32(samples.length, begin), rows)
  }
}

function movieHeader(nextTrack: number): Buffer {
  const times = uint32(0, 0, movieTimescale, 0)
  const rate = [uint32(0x1_0000), uint16(0x100), uint16(0), uint32(0, 0)]
  return fullBox('mvhd', 0, 0, times, ...rate, matrix, Buffer.alloc(24), uint32(nextTrack))
}

function trackBox({ kind, timescale, entry, width, height }: OutputTrack, id: number): Buffer {
  const isSound = kind === 'audio'
  const placement = uint16(0, 0, isSound ? 0x100 : 0, 0)
  const size = uint32(width * 0x1_0000, height * 0x1_0000)
  // Enabled, and part of the movie.
  const header = fullBox('tkhd', 0, 3, uint32(0, 0, id, 0, 0, 0, 0), placement, matrix, size)
  const media = fullBox('mdhd', 0, 0, uint32(0, 0, timescale, 0), uint16(undetermined, 0))
  const handler = fullBox('hdlr', 0, 0, uint32(0), Buffer.from(isSound ? 'soun' : 'vide'), Buffer.alloc(13))
  const mediaHeader = isSound ? fullBox('smhd', 0, 0, uint32(0)) : fullBox('vmhd', 0, 1, uint32(0, 0))
  const here = box('dinf', fullBox('dref', 0, 0, uint32(1), fullBox('url ', 0, 1)))
  const tables = box(
    'stbl',
    fullBox('stsd', 0, 0, uint32(1), entry),
    fullBox('stts', 0, 0, uint32(none)),
    fullBox('stsc', 0, 0, uint32(none)),
    fullBox('stsz', 0, 0, uint32(0, none)),
    fullBox('stco', 0, 0, uint32(none)),
  )
  return box('trak', header, box('mdia', media, handler, box('minf', mediaHeader, here, tables)))
}

/** A video sample entry (§12.1.3). @param config the box that configures the decoder */
export function videoEntry(format: string, width: number, height: number, config: Buffer): Buffer {
  const before = [Buffer.alloc(6), uint16(1), Buffer.alloc(16), uint16(width, height)]
  const resolution = uint32(0x48_0000, 0x48_0000, 0)
  return box(format, ...before, resolution, uint16(1), Buffer.alloc(32), uint16(0x18, 0xffff), config)
}

/** An audio sample entry (§12.2.3). @param config as above; MP3 and the like need none but have one */
export function audioEntry(format: string, channels: number, sampleRate: number, config: Buffer): Buffer {
  // Rates that have no place are in the configuration.
  const rate = uint16(sampleRate > 0xffff ? 0 : sampleRate, 0)
  return box(format, Buffer.alloc(6), uint16(1), uint32(0, 0), uint16(channels, 16), uint32(0), rate, config)
}
