import { Mp4Error } from './errors.ts'
import type { RawSample } from './sample-table.ts'

/** What samples have where their run says nothing; flags as in `tfhd`. */
export interface RunDefaults {
  /** From 1. */
  readonly description: number
  readonly duration: number
  readonly size: number
  readonly flags: number
}

/** A track run and where its samples begin, in the file and in the time of the fragment. */
interface Run extends RunDefaults {
  /** Rows of the samples, without what is before them. */
  readonly rows: Buffer
  readonly count: number
  /** Which fields a row has. */
  readonly fields: number
  /** Flags of the first sample, if it has others. */
  readonly firstFlags: number | undefined
  readonly position: number
  readonly time: number
}

const isNoSync = 0x1_0000
const [hasPosition, hasFirstFlags] = [0x1, 0x4]
const [hasDuration, hasSize, hasFlags, hasOffset] = [0x100, 0x200, 0x400, 0x800]

/**
 * The samples of one track in a fragment. They stay the bytes that they are in the file: a fragment may have very many.
 */
export class FragmentSamples {
  readonly #runs: Run[] = []
  #count = 0
  #duration = 0
  #leastOffset = 0

  get count(): number {
    return this.#count
  }

  /** Units of the track. */
  get duration(): number {
    return this.#duration
  }

  /** The least composition offset; 0 if none is less. */
  get leastOffset(): number {
    return this.#leastOffset
  }

  /**
   * Adds a track run (ISO/IEC 14496-12 §8.8.8).
   *
   * @param base what its position counts from
   * @param begin where it begins in the file if it does not say so
   * @returns where it ends in the file
   * @throws Mp4Error for a run that is shorter than it says
   */
  add(trun: Buffer, base: number, begin: number, defaults: RunDefaults): number {
    const [fields, count] = [trun.readUInt32BE(0), trun.readUInt32BE(4)]
    const has = (field: number): boolean => (fields & field) !== 0
    const head = 8 + (has(hasPosition) ? 4 : 0) + (has(hasFirstFlags) ? 4 : 0)
    if (head + count * rowSize(fields) > trun.length) throw new Mp4Error('the index of a fragment is damaged')
    const position = has(hasPosition) ? base + trun.readInt32BE(8) : begin
    const firstFlags = has(hasFirstFlags) ? trun.readUInt32BE(head - 4) : undefined
    const { description, duration, size, flags } = defaults
    const rows = trun.subarray(head)
    const time = this.#duration
    const run = { rows, count, fields, firstFlags, position, time, description, duration, size, flags }
    this.#count += count
    if (!has(hasDuration) && !has(hasSize) && !has(hasOffset)) {
      this.#duration += count * duration
      if (count > 0) this.#runs.push(run)
      return position + count * size
    }
    const place = new RowReader(run)
    for (let index = 0; index < count; index += 1) {
      place.step()
      this.#leastOffset = Math.min(this.#leastOffset, place.offset)
    }
    this.#duration = place.end
    if (count > 0) this.#runs.push(run)
    return place.position + place.size
  }

  /** The samples from one on; times count from the beginning of the fragment. */
  *from(index: number): Generator<RawSample, void> {
    let skipped = index
    for (const run of this.#runs) {
      if (skipped >= run.count) {
        skipped -= run.count
        continue
      }
      const place = new RowReader(run)
      for (let number = 0; number < run.count; number += 1) {
        place.step()
        if (number < skipped) continue
        const { time, offset, position, size } = place
        yield { time, offset, isSync: place.isSync, description: run.description - 1, position, size }
      }
      skipped = 0
    }
  }
}

/** Goes through the rows of a run. */
class RowReader {
  position: number
  time: number
  size = 0
  offset = 0
  isSync = false
  readonly #run: Run
  #duration = 0
  #at = 0
  #isFirst = true

  constructor(run: Run) {
    this.#run = run
    this.position = run.position
    this.time = run.time
  }

  /** When the sample at hand ends. */
  get end(): number {
    return this.time + this.#duration
  }

  /** To the next sample: there must be one. */
  step(): void {
    const { duration, size, flags, firstFlags } = this.#run
    this.position += this.size
    this.time += this.#duration
    this.#duration = this.#field(hasDuration, duration)
    this.size = this.#field(hasSize, size)
    const own = this.#field(hasFlags, (this.#isFirst ? firstFlags : undefined) ?? flags)
    this.isSync = (own & isNoSync) === 0
    // What has no sign in version 0 is never as large as to seem to have one.
    this.offset = this.#field(hasOffset, 0) | 0
    this.#isFirst = false
  }

  #field(field: number, otherwise: number): number {
    if ((this.#run.fields & field) === 0) return otherwise
    this.#at += 4
    return this.#run.rows.readUInt32BE(this.#at - 4)
  }
}

function rowSize(fields: number): number {
  return [hasDuration, hasSize, hasFlags, hasOffset].filter(field => (fields & field) !== 0).length * 4
}
