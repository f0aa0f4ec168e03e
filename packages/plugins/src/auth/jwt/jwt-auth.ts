import { checkOptions, type Denial, type Host, type Logger, type PlayEvent, type PublishEvent } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../../inject.ts'
import { PluginLog } from '../../plugin-log.ts'
import { LOGGER } from '../../tokens/index.ts'
import { type Action, refuse, refuseUnknown } from '../action.ts'
import { streamPath } from '../path-pattern.ts'
import { StreamGate } from '../stream-gate.ts'
import type { JwtOptions } from './jwt-options.ts'
import { JwtVerifier } from './jwt-verifier.ts'
import { identify } from '../../principal.ts'
import { secretId } from '../../secrets.ts'
import { isPermitted } from './permissions.ts'
import { jwtDefaults } from '../defaults.ts'

/** Options of {@link JwtAuth} where it is given as a class. */
export const JWT_AUTH_OPTIONS: InjectionToken<JwtOptions> = Symbol.for('rtmpipe.JwtAuthOptions')

/** How {@link JwtAuth} fetches key sets. */
export const JWT_AUTH_FETCH: InjectionToken<typeof fetch> = Symbol.for('rtmpipe.JwtAuthFetch')

const known: Record<keyof JwtOptions, true> = {
  key: true,
  algorithms: true,
  issuer: true,
  audience: true,
  clockTolerance: true,
  parameters: true,
  actions: true,
}

/** Errors of jose about the token itself; all others are about us and our keys. */
const badToken = /^ERR_(JWT|JWS)_|^ERR_JOSE_(ALG_NOT_ALLOWED|NOT_SUPPORTED)$|^ERR_JWKS_(NO|MULTIPLE)_MATCHING/

/** Streams by JSON Web Tokens, whose claims `rtmp` or `mediamtx_permissions` say what may be published and played. */
export class JwtAuth extends StreamGate {
  readonly name = 'jwt-auth'
  readonly #verifier: JwtVerifier
  readonly #parameters: readonly string[]
  readonly #log: PluginLog

  constructor(
    @inject(JWT_AUTH_OPTIONS) options: JwtOptions,
    @inject(LOGGER) log?: Logger,
    @inject(JWT_AUTH_FETCH, { isOptional: true }) fetch?: typeof globalThis.fetch,
  ) {
    super(options.actions ?? jwtDefaults.actions)
    checkOptions('jwtAuth()', options, known)
    this.#verifier = new JwtVerifier(options, fetch)
    this.#parameters = options.parameters ?? jwtDefaults.parameters
    this.#log = new PluginLog(this.name, log)
  }

  /** Logs to the server's log, if no log was given. */
  setup(host: Host): void {
    this.#log.use(host)
  }

  protected override async check(action: Action, event: PublishEvent | PlayEvent): Promise<Denial | undefined> {
    const token = this.#parameters.map(name => event.query.get(name)).find(value => value !== null)
    if (token === undefined || token === null) return refuseUnknown(action, 'a token is needed')
    try {
      const claims = await this.#verifier.verify(token)
      if (!isPermitted(claims, action, streamPath(event)))
        return refuse(action, `this token does not allow to ${action} here`)
      const { sub = '' } = claims
      identify(event.context, sub === '' ? `token ${secretId(token)}` : sub, this.name)
      return undefined
    } catch (error) {
      return refuseUnknown(action, this.#reason(error as Error & { code?: string }))
    }
  }

  #reason(error: Error & { code?: string }): string {
    const { code = '', message } = error
    if (code === 'ERR_JWT_EXPIRED') return 'this token has expired'
    if (badToken.test(code)) return 'this token is not valid'
    this.#log.warn({ code, reason: message }, 'a token could not be checked')
    return 'the token cannot be checked at present'
  }
}

/**
 * Streams by JSON Web Tokens: `rtmp://host/live/name?token=…`. The principal is the claim `sub` of the token; without
 * one it is the token: `token` and 16 digits of its hash.
 *
 * @example
 * ```ts
 * server.use(jwtAuth({ key: { jwks: 'https://id.example.org/jwks.json' }, audience: 'live' }))
 * ```
 *
 * @param log default the server's log
 * @param fetch how key sets are fetched; default the global `fetch`
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for a key that is none
 */
export function jwtAuth(options: JwtOptions, log?: Logger, fetch?: typeof globalThis.fetch): JwtAuth {
  return new JwtAuth(options, log, fetch)
}
