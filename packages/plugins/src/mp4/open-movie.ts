import { bodyAt, boxesIn } from './box.ts'
import { Mp4Error } from './errors.ts'
import { FragmentReader } from './fragment-reader.ts'
import type { ByteFile, Mp4Movie } from './movie.ts'
import { topBoxes } from './top-boxes.ts'
import { TrackReader } from './track-reader.ts'

/** Bytes of a movie's index: 64 MiB are those of a day and a half. */
const maxSize = 64 * 1024 * 1024
const maxTracks = 64

/**
 * Reads an MP4 file: tables of samples, fragments, or the one and then the other.
 *
 * @throws Mp4Error, or a RangeError, when it is no MP4 file or a damaged one, and whatever the file throws
 */
export async function openMovie(file: ByteFile): Promise<Mp4Movie> {
  const moov = await readMovieBox(file)
  const traks = boxesIn(moov).filter(({ type }) => type === 'trak')
  if (traks.length > maxTracks) throw new Mp4Error(`${traks.length} tracks`)
  const header = bodyAt(moov, 'mvhd')
  const timescale = header === undefined ? 0 : header.readUInt32BE(header[0] === 1 ? 20 : 12)
  const isOpen = bodyAt(moov, 'mvex') !== undefined
  const fragments = await FragmentReader.open(file, moov)
  const tracks = traks.map(({ body }) => new TrackReader(fragments, body, timescale, isOpen))
  for (const track of tracks) await track.open()
  return { tracks }
}

/** The box that says what is in the file, wherever it is. */
async function readMovieBox(file: ByteFile): Promise<Buffer> {
  for await (const { type, position, size } of topBoxes(file)) {
    if (type !== 'moov') continue
    if (size > maxSize) throw new Mp4Error(`an index of ${size} bytes`)
    const bytes = await file.peek(position, size)
    const [box] = boxesIn(bytes)
    if (box === undefined || bytes.length < size) throw new Mp4Error('its index is not whole')
    return box.body
  }
  throw new Mp4Error('it has no index')
}
