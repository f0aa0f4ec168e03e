import { bodyAt, boxesIn } from './box.ts'
import { Mp4Error } from './errors.ts'
import type { RawSample } from './sample-table.ts'

/** Samples of one track in a fragment; their times count from its beginning. */
export interface TrackFragment {
  /** When it is decoded, in units of the track; undefined if the fragment does not say. */
  readonly begin: number | undefined
  readonly duration: number
  readonly samples: readonly RawSample[]
}

/** A fragment of a file. */
export interface Fragment {
  readonly position: number
  /** Where it ends; its media may be behind. */
  readonly end: number
  /** By track id. */
  readonly tracks: ReadonlyMap<number, TrackFragment>
}

/** The fragments of a file, and how much of the file there is. */
export interface Fragments {
  /** Positions, ascending; of all, or of those that the file's own index names. */
  readonly positions: readonly number[]
  /**
   * The first at this position or behind it, whether it is in {@link positions} or not.
   *
   * @throws Mp4Error, whatever the file throws
   */
  from(position: number): Promise<Fragment | undefined>
  /** True for what a file that was cut does not have any more. */
  isMissing(sample: RawSample): boolean
}

/** What samples of a track have where a fragment says nothing (ISO/IEC 14496-12 §8.8.3). */
export interface TrackDefaults {
  /** From 1. */
  readonly description: number
  readonly duration: number
  readonly size: number
  readonly flags: number
}

/** Of one fragment. */
const maxSamples = 65_536
const noDefaults: TrackDefaults = { description: 1, duration: 0, size: 0, flags: 0 }
const isNoSync = 0x1_0000

/**
 * A movie fragment (ISO/IEC 14496-12 §8.8), by track id.
 *
 * @param moof what is in it
 * @param position of the fragment in the file
 * @throws Mp4Error
 */
export function parseFragment(
  moof: Buffer,
  position: number,
  defaults: ReadonlyMap<number, TrackDefaults>,
): Map<number, TrackFragment> {
  const found = new Map<number, TrackFragment & { readonly samples: RawSample[] }>()
  let [end, count] = [position, 0]
  for (const { type, body } of boxesIn(moof)) {
    if (type !== 'traf') continue
    const header = readHeader(bodyAt(body, 'tfhd'), position, end, defaults)
    const { begin, duration, samples } = found.get(header.trackId) ?? {
      begin: beginOf(bodyAt(body, 'tfdt')),
      duration: 0,
      samples: [] as RawSample[],
    }
    let time = duration
    end = header.base
    for (const run of boxesIn(body)) {
      if (run.type !== 'trun') continue
      count += run.body.length < 8 ? Infinity : run.body.readUInt32BE(4)
      if (count > maxSamples) throw damaged()
      ;[end, time] = readRun(run.body, header, end, time, samples)
    }
    found.set(header.trackId, { begin, duration: time, samples })
  }
  return found
}

interface Header extends TrackDefaults {
  readonly trackId: number
  /** What places in runs count from. */
  readonly base: number
}

/** @param end of the media of the track before, which those of this one follow if nothing else is said */
function readHeader(
  tfhd: Buffer | undefined,
  position: number,
  end: number,
  defaults: ReadonlyMap<number, TrackDefaults>,
): Header {
  if (tfhd === undefined || tfhd.length < 8) throw damaged()
  const [flags, trackId] = [tfhd.readUInt32BE(0), tfhd.readUInt32BE(4)]
  const usual = defaults.get(trackId) ?? noDefaults
  let at = 8
  const optional = (flag: number, otherwise: number): number => {
    if ((flags & flag) === 0) return otherwise
    at += 4
    if (at > tfhd.length) throw damaged()
    return tfhd.readUInt32BE(at - 4)
  }
  let base = (flags & 0x2_0000) !== 0 ? position : end
  if ((flags & 0x1) !== 0) base = optional(0x1, 0) * 0x1_0000_0000 + optional(0x1, 0)
  return {
    trackId,
    base,
    description: optional(0x2, usual.description),
    duration: optional(0x8, usual.duration),
    size: optional(0x10, usual.size),
    flags: optional(0x20, usual.flags),
  }
}

/** Adds the samples of a track run (§8.8.8). Returns where they end, in the file and in time. */
function readRun(
  trun: Buffer,
  header: Header,
  begin: number,
  beginTime: number,
  samples: RawSample[],
): [end: number, time: number] {
  const [flags, count] = [trun.readUInt32BE(0), trun.readUInt32BE(4)]
  const has = (flag: number): boolean => (flags & flag) !== 0
  const fields = [0x100, 0x200, 0x400, 0x800].filter(has).length * 4
  const head = 8 + (has(0x1) ? 4 : 0) + (has(0x4) ? 4 : 0)
  if (head + count * fields > trun.length) throw damaged()
  let position = has(0x1) ? header.base + trun.readInt32BE(8) : begin
  const firstFlags = has(0x4) ? trun.readUInt32BE(head - 4) : undefined
  let [at, time] = [head, beginTime]
  for (let index = 0; index < count; index += 1) {
    const field = (flag: number, otherwise: number): number =>
      has(flag) ? trun.readUInt32BE((at += 4) - 4) : otherwise
    const duration = field(0x100, header.duration)
    const size = field(0x200, header.size)
    const own = field(0x400, (index === 0 ? firstFlags : undefined) ?? header.flags)
    // What has no sign in version 0 is never as large as to seem to have one.
    const offset = field(0x800, 0) | 0
    const isSync = (own & isNoSync) === 0
    samples.push({ time, offset, isSync, description: header.description - 1, position, size })
    position += size
    time += duration
  }
  return [position, time]
}

function beginOf(tfdt: Buffer | undefined): number | undefined {
  if (tfdt === undefined || tfdt.length < 8) return undefined
  return tfdt[0] === 1 && tfdt.length >= 12 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)
}

function damaged(): Mp4Error {
  return new Mp4Error('the index of a fragment is damaged')
}
