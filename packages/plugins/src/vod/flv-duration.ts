import { type FlvTagHead, flvTagHeadSize, flvTagProbeSize, isFrame, parseFlvTagHead, TagType } from '@rtmpipe/flv'
import type { FlvHead } from './flv-head.ts'
import type { FlvIndex } from './flv-index.ts'
import { timeSince } from './flv-time.ts'
import type { SharedFile } from './shared-file.ts'

/** Tags to look at from the end for the last frame. */
const maxTags = 16
/** Milliseconds by which what the metadata say may be off: they count how long the last frame is shown, too. */
const tolerance = 1_000
/** Bytes at the end of a file to look for a whole tag in. */
const tailSize = 2 * 1024 * 1024
const types: ReadonlySet<number> = new Set(Object.values(TagType))

/**
 * Duration in milliseconds of what is played: as the metadata say it if the messages agree, otherwise up to the last frame. The
 * file is read through only where its end does not tell.
 */
export async function flvDuration(file: SharedFile, head: FlvHead, index: FlvIndex): Promise<number> {
  const said = head.properties?.['duration']
  const promised = typeof said === 'number' && said > 0 && said < Infinity ? said * 1000 : undefined
  const last = await lastFrame(file, head)
  // A picture may be the last in the file that is shown for as long as the sound before it.
  const isMore =
    promised !== undefined && last !== undefined && !agree(promised, last) && promised > last && !isCut(file, head)
  // Some count from zero, however late the film begins.
  const isFromZero = isMore && agree(promised, last + head.firstTimestamp)
  const found = last === undefined || (isMore && !isFromZero) ? await index.duration() : last
  if (promised === undefined || !agree(promised, found)) return found
  return Math.abs(promised - found - head.firstTimestamp) < Math.abs(promised - found) ? found : promised
}

/** True if the file was longer when its metadata were written. */
function isCut({ size }: SharedFile, { properties }: FlvHead): boolean {
  const said = properties?.['filesize']
  return typeof said === 'number' && said > size
}

function agree(promised: number, found: number): boolean {
  return Math.abs(promised - found) <= Math.min(tolerance, promised)
}

/** Time of the last frame, where back pointers lead to one (FLV 10.1 §E.3). */
async function lastFrame(file: SharedFile, { position, firstTimestamp }: FlvHead): Promise<number | undefined> {
  const atEnd = file.size - 4
  let end = (await tagBefore(file, position, atEnd)) ? atEnd : await lastPointer(file, position)
  for (let count = 0; count < maxTags && end !== undefined; count += 1) {
    const tag = await tagBefore(file, position, end)
    if (tag === undefined) return undefined
    const isLast = isFrame({ messageTypeId: tag.type, payload: tag.beginning })
    if (isLast) {
      const time = timeSince(firstTimestamp, tag.timestamp)
      return time < 0 ? undefined : time
    }
    end -= tag.size + flvTagHeadSize + 4
  }
  return undefined
}

/** The tag that a back pointer belongs to. */
async function tagBefore(file: SharedFile, first: number, pointerAt: number): Promise<FlvTagHead | undefined> {
  const pointer = pointerAt > first ? await file.read(pointerAt, 4) : undefined
  const at = pointer?.length === 4 ? pointerAt - pointer.readUInt32BE(0) : 0
  const tag = at >= first ? parseFlvTagHead(await file.read(at, flvTagProbeSize)) : undefined
  return tag !== undefined && tag.size + flvTagHeadSize === pointerAt - at ? tag : undefined
}

/** Where the last back pointer is in a file that ends with a part of a tag: it was cut, or is still being written. */
async function lastPointer(file: SharedFile, first: number): Promise<number | undefined> {
  const start = Math.max(first, file.size - tailSize)
  const tail = await file.peek(start, tailSize)
  for (let end = tail.length - 4; end >= flvTagHeadSize; end -= 1) {
    const at = end - tail.readUInt32BE(end)
    if (at < 0 || at > end - flvTagHeadSize) continue
    const tag = parseFlvTagHead(tail.subarray(at, end))
    // Bytes of a body may look like a back pointer, but hardly like the head before it, too.
    if (tag?.streamId === 0 && types.has(tag.type) && tag.size + flvTagHeadSize === end - at) return start + end
  }
  return undefined
}
