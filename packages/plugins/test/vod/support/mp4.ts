import { audioHeader, videoHeader } from './flv.ts'

/** Bytes of MP4 files (ISO/IEC 14496-12), written by hand: nothing of what is tested has a part in them. */
export interface TestSample {
  /** Units of the track. */
  readonly duration: number
  readonly offset?: number
  readonly isSync?: boolean
  /** From 1. */
  readonly description?: number
  readonly data: Buffer
}

export interface TestTrack {
  readonly kind: 'vide' | 'soun'
  readonly timescale: number
  readonly entries: readonly Buffer[]
  readonly samples: readonly TestSample[]
  /** Duration in milliseconds and media time in units of the track. */
  readonly edits?: readonly (readonly [duration: number, mediaTime: number])[]
}

export const u8 = (...values: number[]): Buffer => Buffer.from(values)
export const u16 = (...values: number[]): Buffer =>
  Buffer.concat(values.map(value => u8((value >> 8) & 255, value & 255)))
export const u32 = (...values: number[]): Buffer =>
  Buffer.concat(values.map(value => u16(value >>> 16, value & 0xffff)))

export function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

/** Version and flags first. */
export const full = (type: string, versionAndFlags: number, ...parts: Buffer[]): Buffer =>
  box(type, u32(versionAndFlags), ...parts)

export function avcEntry(header: Buffer = videoHeader, width = 320, height = 180): Buffer {
  const before = [Buffer.alloc(6), u16(1), Buffer.alloc(16), u16(width, height), u32(0x48_0000, 0x48_0000, 0)]
  return box('avc1', ...before, u16(1), Buffer.alloc(32), u16(24, 0xffff), box('avcC', header.subarray(5)))
}

export function aacEntry(sampleRate = 44_100, config = audioHeader.toString('hex', 2)): Buffer {
  const decoder = u8(4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2)
  const stream = Buffer.concat([u8(3, 25, 0, 0, 0), decoder, Buffer.from(config, 'hex'), u8(6, 1, 2)])
  const rate = u16(sampleRate, 0)
  return box('mp4a', Buffer.alloc(6), u16(1), u32(0, 0), u16(2, 16), u32(0), rate, full('esds', 0, stream))
}

interface MovieOptions {
  /** What else there is of a track's tables: instead of `stsz`, say. */
  readonly stbl?: (track: TestTrack) => Buffer[]
  /** That the movie goes on in fragments. */
  readonly extended?: boolean
}

/** Each sample is a chunk. @param positions of each track's samples */
function movie(tracks: readonly TestTrack[], positions: readonly number[][], options: MovieOptions): Buffer {
  const traks = tracks.map((track, place) => trak(track, place + 1, positions[place] ?? [], options))
  const defaults = tracks.map((_, place) => full('trex', 0, u32(place + 1, 1, 0, 0, 0)))
  const header = full('mvhd', 0, u32(0, 0, 1000, 0, 0x1_0000), u16(0x100), Buffer.alloc(10 + 36 + 24), u32(9))
  return box('moov', header, ...traks, ...(options.extended ? [box('mvex', ...defaults)] : []))
}

function trak(track: TestTrack, id: number, positions: readonly number[], { stbl }: MovieOptions): Buffer {
  const { kind, timescale, entries, samples, edits } = track
  const editList =
    edits && box('edts', full('elst', 0, u32(edits.length), ...edits.map(edit => u32(...edit, 0x1_0000))))
  const syncs = samples.flatMap(({ isSync }, place) => (isSync === false ? [] : [place + 1]))
  const offsets = samples.some(({ offset }) => offset !== undefined)
  const sizes = [full('stsz', 0, u32(0, samples.length, ...samples.map(({ data }) => data.length)))]
  const tables = [
    full('stsd', 0, u32(entries.length), ...entries),
    full('stts', 0, u32(samples.length, ...samples.flatMap(({ duration }) => [1, duration]))),
    ...(offsets
      ? [full('ctts', 0x100_0000, u32(samples.length, ...samples.flatMap(one => [1, (one.offset ?? 0) >>> 0])))]
      : []),
    full(
      'stsc',
      0,
      u32(samples.length, ...samples.flatMap(({ description = 1 }, place) => [place + 1, 1, description])),
    ),
    ...(stbl?.(track) ?? sizes),
    full('stco', 0, u32(positions.length, ...positions)),
    ...(syncs.length < samples.length ? [full('stss', 0, u32(syncs.length, ...syncs))] : []),
  ]
  const media = [
    full('mdhd', 0, u32(0, 0, timescale, 0, 0)),
    full('hdlr', 0, u32(0), Buffer.from(kind), Buffer.alloc(13)),
    box('minf', box('stbl', ...tables)),
  ]
  return box(
    'trak',
    full('tkhd', 3, u32(0, 0, id), Buffer.alloc(68)),
    ...(editList ? [editList] : []),
    box('mdia', ...media),
  )
}

