import { flvTagHeadSize, flvTagProbeSize, isFrame, parseFlvTagHead } from '@rtmpipe/flv'
import type { FlvHead } from './flv-head.ts'
import type { FlvIndex } from './flv-index.ts'
import { timeSince } from './flv-time.ts'
import type { SharedFile } from './shared-file.ts'

/** Tags to look at from the end for the last frame. */
const maxTags = 16
/** Milliseconds by which what the metadata say may be off: they count how long the last frame is shown, too. */
const tolerance = 1_000

/**
 * Duration in milliseconds of what is played: as the metadata say it if the messages agree, otherwise up to the last frame. The
 * file is read through only where its end does not tell.
 */
export async function flvDuration(file: SharedFile, head: FlvHead, index: FlvIndex): Promise<number> {
  const said = head.properties?.['duration']
  const promised = typeof said === 'number' && said > 0 && said < Infinity ? said * 1000 : undefined
  const last = await lastFrame(file, head)
  // A picture may be the last in the file that is shown for as long as the sound before it.
  const isMore = promised !== undefined && last !== undefined && !agree(promised, last) && promised > last
  // Some count from zero, however late the film begins.
  const isFromZero = isMore && agree(promised, last + head.firstTimestamp)
  const found = last === undefined || (isMore && !isFromZero) ? await index.duration() : last
  if (promised === undefined || !agree(promised, found)) return found
  return Math.abs(promised - found - head.firstTimestamp) < Math.abs(promised - found) ? found : promised
}

function agree(promised: number, found: number): boolean {
  return Math.abs(promised - found) <= Math.min(tolerance, promised)
}

/** Time of the last frame, where back pointers lead to one (FLV 10.1 §E.3). */
async function lastFrame(file: SharedFile, { position, firstTimestamp }: FlvHead): Promise<number | undefined> {
  let end = file.size - 4
  for (let count = 0; count < maxTags; count += 1) {
    const pointer = await file.read(end, 4)
    const at = pointer.length === 4 ? end - pointer.readUInt32BE(0) : 0
    const tag = at >= position ? parseFlvTagHead(await file.read(at, flvTagProbeSize)) : undefined
    if (tag === undefined || tag.size + flvTagHeadSize !== end - at) return undefined
    const isLast = isFrame({ messageTypeId: tag.type, payload: tag.beginning })
    if (isLast) {
      const time = timeSince(firstTimestamp, tag.timestamp)
      return time < 0 ? undefined : time
    }
    end = at - 4
  }
  return undefined
}
