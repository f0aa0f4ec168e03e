import { access, link, rename, unlink } from 'node:fs/promises'
import { numberedName } from './part-name.ts'

/** Gives an unfinished file its name, or the next free one. Resolves with the name. */
export async function publishPart(path: string, name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const numbered = numberedName(name, attempt)
    try {
      await moveTo(path, numbered)
      return numbered
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

/** A rename that never replaces a file. @throws the system's error, `EEXIST` among them */
export async function moveTo(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const isUnknown = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')
    if (!isUnknown) throw error
    // File systems without hard links.
    if (await exists(to)) throw Object.assign(new Error(`${to} exists`), { code: 'EEXIST' })
    return rename(from, to)
  }
  await unlink(from)
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
