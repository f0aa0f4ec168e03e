import { type FileHandle, open } from 'node:fs/promises'
import type { FlvTail } from '@rtmpipe/flv'
import { readFully } from '../read-fully.ts'
import { RecordError } from './errors.ts'
import { codeOf } from './move-file.ts'
import { numberedName } from './part-name.ts'

/** The end of a file that may not have been written in full. */
export interface UnfinishedEnd {
  /** Where the last whole part ends; at the end of the file or before it. */
  readonly end: number
  /** Bytes in the file. */
  readonly bytes: number
  readonly tail: FlvTail
}

/** What was cut off a file. */
export interface CutOff {
  /** Bytes. */
  readonly cut: number
  /** The file that has them; undefined if they are zeroes, or not wanted any more. */
  readonly kept?: string
}

/** Bytes to copy at a time. */
const blockSize = 1024 * 1024

/**
 * Cuts the end off, if it is zeroes or shorter than it says itself.
 *
 * @param keepBeside name of a file to keep it in, with `.cut` behind it; undefined to lose it
 * @throws RecordError `RTMP_ERR_RECORD_DAMAGED` if it is something else; then the file is as it was
 */
export async function cutEnd(
  handle: FileHandle,
  file: string,
  { end, bytes, tail }: UnfinishedEnd,
  keepBeside: string | undefined,
): Promise<CutOff> {
  const cut = bytes - end
  if (tail === 'nothing' || cut <= 0) return { cut: 0 }
  if (tail === 'unknown') {
    const what = `the ${cut} bytes behind it are neither zeroes nor an unfinished end, so nothing was changed`
    throw new RecordError('RTMP_ERR_RECORD_DAMAGED', `${file} is damaged at byte ${end}: ${what}`)
  }
  const kept =
    tail === 'unfinished' && keepBeside !== undefined ? await copyEnd(handle, end, bytes, keepBeside) : undefined
  await handle.truncate(end)
  return { cut, ...(kept !== undefined && { kept }) }
}

/** Resolves with the name of the copy, when it is on the disk. */
async function copyEnd(handle: FileHandle, from: number, to: number, name: string): Promise<string> {
  const [path, copy] = await createBeside(`${name}.cut`)
  try {
    for (let at = from; at < to; at += blockSize) {
      await copy.writeFile(await readFully(handle, at, Math.min(blockSize, to - at)))
    }
    await copy.sync()
  } finally {
    await copy.close()
  }
  return path
}

async function createBeside(name: string): Promise<[path: string, copy: FileHandle]> {
  for (let attempt = 1; ; attempt += 1) {
    const path = numberedName(name, attempt)
    try {
      return [path, await open(path, 'wx')]
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}
