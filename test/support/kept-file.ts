import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * A file that takes long to make, from the system's folder for temporary files, where it is kept for the next run. It is
 * taken only as it was made: beside it is its hash, written last, in a folder that nobody else can write to.
 *
 * @param name must change with everything that the content depends on
 * @param make writes the file to the path it is given
 */
export async function keptFile(name: string, make: (path: string) => Promise<unknown>): Promise<string> {
  const folder = await ownFolder()
  const file = join(folder, name)
  if (await isAsMade(file)) return file
  const unfinished = join(folder, `${randomUUID()}-${name}`)
  try {
    await make(unfinished)
    const hash = await hashOf(unfinished)
    await rename(unfinished, file)
    await writeFile(unfinished, hash)
    await rename(unfinished, hashFile(file))
  } finally {
    await rm(unfinished, { force: true })
  }
  return file
}

/** @throws Error when somebody else made it, or could change what is in it */
async function ownFolder(): Promise<string> {
  const { uid, username } = userInfo()
  const folder = join(tmpdir(), `rtmpipe-kept-${uid === -1 ? username : uid}`)
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(folder)
  // Windows knows no uid and has a folder for temporary files for each user.
  const isOwn = uid === -1 || (found.uid === uid && (found.mode & 0o022) === 0)
  if (!found.isDirectory() || !isOwn) throw new Error(`${folder} is not ours: remove it`)
  return folder
}

async function isAsMade(file: string): Promise<boolean> {
  try {
    return (await readFile(hashFile(file), 'utf8')) === (await hashOf(file))
  } catch {
    return false
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function hashFile(file: string): string {
  return `${file}.sha256`
}
