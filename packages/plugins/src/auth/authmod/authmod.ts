import { randomBytes } from 'node:crypto'
import {
  type Awaitable,
  checkOptions,
  type ConnectEvent,
  type ConnectionInfo,
  type Denial,
  type Plugin,
  type PublishEvent,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../../inject.ts'
import { percentDecoded } from '../../percent-encoding.ts'
import { identify } from '../../principal.ts'
import { isSameSecret } from '../../secrets.ts'
import { type Action, refuse } from '../action.ts'
import { authmodDefaults } from '../defaults.ts'
import { adobeResponse, type AuthmodMethod, llnwResponse } from './authmod-method.ts'
import { authmodParameters } from './authmod-parameters.ts'
import { type Challenge, Challenges } from './challenges.ts'
import { SpentChallenges } from './spent-challenges.ts'
import { writtenForms } from './written-forms.ts'

/** Passwords by name, or where to ask for them. */
export type Users =
  | Readonly<Record<string, string>>
  | ((name: string, signal: AbortSignal) => Awaitable<string | undefined>)

/** Who may log in, and how. */
export interface AuthmodOptions {
  /** Passwords by name, or where to ask for them. */
  readonly users: Users
  /** Default `adobe`, which OBS, FFmpeg, GStreamer and most encoders know. */
  readonly method?: AuthmodMethod
  /**
   * Who needs a login. Default publishers and players. With `['publish']`, clients that connect in the way of players
   * are let in, and may only play.
   */
  readonly actions?: readonly Action[]
  /** Milliseconds from a challenge to its answer. Default 30,000. */
  readonly challengeTimeout?: number
  /**
   * Answered challenges to remember, so that each is good for one answer. Beyond them the oldest are forgotten, and
   * clients with challenges as old get new ones. Default 10,000.
   */
  readonly maxChallenges?: number
  /**
   * Signs challenges, at least 16 characters that nobody can guess. Processes that have the same secret, and clocks that
   * agree, take answers to each other's challenges. Default random.
   */
  readonly secret?: string
  /**
   * Remembers answered challenges for several processes with the same `secret`, like one {@link SpentChallenges} that
   * all of them ask; false of those that were answered before. Default in this process alone: another one would take
   * the same answer once more while the challenge lasts.
   */
  readonly spend?: SpendChallenge
}

/** Marks a challenge as answered: its id, its end by the clock of `Date.now()`, and how many to remember. */
export type SpendChallenge = (id: string, end: number, max: number) => Awaitable<boolean>

/** Longest name; the whole challenge must stay below the 256 characters that FFmpeg has for it. */
const maxNameLength = 64

/** Shortest secret. */
const minSecretLength = 16

const known: Record<keyof AuthmodOptions, true> = {
  users: true,
  method: true,
  actions: true,
  challengeTimeout: true,
  maxChallenges: true,
  secret: true,
  spend: true,
}

/** Options of {@link Authmod} where it is given as a class; there need be none. */
export const AUTHMOD_OPTIONS: InjectionToken<Omit<AuthmodOptions, 'users'>> = Symbol.for('rtmpipe.AuthmodOptions')

/** Where {@link Authmod} gets passwords from. */
export const AUTHMOD_USERS: InjectionToken<Users> = Symbol.for('rtmpipe.AuthmodUsers')

/** Login with name and password. */
export class Authmod implements Plugin {
  readonly name = 'authmod'
  readonly #users: Users
  readonly #method: AuthmodMethod
  readonly #guardsPlayers: boolean
  readonly #challenges: Challenges
  readonly #spend: (challenge: Challenge) => Awaitable<boolean>
  readonly #loggedIn = new WeakSet<ConnectionInfo>()

  /** @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for a secret that is too short */
  constructor(
    @inject(AUTHMOD_OPTIONS, { isOptional: true }) options: Omit<AuthmodOptions, 'users'> = {},
    @inject(AUTHMOD_USERS) users: Users,
  ) {
    checkOptions('authmod()', options, known)
    const {
      method = authmodDefaults.method,
      actions = authmodDefaults.actions,
      challengeTimeout = authmodDefaults.challengeTimeout,
      maxChallenges = authmodDefaults.maxChallenges,
      secret = randomBytes(32).toString('base64url'),
    } = options
    if (secret.length < minSecretLength) throw new TypeError(`secret: expected at least ${minSecretLength} characters`)
    this.#users = users
    this.#method = method
    this.#guardsPlayers = actions.includes('play')
    this.#challenges = new Challenges({ timeout: challengeTimeout, secret })
    const spent = new SpentChallenges()
    const spend = options.spend ?? ((id, end, max) => spent.spend(id, end, max))
    this.#spend = ({ id, end }) => spend(id, end, maxChallenges)
  }

  async onConnect(event: ConnectEvent): Promise<Denial | undefined> {
    const given = parametersOf(event)
    const user = given.get('user') ?? ''
    if (given.get('authmod') !== this.#method || !isName(user)) {
      if (!this.#guardsPlayers && isPlayer(event)) return undefined
      return reject(`[ code=403 need auth; authmod=${this.#method} ] : `)
    }
    if (!given.has('response')) return this.#challenge(user)
    const challenge = this.#challenges.find(given.get(this.#method === 'adobe' ? 'opaque' : 'nonce') ?? '')
    // A client that sends an old answer gets a new challenge.
    if (challenge === undefined || !(await this.#spend(challenge))) return this.#challenge(user)
    const password = await this.#passwordOf(percentDecoded(user), event.signal)
    // Unknown names and wrong passwords get the same answer after the same time.
    const isRight = this.#isRight(event.app, given, password ?? '', challenge)
    if (!isRight || password === undefined) return reject(`[ authmod=${this.#method} ] : ?reason=authfailed`)
    this.#loggedIn.add(event.connection)
    identify(event.context, percentDecoded(user), this.name)
    return undefined
  }

  onPublish({ connection }: PublishEvent): Denial | undefined {
    return this.#loggedIn.has(connection) ? undefined : refuse('publish', 'name and password are needed')
  }

  #challenge(user: string): Denial {
    const { id, salt } = this.#challenges.issue()
    const question = this.#method === 'adobe' ? `salt=${salt}&challenge=${id}&opaque=${id}` : `nonce=${id}`
    return reject(`[ authmod=${this.#method} ] : ?reason=needauth&user=${user}&${question}`)
  }

  async #passwordOf(name: string, signal: AbortSignal): Promise<string | undefined> {
    const users = this.#users
    if (typeof users === 'function') return users(name, signal)
    return Object.hasOwn(users, name) ? users[name] : undefined
  }

  /** Some clients hash name and password as they stand in the URL (FFmpeg), others decode them first (GStreamer). */
  #isRight(app: string, given: ReadonlyMap<string, string>, password: string, challenge: Challenge): boolean {
    const [raw, response] = [given.get('user') ?? '', percentDecoded(given.get('response') ?? '')]
    const users = new Set([raw, percentDecoded(raw)])
    const right = [...users].flatMap(user =>
      writtenForms(password).map(form => this.#response(app, given, { user, password: form }, challenge)),
    )
    return right.map(expected => isSameSecret(expected, response)).includes(true)
  }

  #response(
    app: string,
    given: ReadonlyMap<string, string>,
    credentials: { readonly user: string; readonly password: string },
    { id, salt }: Challenge,
  ): string {
    if (this.#method === 'adobe') {
      return adobeResponse(credentials, { salt, challenge: id }, percentDecoded(given.get('challenge') ?? ''))
    }
    const [nc, cnonce] = [given.get('nc') ?? '', given.get('cnonce') ?? '']
    return llnwResponse(credentials, app, { nonce: id, nc, cnonce })
  }
}

/**
 * Login with name and password as encoders do it: `rtmp://user:password@host/app/name`, or the fields of OBS. The
 * client is refused with a challenge and connects again with its answer. There is no specification: this is how FFmpeg,
 * librtmp and OBS do it. The connection's principal is the name.
 *
 * @example
 * ```ts
 * server.use(authmod({ users: { studio: 'secret' } }))
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist and numbers below 0, TypeError for a secret that is too short
 */
export function authmod(options: AuthmodOptions): Authmod {
  return new Authmod(options, options.users)
}

/** GStreamer wants this very form; others look for words in it. */
function reject(rest: string): Denial {
  return refuse('connect', `[ AccessManager.Reject ] : ${rest}`)
}

function parametersOf({ commandObject, connection }: ConnectEvent): ReadonlyMap<string, string> {
  const { app } = commandObject
  const fromApp = authmodParameters(typeof app === 'string' ? app : '')
  return fromApp.has('authmod') ? fromApp : authmodParameters(connection.tcUrl)
}

/** Refuses names that could end the parameter in which they are sent back. */
function isName(user: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  return user !== '' && user.length <= maxNameLength && !/[\s&?=[\]\u0000-\u001f\u007f]/.test(user)
}

/**
 * True for clients that connect in the way of players: players announce what they can decode, publishers send only
 * `nonprivate` (RTMP 1.0 §7.2.1.1; FFmpeg, OBS).
 */
function isPlayer({ commandObject }: ConnectEvent): boolean {
  return commandObject['type'] !== 'nonprivate' || commandObject['fpad'] !== undefined
}
