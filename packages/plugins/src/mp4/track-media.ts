import type { Fragments } from './fragment.ts'
import { type RawSample, SampleTable } from './sample-table.ts'
import { Turns } from './turns.ts'

/** Where a sample is found again. */
export interface MediaPlace {
  /** When it is decoded. */
  readonly time: number
  /** Position of the fragment that it is in; undefined for the tables of the movie. */
  readonly fragment: number | undefined
  /** Number of the sample in there, from 0. */
  readonly index: number
  /** When the fragment begins if it does not say so itself. */
  readonly fragmentTime: number
}

/** Fragments to look at for a sample of the track, or for one that decoding can begin with. */
const maxSearched = 256
/** Samples that are gone through without a pause. */
const atOnce = 8_192

/** The samples of a track, those of its tables and then those of the fragments. All times are in units of the track. */
export class TrackMedia {
  readonly #fragments: Fragments
  readonly #id: number
  readonly #table: SampleTable
  /** False where decoding can begin with every sample. */
  readonly #hasSyncs: boolean

  /** @param id of the track in fragments @throws Mp4Error */
  constructor(fragments: Fragments, id: number, stbl: Buffer, hasSyncs: boolean) {
    this.#fragments = fragments
    this.#id = id
    this.#table = new SampleTable(stbl)
    this.#hasSyncs = hasSyncs
  }

  /** Descriptions that samples in the tables have, from 0. */
  get tableDescriptions(): ReadonlySet<number> {
    return this.#table.descriptions
  }

  /** The least composition offset, or 0 if none is less: that of the tables and of the first fragment. */
  async leastOffset(): Promise<number> {
    const part = (await this.#fragmentWith(this.#fragments.positions[0] ?? Infinity))?.part
    return Math.min(this.#table.minOffset, part?.samples.leastOffset ?? 0)
  }

  /** The last place that is decoded at this time or before and that decoding can begin with; undefined if there is none. */
  async find(units: number): Promise<MediaPlace | undefined> {
    return (await this.#findInFragments(units)) ?? this.#findInTable(units)
  }

  /** The samples from a place on, each with its own, up to the end of the track or of the file. */
  async *from(from: MediaPlace | undefined): AsyncGenerator<[MediaPlace, RawSample], void> {
    const turns = new Turns(atOnce)
    let { fragment: position, index, fragmentTime } = from ?? { fragment: undefined, index: 0, fragmentTime: 0 }
    if (position === undefined) {
      for (const sample of this.#table.from(index)) {
        if (this.#fragments.isMissing(sample)) return
        if (turns.isDue()) await turns.pause()
        yield [{ time: sample.time, fragment: undefined, index: index++, fragmentTime: 0 }, sample]
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
        yield [
          { time, fragment: fragment.position, index: index++, fragmentTime: begin },
          { ...sample, time },
        ]
      }
      index = 0
      fragmentTime = begin + part.samples.duration
    }
  }

  /** When the last sample ends. */
  async end(): Promise<number> {
    const { positions } = this.#fragments
    for (const back of [1, 16, maxSearched]) {
      const end = await this.#endFrom(positions.at(-Math.min(back, positions.length)) ?? Infinity)
      if (end !== undefined) return Math.max(end, this.#table.duration)
    }
    return this.#table.duration
  }

  #findInTable(units: number): MediaPlace | undefined {
    const index = this.#table.indexAt(units)
    const sync = this.#hasSyncs ? this.#table.syncAt(index) : index
    if (sync < 0) return undefined
    const [sample] = this.#table.from(sync)
    return sample && { time: sample.time, fragment: undefined, index: sync, fragmentTime: 0 }
  }

  async #findInFragments(units: number): Promise<MediaPlace | undefined> {
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
  async #lastSync(from: number, units: number, end = Infinity): Promise<MediaPlace | undefined> {
    let last: MediaPlace | undefined
    const start = { time: 0, fragment: from, index: 0, fragmentTime: this.#table.duration }
    for await (const [place, { time, isSync }] of this.from(start)) {
      if (time > units || (place.fragment ?? 0) >= end) break
      if (isSync || !this.#hasSyncs) last = place
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
