import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '@rtmpipe/session'
import type { ServeConfig } from '../sections/index.ts'
import { makeFolder } from '../sections/make-folder.ts'
import { servesHttp } from '../sections/server.ts'
import { CliError } from './cli-error.ts'

/** Makes the token at the first start, unless the configuration gives one or nothing needs one, and shows it this once. */
export async function makeAdminToken(config: ServeConfig): Promise<void> {
  if (config.adminToken !== undefined || !servesHttp(config)) return
  const token = randomBytes(24).toString('base64url')
  try {
    await makeFolder(config.data)
    await writeFile(fileOf(config), `${token}\n`, { mode: 0o600, flag: 'wx' })
  } catch {
    // It is there already; or it can't be kept, which is said when it is read.
    return
  }
  process.stdout.write(`rtmpipe admin token ${token} (kept in ${fileOf(config)}, and not shown again)\n`)
}

/**
 * The token of the configuration, or the one that was made; undefined where there is none, which is logged.
 *
 * @throws CliError for a file that has no token in it
 */
export async function adminToken(config: ServeConfig, log: Logger): Promise<string | undefined> {
  if (config.adminToken !== undefined) return config.adminToken
  const file = fileOf(config)
  try {
    const { mode } = await stat(file)
    if ((mode & 0o077) !== 0 && process.platform !== 'win32')
      log.warn({ file }, 'others can read the admin token: take that from them with chmod 600')
    const token = (await readFile(file, 'utf8')).trim()
    if (/^[!-~]{1,1024}$/.test(token)) return token
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    log.warn({ file, code }, 'there is no admin token, so what needs one is closed: give one with --admin-token')
    return undefined
  }
  throw new CliError(`${file} has no admin token in it: delete it, and another is made`)
}

function fileOf({ data }: ServeConfig): string {
  return join(data, 'admin-token')
}
