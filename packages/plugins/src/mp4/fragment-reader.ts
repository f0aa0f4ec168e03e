import { boxesIn, bodyAt, boxHead, boxSize, longBoxHead, typeOf } from './box.ts'
import { Mp4Error } from './errors.ts'
import { type Fragment, type Fragments, parseFragment, type TrackDefaults } from './fragment.ts'
import { fragmentsOf } from './fragment-index.ts'
import type { ByteFile } from './movie.ts'
import type { RawSample } from './sample-table.ts'
import { Turns } from './turns.ts'

/** Bytes of a fragment's index; that of 1,048,576 samples has 16 MiB. */
const maxSize = 24 * 1024 * 1024
/** Boxes between two fragments. */
const maxBetween = 256
/** Fragments that are kept as they were read last: both tracks ask for each, and so do players side by side. */
const maxParsed = 4
/** Bytes of them: of larger ones, fewer are kept. */
const maxParsedSize = 8 * 1024 * 1024
/** Fragments that are read without a pause; all may be in the cache. */
const atOnce = 1_000

/** Reads the fragments of an MP4 file, each when it is asked for. */
export class FragmentReader implements Fragments {
  readonly positions: readonly number[]
  readonly #file: ByteFile
  readonly #defaults: ReadonlyMap<number, TrackDefaults>
  readonly #parsed = new Map<number, { readonly size: number; readonly fragment: Promise<Fragment> }>()
  readonly #turns = new Turns(atOnce)
  #parsedSize = 0

  private constructor(file: ByteFile, moov: Buffer, positions: readonly number[]) {
    this.#file = file
    this.#defaults = defaultsIn(moov)
    this.positions = positions
  }

  /** Of a movie that does not say that it goes on in fragments, there are none. */
  static async open(file: ByteFile, moov: Buffer): Promise<FragmentReader> {
    return new FragmentReader(file, moov, bodyAt(moov, 'mvex') === undefined ? [] : await fragmentsOf(file))
  }

  isMissing({ position, size }: RawSample): boolean {
    return position + size > this.#file.size
  }

  async from(position: number): Promise<Fragment | undefined> {
    if (this.#turns.isDue()) await this.#turns.pause()
    for (let [at, count] = [position, 0]; count < maxBetween; count += 1) {
      // From the blocks that all share: the media behind it are wanted, too.
      const head = await this.#file.read(at, longBoxHead)
      const size = boxSize(head, this.#file.size - at)
      // What ends behind the end of the file was cut, or is being written.
      if (size === undefined || size < boxHead || at + size > this.#file.size) break
      if (typeOf(head) === 'moof') return this.#parsedAt(at, size)
      at += size
    }
    return undefined
  }

  #parsedAt(position: number, size: number): Promise<Fragment> {
    const known = this.#parsed.get(position)
    if (known !== undefined) return known.fragment
    const fragment = this.#parse(position, size)
    this.#parsed.set(position, { size, fragment })
    this.#parsedSize += size
    fragment.catch(() => this.#forget(position))
    for (const oldest of this.#parsed.keys()) {
      const { size: count } = this.#parsed
      if (count <= 1 || (count <= maxParsed && this.#parsedSize <= maxParsedSize)) break
      this.#forget(oldest)
    }
    return fragment
  }

  #forget(position: number): void {
    this.#parsedSize -= this.#parsed.get(position)?.size ?? 0
    this.#parsed.delete(position)
  }

  async #parse(position: number, size: number): Promise<Fragment> {
    if (size > maxSize) throw new Mp4Error(`an index of ${size} bytes in a fragment`)
    const [box] = boxesIn(await this.#file.read(position, size))
    if (box === undefined) throw new Mp4Error('a fragment was cut while it was read')
    return { position, end: position + size, tracks: parseFragment(box.body, position, this.#defaults) }
  }
}

/** What `trex` says of each track (ISO/IEC 14496-12 §8.8.3). */
function defaultsIn(moov: Buffer): Map<number, TrackDefaults> {
  const defaults = new Map<number, TrackDefaults>()
  for (const { type, body } of boxesIn(bodyAt(moov, 'mvex') ?? Buffer.alloc(0))) {
    if (type !== 'trex' || body.length < 24) continue
    const [description, duration] = [body.readUInt32BE(8), body.readUInt32BE(12)]
    const [size, flags] = [body.readUInt32BE(16), body.readUInt32BE(20)]
    defaults.set(body.readUInt32BE(4), { description, duration, size, flags })
  }
  return defaults
}
