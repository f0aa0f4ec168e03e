import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiClient, type ApiClient, ApiError } from '@rtmpipe/http/client'
import { CliError } from '../serve/cli-error.ts'

/** Options of commands that ask a server. */
export interface ApiCommandOptions {
  readonly url?: string
  readonly token?: string
  readonly data?: string
}

/** Where a server has put its token, in its data folder. */
const tokenFile = 'admin-token'

/** The way to a server that runs: its API, and what to do when there is no way. */
export class ApiAccess {
  readonly client: ApiClient
  readonly #url: string
  /** Where the token comes from, in words; undefined when there is none. */
  readonly #token: string | undefined
  readonly #file: string

  /** @throws CliError for a URL or a token that will not do */
  constructor(options: ApiCommandOptions) {
    const url = options.url ?? (process.env['RTMPIPE_URL'] || 'http://127.0.0.1:8080')
    this.#file = join(options.data ?? (process.env['RTMPIPE_DATA'] || '.rtmpipe'), tokenFile)
    const { origin, isOpen } = checkedUrl(url)
    this.#url = origin
    const found = foundToken(options.token, this.#file)
    this.#token = found?.from
    if (isOpen && found !== undefined)
      process.stderr.write(`rtmpipe: ${origin} is not encrypted: others may read the token on the way\n`)
    this.client = apiClient({ url, ...(found !== undefined && { token: found.token }) })
  }

  /** Whatever went wrong, as the line that is printed. */
  errorOf(error: unknown): Error {
    if (error instanceof CliError) return error
    if (!(error instanceof ApiError)) return this.#unreachable(error as Error)
    const { status, isForeign, message } = error
    if (isForeign) return new CliError(`${this.#url} has no API of rtmpipe (status ${status}): --url tells where it is`)
    if (status !== 401) return new Error(message, { cause: error })
    const advice = `give it with --token, RTMPIPE_ADMIN_TOKEN or RTMPIPE_ADMIN_TOKEN_FILE`
    if (this.#token !== undefined) {
      return new CliError(`${this.#url} does not take the token of ${this.#token}: ${advice}`)
    }
    return new CliError(`${this.#url} wants its admin token, and there is none in ${this.#file}: ${advice}`)
  }

  /** True of what may be otherwise in a while: nobody answers. */
  static mayPass(error: unknown): boolean {
    return !(error instanceof CliError) && !(error instanceof ApiError && error.status < 500)
  }

  #unreachable(error: Error): Error {
    const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
    const advice = 'is the server running? --url tells where it is'
    if (code === 'ECONNREFUSED') return new Error(`nobody answers at ${this.#url}: ${advice}`, { cause: error })
    if (error.name === 'TimeoutError') return new Error(`no answer from ${this.#url}: ${advice}`, { cause: error })
    if (isOfCertificate(code)) {
      const how = 'name its certificate, or that of who signed it, in NODE_EXTRA_CA_CERTS'
      return new CliError(`${this.#url} can not be trusted (${message}): ${how}`, { cause: error })
    }
    return new Error(`can't reach ${this.#url} (${message || code || error.message}): ${advice}`, { cause: error })
  }
}

/** Does something with the API. Errors are those that are printed. */
export async function withApi<T>(options: ApiCommandOptions, act: (client: ApiClient) => Promise<T>): Promise<T> {
  const access = new ApiAccess(options)
  try {
    return await act(access.client)
  } catch (error) {
    throw access.errorOf(error)
  }
}

function checkedUrl(text: string): { readonly origin: string; readonly isOpen: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CliError(`--url ${text}: expected a URL like http://127.0.0.1:8080`)
  }
  const isNear = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  return { origin: url.origin, isOpen: url.protocol === 'http:' && !isNear }
}

interface FoundToken {
  readonly token: string
  readonly from: string
}

/** @throws CliError for what can not be read, or is no token */
function foundToken(given: string | undefined, file: string): FoundToken | undefined {
  const { RTMPIPE_ADMIN_TOKEN: variable, RTMPIPE_ADMIN_TOKEN_FILE: named } = process.env
  if (given !== undefined) return { token: checked(given, '--token'), from: '--token' }
  if (variable) return { token: checked(variable, 'RTMPIPE_ADMIN_TOKEN'), from: 'RTMPIPE_ADMIN_TOKEN' }
  const path = named || file
  try {
    return { token: checked(readFileSync(path, 'utf8').trim(), path), from: path }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && path === file) return undefined
    if (error instanceof CliError) throw error
    throw new CliError(`can't read the token: ${(error as Error).message}`, { cause: error })
  }
}

/** Not a word of what stands there: it may be a secret in the wrong place. */
function checked(token: string, from: string): string {
  if (/^[\x21-\x7e]{1,1024}$/.test(token)) return token
  throw new CliError(`${from}: this is no token: expected letters, digits and signs, without spaces`)
}

function isOfCertificate(code = ''): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
}
