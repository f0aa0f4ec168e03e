import { Mp4Error } from './errors.ts'

/** A part of a track's media that is shown, in units of the track. */
export interface Edit {
  /** Time of showing in the media that is the first to be shown. */
  readonly start: number
  /** When that is shown in the movie. */
  readonly begin: number
  /** How long media are shown from there on; Infinity for all there are. */
  readonly duration: number
}

const maxEdits = 4_096

/**
 * Edit list (ISO/IEC 14496-12 §8.6.6): what is shown one after the other. Empty edits, and those that hold a picture still,
 * delay what comes next.
 *
 * @param scale units of the track in one of the movie
 * @param isOpen true for a movie that goes on in fragments: the last edit does not know how long
 * @returns at least one
 * @throws Mp4Error for more than anybody needs
 */
export function editsOf(elst: Buffer | undefined, scale: number, isOpen: boolean): Edit[] {
  const edits: Edit[] = []
  let begin = 0
  for (const { start, duration, isShown } of rowsOf(elst, scale)) {
    const last = edits.at(-1)
    // Two parts that follow one another in the media, too, are one; times are rounded to units of the movie.
    const isNext = last !== undefined && Math.abs(last.start + last.duration - start) <= scale
    if (isShown && isNext && Math.abs(last.begin + last.duration - begin) <= scale) {
      edits[edits.length - 1] = { ...last, duration: last.duration + duration }
    } else if (isShown) edits.push({ start, begin, duration })
    if (edits.length > maxEdits) throw new Mp4Error(`more than ${maxEdits} edits in a track`)
    begin += duration
  }
  const last = edits.pop()
  if (last === undefined) return [{ start: 0, begin, duration: Infinity }]
  const shown = edits.filter(({ duration }) => duration > 0)
  return [...shown, isOpen || last.duration === 0 ? { ...last, duration: Infinity } : last]
}

interface Row {
  readonly start: number
  readonly duration: number
  /** False where the movie waits. */
  readonly isShown: boolean
}

function* rowsOf(elst: Buffer | undefined, scale: number): Generator<Row, void> {
  if (elst === undefined || elst.length < 8) return
  const isLong = elst[0] === 1
  const [size, field] = isLong ? [20, 8] : [12, 4]
  const count = Math.min(elst.readUInt32BE(4), Math.floor((elst.length - 8) / size))
  for (let at = 8; at < 8 + count * size; at += size) {
    const duration = isLong ? Number(elst.readBigUInt64BE(at)) : elst.readUInt32BE(at)
    const start = isLong ? Number(elst.readBigInt64BE(at + field)) : elst.readInt32BE(at + field)
    const rate = elst.readInt32BE(at + size - 4)
    yield { start, duration: duration * scale, isShown: start >= 0 && rate !== 0 }
  }
}
