import { UsageError } from '@rtmpipe/chunk-stream'
import type { Role } from './access.ts'
import { digestOf, isSecret } from './same-secret.ts'

/** A longer one is wrong without being looked at. */
export const maxTokenLength = 1_024
/** What a header can carry as a token. */
const tokenPattern = new RegExp(`^[\\x21-\\x7e]{1,${maxTokenLength}}$`)

/** Tokens that let somebody in. */
export interface TokenOptions {
  /** Of those who may see and change everything. Without it nobody may. */
  readonly token?: string | undefined
  /** Of those who may look, and change nothing. Default: there is none. */
  readonly viewToken?: string | undefined
}

/** The tokens of a server, as digests. */
export class Tokens {
  readonly #digests: readonly (readonly [Role, Buffer])[]

  /** @throws UsageError `RTMP_ERR_USAGE` for a token that can not be sent in a header, and for one of both roles */
  constructor({ token, viewToken }: TokenOptions) {
    if (token !== undefined && token === viewToken)
      throw new UsageError(
        'RTMP_ERR_USAGE',
        'token and viewToken are the same, so who may look could change everything',
      )
    this.#digests = [...digests('operate', 'token', token), ...digests('view', 'viewToken', viewToken)]
  }

  /** True when nobody can be let in. */
  get isEmpty(): boolean {
    return this.#digests.length === 0
  }

  /** True when these are the same tokens. */
  equals(other: Tokens): boolean {
    return this.#text === other.#text
  }

  get #text(): string {
    return this.#digests.map(([role, digest]) => role + digest.toString('hex')).join()
  }

  /** What a token lets somebody do; undefined for one that is wrong. */
  roleOf(token: string): Role | undefined {
    // All are compared, so that the time does not tell which one it was.
    const [role] = this.#digests.filter(([, digest]) => isSecret(token, digest)).map(([each]) => each)
    return role
  }
}

function digests(role: Role, name: string, token: string | undefined): readonly (readonly [Role, Buffer])[] {
  if (token === undefined) return []
  if (typeof token !== 'string' || !tokenPattern.test(token))
    throw new UsageError(
      'RTMP_ERR_USAGE',
      `${name} has to be 1 to ${maxTokenLength} visible ASCII characters, without spaces`,
    )
  return [[role, digestOf(token)]]
}
