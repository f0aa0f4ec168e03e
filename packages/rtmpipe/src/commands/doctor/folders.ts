import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ServeConfig } from '../../sections/index.ts'
import { type Finding, fine, problem, warning } from './finding.ts'

const mebibyte = 2 ** 20

/** A folder that the server needs. */
interface Folder {
  readonly setting: string
  readonly path: string
  /** Bytes below which it will be full soon; 0 for those that are only read. */
  readonly little: number
}

/** Whether the folders can be used, how much room they have, and who else gets at them. */
export async function folderFindings(config: ServeConfig): Promise<readonly Finding[]> {
  const folders: Folder[] = [{ setting: 'data', path: config.data, little: 100 * mebibyte }]
  if (config.record) folders.push({ setting: 'record.dir', path: config.record.dir, little: 1_024 * mebibyte })
  if (config.vod) folders.push({ setting: 'vod.dir', path: config.vod.dir, little: 0 })
  const found = await Promise.all(folders.map(folderOf))
  return [...found.flat(), ...(await secretFindings(config.data))]
}

async function folderOf({ setting, path, little }: Folder): Promise<readonly Finding[]> {
  const isWritten = little > 0
  const full = resolve(path)
  const there = await existing(full)
  const name = `${setting} ${full}`
  try {
    if (!(await stat(there)).isDirectory())
      return [problem('folder', `${name}: ${there} is no folder`, `choose another ${setting}`)]
    if (!isWritten && there !== full)
      return [problem('folder', `${name} is not there`, `make it, or choose another ${setting}`)]
    await access(there, isWritten ? constants.W_OK | constants.X_OK : constants.R_OK | constants.X_OK)
  } catch (error) {
    const what = isWritten ? 'written to' : 'read'
    const { code } = error as NodeJS.ErrnoException
    const user = process.getuid?.() ?? 'the server'
    return [
      problem(
        'folder',
        `${name} can't be ${what} (${code})`,
        `chown it to the user of the server (now ${user}), or choose another ${setting}`,
      ),
    ]
  }
  const findings = isWritten ? [await roomOf(name, there, little)] : [fine('folder', `${name} can be read`)]
  if (there === full && ((await stat(full)).mode & 0o002) !== 0)
    findings.push(warning('folder', `${name}: everybody on this machine may write to it`, `chmod o-w ${full}`))
  return findings
}

async function roomOf(name: string, path: string, little: number): Promise<Finding> {
  const { bavail, bsize, files, ffree } = await statfs(path)
  const room = bavail * bsize
  const text = `${name} can be written to, ${Math.floor(room / mebibyte)} MiB are free`
  const advice = 'make room, or choose a folder on another disk'
  if (room < 10 * mebibyte) return problem('folder', text, advice)
  // Some file systems make them as they need them, and say 0 of 0.
  if (files > 0 && ffree === 0) return problem('folder', `${name}: the file system has no inode left`, advice)
  return room < little ? warning('folder', text, advice) : fine('folder', text)
}

/** The nearest folder above that is there: the rest is made when the server starts. */
async function existing(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  return isThere || dirname(path) === path ? path : existing(dirname(path))
}

/** What is secret in the data folder is for its owner alone. */
async function secretFindings(data: string): Promise<readonly Finding[]> {
  const secrets = ['admin-token', 'tls/self-signed-key.pem'].map(name => join(resolve(data), name))
  const found = await Promise.all(
    secrets.map(async path => {
      const mode = await stat(path).then(
        ({ mode }) => mode,
        () => 0,
      )
      return (mode & 0o077) === 0 ? [] : [warning('folder', `${path} can be read by others`, `chmod 600 ${path}`)]
    }),
  )
  return found.flat()
}
