import type { FileHandle } from 'node:fs/promises'
import { openMovie } from '../mp4/open-movie.ts'
import { topBoxes } from '../mp4/top-boxes.ts'
import { FileWindow } from './file-window.ts'

/** The complete part of an MP4 file. */
export interface Mp4Scan {
  /** Position after the last complete fragment and complete boxes behind it. */
  readonly end: number
  /** Whole fragments; a file that is not fragmented counts as one when it has its index and its media. */
  readonly fragments: number
  readonly bytes: number
}

/** @throws Mp4Error for a file of millions of boxes, and what the disk throws */
export async function scanMp4(handle: FileHandle): Promise<Mp4Scan> {
  const file = await FileWindow.of(handle)
  let [end, fragments, hasMovie, hasMedia] = [0, 0, false, false]
  for await (const { type, position, size } of topBoxes(file)) {
    if (position + size > file.size || !/^[a-z0-9 ]{4}$/i.test(type)) break
    if (type === 'moov') hasMovie = true
    if (type === 'mdat') hasMedia = true
    // A fragment needs both its index and its media.
    if (type !== 'moof') end = position + size
    if (type === 'mdat' && hasMovie) fragments += 1
    if (type === 'moov' && hasMedia) fragments += 1
  }
  return { end, fragments, bytes: file.size }
}

/**
 * Duration in milliseconds, as the tracks say. @param end bytes of the file that count @throws Mp4Error, and what the
 * disk throws
 */
export async function mp4Duration(handle: FileHandle, end: number): Promise<number> {
  const { tracks } = await openMovie(await FileWindow.of(handle, end))
  return Math.round(Math.max(0, ...tracks.map(track => track.end)) * 1000)
}
