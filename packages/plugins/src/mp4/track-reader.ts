import { bodyAt, boxesIn } from './box.ts'
import { type Edit, editsOf } from './edit-list.ts'
import { Mp4Error } from './errors.ts'
import type { Fragments } from './fragment.ts'
import type { Mp4Description, Mp4Place, Mp4Sample, Mp4Track } from './movie.ts'
import type { RawSample } from './sample-table.ts'
import { parseSampleEntry } from './sample-entry.ts'
import { type MediaPlace, TrackMedia } from './track-media.ts'

const kinds: Readonly<Record<string, 'video' | 'audio'>> = { vide: 'video', soun: 'audio' }
/** Descriptions of a track. */
const maxDescriptions = 256
/** Seconds of sound before the first that is heard: decoders need some to be right by then. */
const preroll = 0.1
/** Units of time: whole ones come back as fractions that are a little less. */
const rounding = 0.001

/** A track of an MP4 file as its edit list shows it. */
export class TrackReader implements Mp4Track {
  readonly kind: 'video' | 'audio' | undefined
  readonly descriptions: readonly Mp4Description[]
  readonly used: readonly number[]
  readonly #media: TrackMedia
  readonly #timescale: number
  /** Units of time of a track whose tables are not read: as its header says. */
  readonly #said: number
  readonly #edits: readonly Edit[]
  /** Units of time to decode earlier, so that no picture is shown before it is decoded. */
  #delay = 0
  #first: Mp4Place | undefined
  /** Units of time. */
  #firstTime = 0
  #firstOffset = 0
  #begin = 0
  #end = 0

