import { bodyAt, boxesIn } from './box.ts'
import { type Edit, editOf } from './edit-list.ts'
import { Mp4Error } from './errors.ts'
import type { Fragments } from './fragment.ts'
import type { Mp4Description, Mp4Place, Mp4Sample, Mp4Track } from './movie.ts'
import { type RawSample, SampleTable } from './sample-table.ts'
import { parseSampleEntry } from './sample-entry.ts'
import { Turns } from './turns.ts'

const kinds: Readonly<Record<string, 'video' | 'audio'>> = { vide: 'video', soun: 'audio' }
/** Descriptions of a track. */
const maxDescriptions = 256
/** Fragments to look at for a sample of the track, or for one that decoding can begin with. */
const maxSearched = 256
/** Seconds of sound before the first that is heard: decoders need some to be right by then. */
const preroll = 0.1
/** Units of time: whole ones come back as fractions that are a little less. */
const rounding = 0.001
/** Samples that are gone through without a pause. */
const atOnce = 8_192

/** A track of an MP4 file: the samples of its tables, and then those of the fragments. */
export class TrackReader implements Mp4Track {
  readonly kind: 'video' | 'audio' | undefined
  readonly descriptions: readonly Mp4Description[]
  readonly #fragments: Fragments
  readonly #id: number
  readonly #timescale: number
  readonly #table: SampleTable
  /** Units of time of a track whose tables are not read: as its header says. */
  readonly #said: number
  readonly #edit: Edit
  /** Units of time to decode earlier, so that no picture is shown before it is decoded. */
  #delay = 0
  #first: Mp4Place | undefined
  #begin = -Infinity
  #end = 0

