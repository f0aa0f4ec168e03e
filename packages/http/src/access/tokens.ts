import type { Role } from './access.ts'
import { digestOf, isSecret } from './same-secret.ts'

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

  constructor({ token, viewToken }: TokenOptions) {
    const given: readonly (readonly [Role, string | undefined])[] = [
      ['operate', token],
      ['view', viewToken],
    ]
    this.#digests = given.flatMap(([role, secret]) => (secret ? [[role, digestOf(secret)] as const] : []))
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