  /**
   * @param movieTimescale of the movie
   * @param isOpen true for a movie that goes on in fragments
   * @throws Mp4Error
   */
  constructor(fragments: Fragments, trak: Buffer, movieTimescale: number, isOpen: boolean) {
    const [tkhd, mdhd] = [bodyAt(trak, 'tkhd'), bodyAt(trak, 'mdia', 'mdhd')]
    if (tkhd === undefined || mdhd === undefined) throw new Mp4Error('a track lacks its header')
    const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12)
    this.#timescale = Math.max(1, mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12))
    this.kind = kinds[bodyAt(trak, 'mdia', 'hdlr')?.toString('latin1', 8, 12) ?? '']
    const stbl = bodyAt(trak, 'mdia', 'minf', 'stbl') ?? Buffer.alloc(0)
    const dref = bodyAt(trak, 'mdia', 'minf', 'dinf', 'dref')
    const entries = boxesIn(bodyAt(stbl, 'stsd')?.subarray(8) ?? Buffer.alloc(0)).slice(0, maxDescriptions)
    const { kind } = this
    this.descriptions =
      kind === undefined ? [] : entries.map(entry => parseSampleEntry(kind, entry, this.#timescale, dref))
    // Nothing else is ever played, and uncompressed sound has more samples than there may be.
    const isPlayed = this.descriptions.some(({ codec }) => codec !== undefined)
    this.#media = new TrackMedia(fragments, id, isPlayed ? stbl : Buffer.alloc(0), this.kind === 'video')
    const all = this.descriptions.map((_, place) => place)
    const inTables = all.filter(place => this.#media.tableDescriptions.has(place))
    // Fragments may have any, and of tables that are not read nothing is known.
    this.used = isOpen || inTables.length === 0 ? all : inTables
    this.#said = isPlayed || this.kind === undefined ? 0 : durationOf(mdhd)
    const elst = bodyAt(trak, 'edts', 'elst')
    this.#edits = editsOf(elst, this.#timescale / (movieTimescale || this.#timescale), isOpen)
  }

  get begin(): number {
    return this.#begin
  }

  get end(): number {
    return this.#end
  }

  /** Looks for its beginning and its end. A track without samples begins and ends at 0. */
  async open(): Promise<void> {
    const first = this.kind === undefined ? undefined : await this.#firstSample()
    const [edit] = this.#edits
    if (first === undefined || edit === undefined) {
      this.#end = Math.max(0, this.#said / this.#timescale)
      return
    }
    this.#delay = -(await this.#media.leastOffset())
    ;[this.#firstTime, this.#firstOffset] = [first.time, first.offset]
    this.#first = await this.#entry(0, edit)
    this.#begin = this.#first?.time ?? this.#secondsOf(first.time, edit)
    const end = await this.#media.end()
    const ends = this.#edits.map(one => {
      const whole = this.#secondsOf(end, one) + (first.offset + this.#delay) / this.#timescale
      return Math.min(whole, (one.begin + one.duration) / this.#timescale)
    })
    this.#end = Math.max(this.#begin, ...ends)
  }

  async find(time: number): Promise<Mp4Place | undefined> {
    const shown = time * this.#timescale + rounding
    const number = Math.max(
      0,
      this.#edits.findLastIndex(({ begin }) => begin <= shown),
    )
    const edit = this.#edits[number]
    if (edit === undefined) return undefined
    const units = Math.floor(shown + this.#originOf(edit))
    const found = await this.#media.find(Math.min(units, edit.start + edit.duration))
    const entry = number === 0 ? this.#first : await this.#entry(number, edit)
    if (found === undefined || found.time <= (entry?.media?.time ?? this.#firstTime)) {
      return number === 0 ? undefined : (entry ?? this.#placeOf(undefined, number, edit))
    }
    return this.#placeOf(found, number, edit)
  }

  async *samples(from: Mp4Place | undefined = this.#first): AsyncGenerator<Mp4Sample, void> {
    for (const [number, edit] of this.#edits.entries()) {
      if (number < (from?.edit ?? 0)) continue
      const place = number === (from?.edit ?? 0) ? from : await this.#entry(number, edit)
      for await (const [, { time, offset, ...sample }] of this.#media.from(place?.media)) {
        // Nothing is shown before it is decoded, so that nothing behind it belongs to this part.
        if (time >= edit.start + edit.duration + this.#delay) break
        const decodeTime = this.#secondsOf(time, edit)
        yield { ...sample, decodeTime, compositionOffset: (offset + this.#delay) / this.#timescale }
      }
    }
  }

  async #firstSample(): Promise<RawSample | undefined> {
    for await (const [, sample] of this.#media.from(undefined)) return sample
    return undefined
  }

  /**
   * Where to begin for a part. It begins with what is shown then, which may be decoded earlier, and may take others before
   * it. Undefined for the first sample.
   */
  async #entry(number: number, edit: Edit): Promise<Mp4Place | undefined> {
    // Later parts follow others, whose sound has prepared the decoder.
    const before = number === 0 ? Math.ceil(preroll * this.#timescale) : 0
    const wanted = edit.start - (this.kind === 'audio' ? before : this.#firstOffset)
    const place = wanted > this.#firstTime ? await this.#media.find(wanted) : undefined
    return place && place.time > this.#firstTime ? this.#placeOf(place, number, edit) : undefined
  }

  #placeOf(media: MediaPlace | undefined, number: number, edit: Edit): Mp4Place {
    return { time: this.#secondsOf(media?.time ?? this.#firstTime, edit), edit: number, media }
  }

  /** Units of time in the media at the beginning of the movie. */
  #originOf({ start, begin }: Edit): number {
    return start + this.#delay - begin
  }

  #secondsOf(units: number, edit: Edit): number {
    return (units - this.#originOf(edit)) / this.#timescale
  }
}

/** Units of time; 0 where it is not known (ISO/IEC 14496-12 §8.4.2). */
function durationOf(mdhd: Buffer): number {
  const isLong = mdhd[0] === 1
  const duration = isLong ? Number(mdhd.readBigUInt64BE(24)) : mdhd.readUInt32BE(16)
  return duration < (isLong ? Number.MAX_SAFE_INTEGER : 0xffff_ffff) ? duration : 0
}
