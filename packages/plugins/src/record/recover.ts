import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { RecordError } from './errors.ts'
import type { RepairedFile } from './options.ts'
import { publishPart } from './move-file.ts'
import { parsePartName } from './part-name.ts'
import { repair } from './repair.ts'

/** Repairs an unfinished file and gives it its name. Undefined, and the file is gone, if it held no frame at all. */
export async function recover(part: string, name: string): Promise<RepairedFile | undefined> {
  try {
    const repaired = await repair(part)
    return { ...repaired, file: await publishPart(part, name) }
  } catch (error) {
    if (!(error instanceof RecordError) || error.code !== 'RTMP_ERR_RECORD_EMPTY') throw error
    await unlink(part)
    return undefined
  }
}

/** Paths of all unfinished files below a folder, including those that are being written. */
export async function findParts(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    return entries
      .filter(entry => entry.isFile() && parsePartName(entry.name) !== undefined)
      .map(entry => join(entry.parentPath, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