const fileType = box('ftyp', Buffer.from('isom'), u32(0), Buffer.from('isom'))

/** A file with its index first, and then the media of one track after the other. */
export function tableMp4(tracks: readonly TestTrack[], options: MovieOptions = {}): Buffer {
  const media = tracks.map(({ samples }) => samples.map(({ data }) => data))
  const head = (positions: number[][]): Buffer => Buffer.concat([fileType, movie(tracks, positions, options)])
  let at = head(media.map(of => of.map(() => 0))).length + 8
  const positions = media.map(of => of.map(({ length }) => (at += length) - length))
  return Buffer.concat([head(positions), box('mdat', ...media.flat())])
}

/**
 * The samples of each track in a fragment, and what was of them before: their time.
 *
 * @param ids of the tracks, which may be the same
 */
export function fragment(
  tracks: readonly TestTrack[],
  begins: readonly number[],
  timed = true,
  ids: readonly number[] = tracks.map((_, place) => place + 1),
): Buffer {
  const moof = (begin: number): Buffer => {
    let at = begin
    const trafs = tracks.flatMap(({ samples }, place) => {
      if (samples.length === 0) return []
      const rows = samples.map(one =>
        u32(one.duration, one.data.length, one.isSync === false ? 0x1_0000 : 0, (one.offset ?? 0) >>> 0),
      )
      const run = full('trun', 0x100_0f01, u32(samples.length, at), ...rows)
      for (const { data } of samples) at += data.length
      const header = full('tfhd', 0x2_0002, u32(ids[place] ?? 0, samples[0]?.description ?? 1))
      return [box('traf', header, ...(timed ? [full('tfdt', 0, u32(begins[place] ?? 0))] : []), run)]
    })
    return box('moof', full('mfhd', 0, u32(1)), ...trafs)
  }
  const media = tracks.flatMap(({ samples }) => samples.map(({ data }) => data))
  return Buffer.concat([moof(moof(0).length + 8), box('mdat', ...media)])
}

interface FragmentedOptions {
  /** Milliseconds of media that stand in the tables of the movie. */
  readonly inTables?: number
  /** False for fragments that do not say when they begin. */
  readonly timed?: boolean
  /** True to end with an index of fragments. */
  readonly indexed?: boolean
}

/** A file of fragments of `length` milliseconds. */
export function fragmentedMp4(tracks: readonly TestTrack[], length: number, options: FragmentedOptions = {}): Buffer {
  const { inTables = 0, timed = true, indexed = false } = options
  const between = (track: TestTrack, from: number, to: number): TestTrack => {
    let time = 0
    const samples = track.samples.filter(({ duration }) => {
      const at = ((time += duration) - duration) / track.timescale
      return at * 1000 >= from - 0.001 && at * 1000 < to - 0.001
    })
    return { ...track, samples }
  }
  const sum = ({ samples }: TestTrack): number => samples.reduce((all, { duration }) => all + duration, 0)
  const ends = tracks.map(track => (sum(track) / track.timescale) * 1000)
  const parts = [
    tableMp4(
      tracks.map(track => between(track, 0, inTables)),
      { extended: true },
    ),
  ]
  const positions: number[] = []
  for (let from = inTables; from < Math.max(...ends); from += length) {
    positions.push(Buffer.concat(parts).length)
    const own = tracks.map(track => between(track, from, from + length))
    parts.push(
      fragment(
        own,
        tracks.map(track => sum(between(track, 0, from))),
        timed,
      ),
    )
  }
  if (indexed) {
    const table = full(
      'tfra',
      0,
      u32(1, 0, positions.length),
      ...positions.map(at => Buffer.concat([u32(0, at), u8(1, 1, 1)])),
    )
    parts.push(box('mfra', table, full('mfro', 0, u32(table.length + 24))))
  }
  return Buffer.concat(parts)
}
