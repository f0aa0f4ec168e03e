import { randomBytes } from 'node:crypto'
import type { Role } from './access.ts'
import { digestOf } from './same-secret.ts'

/** Sessions at a time: for one more the oldest ends. */
const maxSessions = 100
/** Milliseconds without a request after which a session ends. */
const maxIdle = 60 * 60_000
/** Milliseconds after which it ends in any case. */
const maxAge = 12 * 60 * 60_000

/** Somebody who has logged in with a browser. */
export interface Session {
  readonly role: Role
  /** What requests that change something have to show beside the cookie. */
  readonly csrf: string
  /** When it ends, by the clock. */
  readonly end: number
}

interface OpenSession extends Session {
  idleEnd: number
}

/** The sessions of browsers. Only digests of their ids are kept. */
export class SessionTable {
  readonly #now: () => number
  readonly #sessions = new Map<string, OpenSession>()

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now
  }

  /** How many are open. */
  get size(): number {
    return this.#sessions.size
  }

  /** Opens one. @returns its id, for the cookie */
  open(role: Role): { readonly id: string; readonly session: Session } {
    const id = randomBytes(32).toString('base64url')
    const now = this.#now()
    const csrf = randomBytes(32).toString('base64url')
    const session: OpenSession = { role, csrf, end: now + maxAge, idleEnd: now + maxIdle }
    this.#sessions.set(keyOf(id), session)
    for (const [key, other] of this.#sessions) {
      if (this.#sessions.size > maxSessions || this.#isOver(other)) this.#sessions.delete(key)
      else break
    }
    return { id, session }
  }

  /** The open session of that id. It is used by this, and so goes on. */
  find(id: string): Session | undefined {
    const session = this.#sessions.get(keyOf(id))
    if (session === undefined) return undefined
    if (this.#isOver(session)) {
      this.#sessions.delete(keyOf(id))
      return undefined
    }
    session.idleEnd = this.#now() + maxIdle
    return session
  }

  /** Ends one, if it is there. */
  close(id: string): void {
    this.#sessions.delete(keyOf(id))
  }

  /** Ends all. */
  clear(): void {
    this.#sessions.clear()
  }

  #isOver({ end, idleEnd }: OpenSession): boolean {
    return Math.min(end, idleEnd) <= this.#now()
  }
}

/** A look-up by digest takes a time that tells nothing of the ids there are. */
function keyOf(id: string): string {
  return digestOf(id).toString('base64')
}
