import { rename } from 'node:fs/promises'
import { codeOf, exists } from './move-file.ts'
import { writing } from './part-file.ts'
import { parsePartName, partOf } from './part-name.ts'

/**
 * Claims a `.part` that no process writes any more, so that only this process works on it; undefined if another process
 * was faster, or is writing it.
 */
export async function withPart<T>(
  path: string,
  use: (own: string, name: string) => Promise<T>,
): Promise<T | undefined> {
  const part = parsePartName(path)
  if (part === undefined || writing.has(path) || (part.pid !== process.pid && isAlive(part.pid))) return undefined
  const own = partOf(part.name)
  if (writing.has(own)) return undefined
  writing.add(own)
  try {
    if (own !== path && ((await exists(own)) || !(await renamed(path, own)))) return undefined
    return await use(own, part.name)
  } finally {
    writing.delete(own)
  }
}

/** If several processes try, one succeeds. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process exists, but belongs to another user.
    return codeOf(error) === 'EPERM'
  }
}
