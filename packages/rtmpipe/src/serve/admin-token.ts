import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '@rtmpipe/session'
import type { ServeConfig } from '../sections/index.ts'
import { makeFolder } from '../sections/make-folder.ts'
import { servesHttp } from '../sections/server.ts'
import { CliError } from './cli-error.ts'

/** A token that was made at this start. */
export interface MadeToken {
  readonly token: string
  /** Where it is kept. */
  readonly file: string
}

/**
 * Makes the token at the first start, unless the configuration gives one or nothing needs one. Who starts the server has to
 * be shown it.
 */
export async function makeAdminToken(config: ServeConfig): Promise<MadeToken | undefined> {
  if (config.adminToken !== undefined || !servesHttp(config)) return undefined
  const [token, file] = [randomBytes(24).toString('base64url'), fileOf(config)]
  try {
    await makeFolder(config.data)
    await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
    return { token, file }
  } catch {
    // It is there already; or it can't be kept, which is said when it is read.
    return undefined
  }
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
