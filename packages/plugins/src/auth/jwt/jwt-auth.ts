import type { Awaitable, Denial, Logger, PlayEvent, Plugin, PublishEvent } from '@rtmpipe/session'
import { silentLogger } from '@rtmpipe/session'
import { inject, type InjectionToken } from 'tsyringe'
import { LOGGER } from '../../tokens.ts'
import { type Action, allActions, refuse } from '../action.ts'
import { streamPath } from '../path-pattern.ts'
import type { JwtOptions } from './jwt-options.ts'
import { JwtVerifier } from './jwt-verifier.ts'
import { isPermitted } from './permissions.ts'

/** Options of {@link JwtAuth} where it is given as a class. */
export const JWT_OPTIONS: InjectionToken<JwtOptions> = Symbol.for('rtmpipe.JwtOptions')

/** What jose says of a token; all else is about us and our keys. */
const badToken = /^ERR_(JWT|JWS)_|^ERR_JOSE_(ALG_NOT_ALLOWED|NOT_SUPPORTED)$|^ERR_JWKS_(NO|MULTIPLE)_MATCHING/

/** Streams by JSON Web Tokens, whose claims `rtmp` or `mediamtx_permissions` say what may be published and played. */
export class JwtAuth implements Plugin {
  readonly name = 'jwt-auth'
  readonly #verifier: JwtVerifier
  readonly #actions: readonly Action[]
  readonly #parameters: readonly string[]
  readonly #log: Logger

  constructor(@inject(JWT_OPTIONS) options: JwtOptions, @inject(LOGGER) log: Logger) {
    this.#verifier = new JwtVerifier(options)
    this.#actions = options.actions ?? allActions
    this.#parameters = options.parameters ?? ['token', 'jwt']
    this.#log = log
  }

  onPublish(event: PublishEvent): Awaitable<Denial | undefined> {
    return this.#check('publish', event)
  }

  onPlay(event: PlayEvent): Awaitable<Denial | undefined> {
    return this.#check('play', event)
  }

  async #check(action: Action, event: PublishEvent | PlayEvent): Promise<Denial | undefined> {
    if (!this.#actions.includes(action)) return undefined
    const token = this.#parameters.map(name => event.query.get(name)).find(value => value !== null)
    if (token === undefined || token === null) return refuse(action, 'a token is needed')
    try {
      const claims = await this.#verifier.verify(token)
      if (isPermitted(claims, action, streamPath(event))) return undefined
      return refuse(action, `this token does not allow to ${action} here`)
    } catch (error) {
      return refuse(action, this.#reason(error as Error & { code?: string }))
    }
  }

  #reason(error: Error & { code?: string }): string {
    const { code = '', message } = error
    if (code === 'ERR_JWT_EXPIRED') return 'this token has expired'
    if (badToken.test(code)) return 'this token is not valid'
    this.#log.warn({ plugin: this.name, code, reason: message }, 'a token could not be checked')
    return 'the token cannot be checked at present'
  }
}

/**
 * Streams by JSON Web Tokens: `rtmp://host/live/name?token=…`.
 *
 * @example
 * ```ts
 * server.use(jwtAuth({ key: { jwks: 'https://id.example.org/jwks.json' }, audience: 'live' }))
 * ```
 *
 * @throws TypeError for a key that is none
 */
export function jwtAuth(options: JwtOptions, log: Logger = silentLogger): Plugin {
  return new JwtAuth(options, log)
}
