import { bodyAt, boxesIn } from './box.ts'
import { Mp4Error } from './errors.ts'
import { FragmentSamples, type RunDefaults } from './fragment-samples.ts'
import type { RawSample } from './sample-table.ts'

/** Samples of one track in a fragment; their times count from its beginning. */
export interface TrackFragment {
  /** When it is decoded, in units of the track; undefined if the fragment does not say. */
  readonly begin: number | undefined
  readonly samples: FragmentSamples
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
export type TrackDefaults = RunDefaults

/** Of one fragment: a group of pictures may last for hours. */
const maxSamples = 1_048_576
const maxRuns = 65_536
const noDefaults: TrackDefaults = { description: 1, duration: 0, size: 0, flags: 0 }

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
  const found = new Map<number, TrackFragment>()
  let [end, count, runs] = [position, 0, 0]
  for (const { type, body } of boxesIn(moof)) {
    if (type !== 'traf') continue
    const header = readHeader(bodyAt(body, 'tfhd'), position, end, defaults)
    const { begin, samples } = found.get(header.trackId) ?? {
      begin: beginOf(bodyAt(body, 'tfdt')),
      samples: new FragmentSamples(),
    }
    end = header.base
    for (const run of boxesIn(body)) {
      if (run.type !== 'trun') continue
      if (run.body.length < 8) throw damaged()
      count += run.body.readUInt32BE(4)
      runs += 1
      if (count > maxSamples || runs > maxRuns) throw tooMany()
      end = samples.add(run.body, header.base, end, header)
    }
    found.set(header.trackId, { begin, samples })
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

function beginOf(tfdt: Buffer | undefined): number | undefined {
  if (tfdt === undefined || tfdt.length < 8) return undefined
  return tfdt[0] === 1 && tfdt.length >= 12 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)
}

function tooMany(): Mp4Error {
  return new Mp4Error(`more than ${maxSamples} samples or ${maxRuns} runs of them in one fragment`)
}

function damaged(): Mp4Error {
  return new Mp4Error('the index of a fragment is damaged')
}
