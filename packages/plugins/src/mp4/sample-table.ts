import { bodyAt } from './box.ts'
import { Mp4Error } from './errors.ts'
import { RunTable } from './run-table.ts'

/** A sample as a table or a fragment has it; times are in units of its track. */
export interface RawSample {
  readonly time: number
  readonly offset: number
  readonly isSync: boolean
  readonly description: number
  readonly position: number
  readonly size: number
}

/** Of one track: a day at 48 frames per second. */
const maxSamples = 4_194_304
/** Of one track. */
const maxDescriptions = 256
/** Of one chunk. */
const maxChunkSamples = 65_536
const empty = Buffer.alloc(8)

/**
 * The sample tables of a track (ISO/IEC 14496-12 §8.6 to §8.7). They stay the bytes that they are in the file: 4 to 16 for
 * each sample.
 */
export class SampleTable {
  readonly count: number
  /** Units of the track. */
  readonly duration: number
  /** The least composition offset; 0 if there are none. */
  readonly minOffset: number
  /** Which descriptions its samples have, from 0. */
  readonly descriptions: ReadonlySet<number>
  readonly #durations: RunTable
  readonly #offsets: RunTable | undefined
  readonly #chunks: Buffer
  readonly #positions: Buffer
  readonly #positionSize: 4 | 8
  readonly #syncs: Buffer | undefined
  readonly #sizeOf: (index: number) => number

