/** What an edit list does to the time of a track, in units of the track. */
export interface Edit {
  /** Time of showing in the file that is the first to be shown. */
  readonly start: number
  /** When that is shown. */
  readonly delay: number
}

/**
 * Edit list (ISO/IEC 14496-12 §8.6.6): empty edits at the beginning delay the track, and the first other one says where its
 * media begin. More, and what an edit leaves out at the end, is not looked at: media are played to their end.
 *
 * @param scale units of the track in one of the movie
 */
export function editOf(elst: Buffer | undefined, scale: number): Edit {
  if (elst === undefined || elst.length < 8) return { start: 0, delay: 0 }
  const isLong = elst[0] === 1
  const [size, field] = isLong ? [20, 8] : [12, 4]
  const count = Math.min(elst.readUInt32BE(4), Math.floor((elst.length - 8) / size))
  let delay = 0
  for (let at = 8; at < 8 + count * size; at += size) {
    const duration = isLong ? Number(elst.readBigUInt64BE(at)) : elst.readUInt32BE(at)
    const start = isLong ? Number(elst.readBigInt64BE(at + field)) : elst.readInt32BE(at + field)
    if (start >= 0) return { start, delay: delay * scale }
    delay += duration
  }
  return { start: 0, delay: delay * scale }
}
