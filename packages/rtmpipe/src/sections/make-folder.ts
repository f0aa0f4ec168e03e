import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder, and those above it, if they are not there. Node's own way to do so never ends in `/proc`. */
export async function makeFolder(dir: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(dir, mode)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(dir) === dir) throw error
    await makeFolder(dirname(dir), mode)
    await mkdir(dir, mode)
  }
}