  /** @param movieTimescale of the movie @throws Mp4Error */
  constructor(fragments: Fragments, trak: Buffer, movieTimescale: number) {
    this.#fragments = fragments
    const [tkhd, mdhd] = [bodyAt(trak, 'tkhd'), bodyAt(trak, 'mdia', 'mdhd')]
    if (tkhd === undefined || mdhd === undefined) throw new Mp4Error('a track lacks its header')
    this.#id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12)
    this.#timescale = Math.max(1, mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12))
    this.kind = kinds[bodyAt(trak, 'mdia', 'hdlr')?.toString('latin1', 8, 12) ?? '']
    const stbl = bodyAt(trak, 'mdia', 'minf', 'stbl') ?? Buffer.alloc(0)
    this.descriptions = this.kind === undefined ? [] : descriptionsIn(this.kind, bodyAt(stbl, 'stsd'), this.#timescale)
    // Nothing else is ever played, and uncompressed sound has more samples than there may be.
    const isPlayed = this.descriptions.some(({ codec }) => codec !== undefined)
    this.#table = new SampleTable(isPlayed ? stbl : Buffer.alloc(0))
    this.#said = isPlayed || this.kind === undefined ? 0 : durationOf(mdhd)
    this.#edit = editOf(bodyAt(trak, 'edts', 'elst'), this.#timescale / (movieTimescale || this.#timescale))
  }

  get begin(): number {
    return this.#begin
  }

  get end(): number {
    return this.#end
  }

  /** Looks for its beginning and its end. A track without samples begins and ends at 0. */
  async open(): Promise<void> {
    const [first] = this.kind === undefined ? [] : await this.#measured()
    if (first === undefined) {
      this.#begin = 0
      this.#end = Math.max(0, this.#secondsOf(this.#said))
      return
    }
    // The edit begins with what is shown then, which may be decoded earlier, and may take others before it.
    const shownAt = this.#edit.delay / this.#timescale
    const needed = this.kind === 'audio' ? preroll : first.compositionOffset
    if (first.decodeTime < shownAt - needed) this.#first = await this.find(shownAt - needed)
    this.#begin = this.#first?.time ?? first.decodeTime
    this.#end = Math.max(this.#begin, this.#secondsOf(await this.#lastTime()) + first.compositionOffset)
  }

  async find(time: number): Promise<Mp4Place | undefined> {
    const units = Math.floor(time * this.#timescale + this.#origin + rounding)
    const found = (await this.#findInFragments(units)) ?? this.#findInTable(units)
    return found !== undefined && found.time > this.#begin ? found : undefined
  }

  async *samples(from: Mp4Place | undefined = this.#first): AsyncGenerator<Mp4Sample, void> {
    for await (const [, { time, offset, ...sample }] of this.#places(from)) {
      const decodeTime = this.#secondsOf(time)
      yield { ...sample, decodeTime, compositionOffset: (offset + this.#delay) / this.#timescale }
    }
  }

  /** Units of time in the file at the beginning of the movie. */
  get #origin(): number {
    return this.#edit.start + this.#delay - this.#edit.delay
  }

  #secondsOf(units: number): number {
    return (units - this.#origin) / this.#timescale
  }

  /** The first sample, when it is known how much earlier samples have to be decoded. */
  async #measured(): Promise<Mp4Sample[]> {
    this.#delay = -Math.min(this.#table.minOffset, await this.#leastOffset())
    for await (const sample of this.samples()) return [sample]
    return []
  }

  /** As the first fragment has it. */
  async #leastOffset(): Promise<number> {
    const part = (await this.#fragmentWith(this.#fragments.positions[0] ?? Infinity))?.part
    return part?.samples.leastOffset ?? 0
  }

  /** The samples from a place on, each with its own, up to the end of the track or of the file. */
  async *#places(from: Mp4Place | undefined): AsyncGenerator<[Mp4Place, RawSample], void> {
    const turns = new Turns(atOnce)
    let { fragment: position, index, fragmentTime } = from ?? { fragment: undefined, index: 0, fragmentTime: 0 }
    if (position === undefined) {
      for (const sample of this.#table.from(index)) {
        if (this.#fragments.isMissing(sample)) return
        if (turns.isDue()) await turns.pause()
        yield [this.#placeOf(sample.time, undefined, index++, 0), sample]
      }
      position = this.#fragments.positions[0]
      ;[index, fragmentTime] = [0, this.#table.duration]
    }
    let fragment = position === undefined ? undefined : await this.#fragments.from(position)
    for (; fragment !== undefined; fragment = await this.#fragments.from(fragment.end)) {
      const part = fragment.tracks.get(this.#id)
      if (part === undefined) continue
      const begin = part.begin ?? fragmentTime
      for (const sample of part.samples.from(index)) {
        if (this.#fragments.isMissing(sample)) return
        if (turns.isDue()) await turns.pause()
        const time = begin + sample.time
        yield [this.#placeOf(time, fragment.position, index++, begin), { ...sample, time }]
      }
      index = 0
      fragmentTime = begin + part.samples.duration
    }
  }

  #placeOf(time: number, fragment: number | undefined, index: number, fragmentTime: number): Mp4Place {
    return { time: this.#secondsOf(time), fragment, index, fragmentTime }
  }

  #findInTable(units: number): Mp4Place | undefined {
    const index = this.#table.indexAt(units)
    const sync = this.kind === 'video' ? this.#table.syncAt(index) : index
    if (sync < 0) return undefined
    const [sample] = this.#table.from(sync)
    return sample && this.#placeOf(sample.time, undefined, sync, 0)
  }

  async #findInFragments(units: number): Promise<Mp4Place | undefined> {
    const { positions } = this.#fragments
    let [low, high] = [0, positions.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const found = await this.#fragmentWith(positions[middle] ?? 0)
      // Where a fragment does not say when it begins, only reading all before it does.
      if (found !== undefined && found.part.begin === undefined) return this.#lastSync(positions[0] ?? 0, units)
      if ((found?.part.begin ?? Infinity) <= units) low = middle + 1
      else high = middle
    }
    for (let place = low - 1; place >= Math.max(0, low - maxSearched); place -= 1) {
      const found = await this.#lastSync(positions[place] ?? 0, units, positions[place + 1])
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The last place to begin at in the fragments from a position on, up to a time or another position. */
  async #lastSync(from: number, units: number, end = Infinity): Promise<Mp4Place | undefined> {
    let last: Mp4Place | undefined
    const start = this.#placeOf(0, from, 0, this.#table.duration)
    for await (const [place, { time, isSync }] of this.#places(start)) {
      if (time > units || (place.fragment ?? 0) >= end) break
      if (isSync || this.kind === 'audio') last = place
    }
    return last
  }

  /** The first fragment from a position on that has samples of this track. */
  async #fragmentWith(position: number) {
    let fragment = await this.#fragments.from(position)
    for (let count = 0; fragment !== undefined && count < maxSearched; count += 1) {
      const part = fragment.tracks.get(this.#id)
      if (part !== undefined && part.samples.count > 0) return { fragment, part }
      fragment = await this.#fragments.from(fragment.end)
    }
    return undefined
  }

  /** Units of time when the last sample ends. */
  async #lastTime(): Promise<number> {
    const { positions } = this.#fragments
    for (const back of [1, 16, maxSearched]) {
      const end = await this.#endFrom(positions.at(-Math.min(back, positions.length)) ?? Infinity)
      if (end !== undefined) return Math.max(end, this.#table.duration)
    }
    return this.#table.duration
  }

  /** When the samples in the fragments from a position on end; undefined if there are none. */
  async #endFrom(position: number): Promise<number | undefined> {
    let end: number | undefined
    for (let found = await this.#fragmentWith(position); found !== undefined; ) {
      const { begin, samples } = found.part
      if (begin === undefined) return this.#endOfAll()
      end = Math.max(end ?? 0, begin + samples.duration)
      found = await this.#fragmentWith(found.fragment.end)
    }
    return end
  }

  /** Where fragments do not say when they begin. */
  async #endOfAll(): Promise<number> {
    let end = this.#table.duration
    let found = await this.#fragmentWith(this.#fragments.positions[0] ?? Infinity)
    for (; found !== undefined; found = await this.#fragmentWith(found.fragment.end)) end += found.part.samples.duration
    return end
  }
}

/** Units of time; 0 where it is not known (ISO/IEC 14496-12 §8.4.2). */
function durationOf(mdhd: Buffer): number {
  const isLong = mdhd[0] === 1
  const duration = isLong ? Number(mdhd.readBigUInt64BE(24)) : mdhd.readUInt32BE(16)
  return duration < (isLong ? Number.MAX_SAFE_INTEGER : 0xffff_ffff) ? duration : 0
}

function descriptionsIn(kind: 'video' | 'audio', stsd: Buffer | undefined, timescale: number): Mp4Description[] {
  const entries = boxesIn(stsd?.subarray(8) ?? Buffer.alloc(0))
  return entries.slice(0, maxDescriptions).map(entry => parseSampleEntry(kind, entry, timescale))
}
