import type { FileHandle } from 'node:fs/promises'
import type { FlvTail } from '@rtmpipe/flv'
import { boxHead } from '../mp4/box.ts'
import { openMovie } from '../mp4/open-movie.ts'
import { topBoxes } from '../mp4/top-boxes.ts'
import { FileWindow } from './file-window.ts'
import type { UnfinishedEnd } from './unfinished-end.ts'

/** The complete part of an MP4 file. */
export interface Mp4Scan extends UnfinishedEnd {
  /** Whole fragments; a file that is not fragmented counts as one when it has its index and its media. */
  readonly fragments: number
}

/** Most bytes behind the last complete part that count as a half-written end. */
const maxTail = 65 * 1024 * 1024
const blockSize = 1024 * 1024
/** Boxes that are in no other one. */
const topTypes: ReadonlySet<string> = new Set(
  'ftyp styp moov moof mdat mfra free skip wide sidx ssix emsg prft meta uuid udta pdin'.split(' '),
)

/** @throws Mp4Error for a file of millions of boxes, and what the disk throws */
export async function scanMp4(handle: FileHandle): Promise<Mp4Scan> {
  const file = await FileWindow.of(handle)
  let [end, at, fragments, hasMovie, hasMedia] = [0, 0, 0, false, false]
  for await (const { type, position, size } of topBoxes(file)) {
    if (position + size > file.size) break
    at = position + size
    if (type === 'moov') hasMovie = true
    if (type === 'mdat') hasMedia = true
    // A fragment needs both its index and its media.
    if (type !== 'moof') end = at
    if (type === 'mdat' && hasMovie) fragments += 1
    if (type === 'moov' && hasMedia) fragments += 1
  }
  return { end, fragments, bytes: file.size, tail: await tailOf(file, end, at) }
}

/** @param at where the first box is that is not whole; between `end` and it is the index of a fragment */
async function tailOf(file: FileWindow, end: number, at: number): Promise<FlvTail> {
  if (end === file.size) return 'nothing'
  if (await isZeroes(file, at)) return end < at ? 'unfinished' : 'zeroes'
  if (file.size - end > maxTail) return 'unknown'
  return isUnfinishedBox(await file.peek(at, boxHead)) && !(await hasFragment(file, at + boxHead))
    ? 'unfinished'
    : 'unknown'
}

async function isZeroes(file: FileWindow, from: number): Promise<boolean> {
  for (let at = from; at < file.size; at += blockSize) {
    if ((await file.peek(at, blockSize)).some(byte => byte !== 0)) return false
  }
  return true
}

/** True for the head of a box, or for a part of it. It is known that the box is longer than the file. */
function isUnfinishedBox(head: Buffer): boolean {
  const type = head.toString('latin1', 4)
  return head.readUInt8(0) < 0x80 && [...topTypes].some(known => known.startsWith(type))
}

/** True if a fragment begins behind this place: then what is before it is damaged, not unfinished. */
async function hasFragment(file: FileWindow, from: number): Promise<boolean> {
  const overlap = 2 * boxHead
  for (let at = from; at < file.size; at += blockSize) {
    const bytes = await file.peek(at, blockSize + overlap)
    for (let found = bytes.indexOf('moof'); found >= 0; found = bytes.indexOf('moof', found + 1)) {
      if (bytes.toString('latin1', found + boxHead, found + boxHead + 4) === 'mfhd') return true
    }
  }
  return false
}

/**
 * Duration in milliseconds, as the tracks say. @param end bytes of the file that count @throws Mp4Error, and what the
 * disk throws
 */
export async function mp4Duration(handle: FileHandle, end: number): Promise<number> {
  const { tracks } = await openMovie(await FileWindow.of(handle, end))
  return Math.round(Math.max(0, ...tracks.map(track => track.end)) * 1000)
}
