import { quotaKey } from '@rtmpipe/transport-http-tunnel'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { ProblemError } from '../problem/problem-error.ts'
import type { Access, Role } from './access.ts'
import { FailureTable } from './failures.ts'
import { isSameOrigin } from './same-origin.ts'
import { digestOf, isSecret } from './same-secret.ts'
import { sessionCookie } from './session-cookie.ts'
import { type Session, SessionTable } from './sessions.ts'
import { maxTokenLength, type TokenOptions, Tokens } from './tokens.ts'

/** Lets in who shows a token, or has logged in with one. */
export class TokenAccess implements Access {
  readonly #failures = new FailureTable()
  readonly #sessions = new SessionTable()
  readonly #blocked: (address: string) => void
  #tokens: Tokens
  #isNeeded = false

  /** @param blocked told of an address that has shown so many wrong tokens that it has to wait */
  constructor(options: TokenOptions = {}, blocked: (address: string) => void = () => {}) {
    this.#tokens = new Tokens(options)
    this.#blocked = blocked
  }

  /** True when something is reachable that needs a token. */
  get isNeeded(): boolean {
    return this.#isNeeded
  }

  /** True when there is no token, and so nobody can be let in. */
  get isClosed(): boolean {
    return this.#tokens.isEmpty
  }

  /** Other tokens from now on. If one is different, all sessions end. */
  take(options: TokenOptions): void {
    const tokens = new Tokens(options)
    if (!tokens.equals(this.#tokens)) this.#sessions.clear()
    this.#tokens = tokens
  }

  requires(role: Role): onRequestAsyncHookHandler {
    this.#isNeeded = true
    return async request => {
      const given = this.#roleOf(request)
      if (given === role || given === 'operate') return
      throw new ProblemError(403, 'this token is for looking only: what changes something needs the admin token')
    }
  }

  /** Opens a session. @throws ProblemError for a token that is wrong, and for too many of them */
  login(request: FastifyRequest, token: string): { readonly id: string; readonly session: Session } {
    if (!isSameOrigin(request)) throw new ProblemError(403, 'this page is not from here: log in at this server')
    return this.#sessions.open(this.#check(request, token))
  }

  /** The session of a request, if it has one that is open. */
  session(request: FastifyRequest): Session | undefined {
    const id = sessionCookie(request)
    return id === undefined ? undefined : this.#sessions.find(id)
  }

  /** Ends the session of a request. @throws ProblemError when it comes from elsewhere */
  logout(request: FastifyRequest): void {
    const session = this.session(request)
    if (session === undefined) return
    checkOrigin(request, session)
    this.#sessions.close(sessionCookie(request) ?? '')
  }

  /** @throws ProblemError when nobody can be let in */
  #roleOf(request: FastifyRequest): Role {
    const { authorization } = request.headers
    if (authorization !== undefined) return this.#check(request, bearerToken(authorization))
    const session = this.session(request)
    if (session === undefined) throw unauthorized('a token is needed: Authorization: Bearer TOKEN')
    if (request.method !== 'GET' && request.method !== 'HEAD') checkOrigin(request, session)
    return session.role
  }

  /** @throws ProblemError for a token that is wrong */
  #check(request: FastifyRequest, token: string | undefined): Role {
    if (this.#tokens.isEmpty) throw unauthorized('this server has no token, so nobody can be let in: give it one')
    const address = quotaKey(ipOf(request))
    const wait = this.#failures.wait(address)
    if (wait > 0) {
      const headers = { 'Retry-After': String(wait) }
      throw new ProblemError(429, `too many wrong tokens from this address: wait ${wait} seconds`, { headers })
    }
    const role = token === undefined || token.length > maxTokenLength ? undefined : this.#tokens.roleOf(token)
    if (role !== undefined) return role
    if (this.#failures.add(address)) this.#blocked(ipOf(request))
    throw unauthorized('the token is wrong')
  }
}

/** Fastify's types say that there always is one: who has cut the connection meanwhile has none any more. */
function ipOf({ ip }: { readonly ip: string | undefined }): string {
  return ip ?? ''
}

function unauthorized(detail: string): ProblemError {
  return new ProblemError(401, detail, { headers: { 'WWW-Authenticate': 'Bearer realm="rtmpipe"' } })
}

/** RFC 6750 §2.1. @returns undefined for what is no such header */
function bearerToken(authorization: string): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1]
}

/** @throws ProblemError for a request that a page of somebody else's may have made */
function checkOrigin(request: FastifyRequest, { csrf }: Session): void {
  const given = request.headers['x-csrf-token']
  const isOurs = typeof given === 'string' && isSecret(given, digestOf(csrf))
  if (isOurs && isSameOrigin(request)) return
  throw new ProblemError(
    403,
    'X-CSRF-Token is missing or wrong, or the request comes from another site: reload the page',
  )
}
