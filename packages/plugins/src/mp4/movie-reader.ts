import { bodyAt, boxesIn, boxHead, boxSize, longBoxHead, typeOf } from './box.ts'
import { Mp4Error } from './errors.ts'
import { parseFragment, type TrackDefaults, type TrackFragment } from './fragment.ts'
import type { ByteFile, Mp4Movie } from './movie.ts'
import { fragmentsOf } from './movie-index.ts'
import type { RawSample } from './sample-table.ts'
import { topBoxes } from './top-boxes.ts'
import { TrackReader } from './track-reader.ts'

/** More is no index: 64 MiB are those of a day and a half. */
const maxIndex = 64 * 1024 * 1024
/** And no fragment's: those of 65,536 samples have 1 MiB. */
const maxFragment = 4 * 1024 * 1024
const maxTracks = 64
/** Boxes between two fragments. */
const maxBetween = 256
/** Fragments that are kept as they were read last: both tracks ask for each, and so do players side by side. */
const maxParsed = 4

/** A fragment of the movie and where it ends. */
export interface Fragment {
  readonly position: number
  readonly end: number
  readonly tracks: ReadonlyMap<number, TrackFragment>
}

/** Reads an MP4 file: tables of samples, fragments, or the one and then the other. */
export class MovieReader implements Mp4Movie {
  readonly tracks: readonly TrackReader[]
  /** Positions of fragments, ascending; of all, or of those that the file's own index names. */
  readonly fragments: readonly number[]
  readonly #file: ByteFile
  readonly #defaults: ReadonlyMap<number, TrackDefaults>
  readonly #parsed = new Map<number, Promise<Fragment>>()

  private constructor(file: ByteFile, moov: Buffer, fragments: readonly number[]) {
    this.#file = file
    this.fragments = fragments
    this.#defaults = defaultsIn(moov)
    const traks = boxesIn(moov).filter(({ type }) => type === 'trak')
    if (traks.length > maxTracks) throw new Mp4Error(`${traks.length} tracks`)
    const scale = bodyAt(moov, 'mvhd')
    const timescale = scale === undefined ? 0 : scale.readUInt32BE(scale[0] === 1 ? 20 : 12)
    this.tracks = traks.map(({ body }) => new TrackReader(this, body, timescale))
  }

  /** @throws Mp4Error when it is no MP4 file or a damaged one, and whatever the file throws */
  static async open(file: ByteFile): Promise<MovieReader> {
    const moov = await readMovieBox(file)
    const movie = new MovieReader(file, moov, bodyAt(moov, 'mvex') === undefined ? [] : await fragmentsOf(file))
    for (const track of movie.tracks) await track.open()
    return movie
  }

  /** True for what a file that was cut does not have any more. */
  isMissing({ position, size }: RawSample): boolean {
    return !isWhole(this.#file, position, size)
  }

  /** The first fragment at this position or behind it, whether it is in {@link fragments} or not. */
  async fragmentFrom(position: number): Promise<Fragment | undefined> {
    for (let [at, count] = [position, 0]; count < maxBetween; count += 1) {
      // From the blocks that all share: the media behind it are wanted, too.
      const head = await this.#file.read(at, longBoxHead)
      const size = boxSize(head, this.#file.size - at)
      if (size === undefined || size < boxHead) break
      if (typeOf(head) === 'moof') return isWhole(this.#file, at, size) ? this.#parse(at, size) : undefined
      at += size
    }
    return undefined
  }

  #parse(position: number, size: number): Promise<Fragment> {
    const known = this.#parsed.get(position)
    if (known !== undefined) return known
    const parsed = this.#read(position, size)
    this.#parsed.set(position, parsed)
    parsed.catch(() => this.#parsed.delete(position))
    for (const oldest of this.#parsed.keys()) {
      if (this.#parsed.size <= maxParsed) break
      this.#parsed.delete(oldest)
    }
    return parsed
  }

  async #read(position: number, size: number): Promise<Fragment> {
    if (size > maxFragment) throw new Mp4Error(`an index of ${size} bytes`)
    const body = requireWhole(await this.#file.read(position, size), size)
    return { position, end: position + size, tracks: parseFragment(body, position, this.#defaults) }
  }
}

/** What ends behind the end of a file was cut, or is being written. */
function isWhole({ size: end }: ByteFile, position: number, size: number): boolean {
  return position + size <= end
}

/** The box that says what is in the file, wherever it is. */
async function readMovieBox(file: ByteFile): Promise<Buffer> {
  for await (const { type, position, size } of topBoxes(file, 0)) {
    if (type !== 'moov') continue
    if (size > maxIndex) throw new Mp4Error(`an index of ${size} bytes`)
    return requireWhole(await file.peek(position, size), size)
  }
  throw new Mp4Error('it has no index')
}

function requireWhole(box: Buffer, size: number): Buffer {
  if (box.length < size) throw new Mp4Error('an index in it is not whole')
  return box.subarray(box.readUInt32BE(0) === 1 ? longBoxHead : boxHead)
}

/** What `trex` says of each track (ISO/IEC 14496-12 §8.8.3). */
function defaultsIn(moov: Buffer): Map<number, TrackDefaults> {
  const defaults = new Map<number, TrackDefaults>()
  for (const { type, body } of boxesIn(bodyAt(moov, 'mvex') ?? Buffer.alloc(0))) {
    if (type !== 'trex' || body.length < 24) continue
    const [description, duration] = [body.readUInt32BE(8), body.readUInt32BE(12)]
    defaults.set(body.readUInt32BE(4), {
      description,
      duration,
      size: body.readUInt32BE(16),
      flags: body.readUInt32BE(20),
    })
  }
  return defaults
}