  /** @throws Mp4Error for a table that is shorter than it says, or that stands for more samples than there can be */
  constructor(stbl: Buffer) {
    const sizes = sizesIn(stbl)
    this.#sizeOf = sizes.sizeOf
    this.#durations = new RunTable(entries(bodyAt(stbl, 'stts') ?? empty, 8))
    this.#chunks = entries(bodyAt(stbl, 'stsc') ?? empty, 12)
    const offsets = bodyAt(stbl, 'ctts')
    this.#offsets = offsets && new RunTable(entries(offsets, 8))
    const syncs = bodyAt(stbl, 'stss')
    this.#syncs = syncs && entries(syncs, 4)
    const long = bodyAt(stbl, 'co64')
    this.#positionSize = long === undefined ? 4 : 8
    this.#positions = entries(long ?? bodyAt(stbl, 'stco') ?? empty, this.#positionSize)
    this.descriptions = checkChunks(this.#chunks)
    require(this.#durations.samples <= maxSamples)
    this.count = Math.min(this.#durations.samples, sizes.count)
    this.duration = this.#durations.sum
    this.minOffset = this.#offsets?.least ?? 0
  }

  /** The last sample that is decoded at this time or before; -1 if all are later. */
  indexAt(time: number): number {
    return Math.min(this.#durations.indexAt(time), this.count - 1)
  }

  /** The last sample at this one or before that decoding can begin with; -1 if there is none. */
  syncAt(index: number): number {
    if (this.#syncs === undefined) return index
    const place = this.#lastSync(index)
    return place < 0 ? -1 : this.#syncs.readUInt32BE(place * 4) - 1
  }

  /** The samples from one on. */
  *from(index: number): Generator<RawSample, void> {
    const durations = this.#durations.from(index)
    const offsets = this.#offsets?.from(index)
    let nextSync = this.#lastSync(index - 1) + 1
    const chunk = this.#chunkOf(index)
    for (let number = index; number < this.count; number += 1) {
      if (!chunk.step()) return
      const size = this.#sizeOf(number)
      const isSync = this.#syncs === undefined || this.#isSync(nextSync, number)
      if (isSync) nextSync += 1
      const { description, position } = chunk
      yield { time: durations.sum, offset: offsets?.next() ?? 0, isSync, description, position, size }
      chunk.position += size
      durations.next()
    }
  }

  #isSync(place: number, index: number): boolean {
    const syncs = this.#syncs
    return syncs !== undefined && place * 4 < syncs.length && syncs.readUInt32BE(place * 4) === index + 1
  }

  /** Place in the table of sync samples, which ascends. */
  #lastSync(index: number): number {
    let [low, high] = [0, (this.#syncs?.length ?? 0) / 4]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#syncs?.readUInt32BE(middle * 4) ?? 0) <= index + 1) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #chunkOf(index: number): Chunk {
    const chunk = new Chunk(this.#chunks, this.#positions, this.#positionSize)
    const inside = chunk.seek(index)
    for (let number = index - inside; number < index; number += 1) chunk.position += this.#sizeOf(number)
    return chunk
  }
}

/** Goes from chunk to chunk: samples that lie behind one another. */
class Chunk {
  position = 0
  description = 0
  readonly #table: Buffer
  readonly #positions: Buffer
  readonly #width: 4 | 8
  /** Of the table, in bytes. */
  #entry = 0
  /** From 1. */
  #number = 0
  #left = 0

  constructor(table: Buffer, positions: Buffer, width: 4 | 8) {
    this.#table = table
    this.#positions = positions
    this.#width = width
  }

  /** To the chunk of a sample. Returns how many samples of it come before. */
  seek(index: number): number {
    let before = 0
    for (let entry = 0; entry < this.#table.length; entry += 12) {
      const [first, each] = [this.#table.readUInt32BE(entry), this.#table.readUInt32BE(entry + 4)]
      const samples = (this.#firstAfter(entry) - first) * each
      if (index < before + samples) {
        const inside = (index - before) % each
        this.#open(entry, first + Math.floor((index - before) / each))
        this.#left = each - inside
        return inside
      }
      before += samples
    }
    this.#entry = this.#table.length
    return 0
  }

  /** To the next sample. False if there is no chunk for it. */
  step(): boolean {
    if (this.#left === 0) {
      if (this.#entry >= this.#table.length) return false
      const next = this.#number + 1
      this.#open(next < this.#firstAfter(this.#entry) ? this.#entry : this.#entry + 12, next)
      if (this.#left === 0) return false
    }
    this.#left -= 1
    return true
  }

  #open(entry: number, number: number): void {
    this.#entry = entry
    this.#number = number
    this.#left = 0
    const at = (number - 1) * this.#width
    if (entry >= this.#table.length || at + this.#width > this.#positions.length) return
    this.#left = this.#table.readUInt32BE(entry + 4)
    this.description = this.#table.readUInt32BE(entry + 8) - 1
    const isLong = this.#width === 8
    this.position = isLong ? Number(this.#positions.readBigUInt64BE(at)) : this.#positions.readUInt32BE(at)
  }

  #firstAfter(entry: number): number {
    const isLast = entry + 12 >= this.#table.length
    return isLast ? this.#positions.length / this.#width + 1 : this.#table.readUInt32BE(entry + 12)
  }
}

/** `stsz` has four bytes for each sample or one size for all; `stz2` has 4, 8 or 16 bits (§8.7.3). */
function sizesIn(stbl: Buffer): { readonly count: number; readonly sizeOf: (index: number) => number } {
  const compact = bodyAt(stbl, 'stz2')
  const table = bodyAt(stbl, 'stsz') ?? compact
  if (table === undefined) return { count: 0, sizeOf: () => 0 }
  require(table.length >= 12)
  const [same, count] = [table.readUInt32BE(4), table.readUInt32BE(8)]
  require(count <= maxSamples)
  const sizes = table.subarray(12)
  if (table !== compact) {
    require(same > 0 || sizes.length >= count * 4)
    return { count, sizeOf: index => (same > 0 ? same : sizes.readUInt32BE(index * 4)) }
  }
  const bits = same & 0xff
  require([4, 8, 16].includes(bits) && sizes.length * 8 >= count * bits)
  if (bits === 16) return { count, sizeOf: index => sizes.readUInt16BE(index * 2) }
  if (bits === 8) return { count, sizeOf: index => sizes.readUInt8(index) }
  return { count, sizeOf: index => (sizes.readUInt8(index >> 1) >> (index % 2 === 0 ? 4 : 0)) & 0x0f }
}

/** The entries behind version, flags and count. */
function entries(body: Buffer, size: number): Buffer {
  require(body.length >= 8)
  const length = body.readUInt32BE(4) * size
  require(8 + length <= body.length && length <= maxSamples * size)
  return body.subarray(8, 8 + length)
}

/** Chunks in order, each with a number of samples. Returns their descriptions, from 0. */
function checkChunks(table: Buffer): Set<number> {
  const descriptions = new Set<number>()
  let before = 0
  for (let at = 0; at < table.length; at += 12) {
    const [first, samples] = [table.readUInt32BE(at), table.readUInt32BE(at + 4)]
    require(first > before && first <= maxSamples && samples > 0 && samples <= maxChunkSamples)
    before = first
    if (descriptions.size < maxDescriptions) descriptions.add(table.readUInt32BE(at + 8) - 1)
  }
  return descriptions
}

function require(isSound: boolean): void {
  if (!isSound) throw new Mp4Error('a table in its index is damaged')
}
