import { randomBytes } from 'node:crypto'
import type { View } from '@rtmpipe/session'
import { HlsRefusal } from './hls-refusal.ts'
import type { Watched } from './watched.ts'

/** A viewer, by a token: it has no connection of its own. */
export interface HlsSession {
  readonly token: string
  readonly address: string
  /** Where it asked from last. */
  lastAddress: string
  /** Undefined from the end of the publish on: what is left can be watched all the same. */
  view: View | undefined
  readonly program: Watched
  /** Milliseconds, when it asked last. */
  lastSeen: number
  /** Its requests that wait. */
  waiting: number
  /** Bytes of what it was answered with, and of files that it has asked for. */
  bytesSent: number
}

/** How many there may be. */
export interface SessionLimits {
  readonly maxViewers: number
  readonly maxViewersPerAddress: number
}

/** Who asked for a playlist last. */
interface Latest {
  all: HlsSession
  readonly byAddress: Map<string, HlsSession>
}

/** Target durations without a request that end a session. */
const patience = 3
const tokenBytes = 18

/** Viewers of all streams. */
export class HlsSessions {
  readonly #limits: SessionLimits
  readonly #sessions = new Map<string, HlsSession>()
  /** By address, those on their way in too. */
  readonly #counts = new Map<string, number>()
  readonly #latest = new Map<Watched, Latest>()
  /** Who has asked by a connection. */
  readonly #connections = new WeakMap<object, HlsSession>()
  #total = 0

  constructor(limits: SessionLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Places that are taken, also by those who are not in yet. */
  get taken(): number {
    return this.#total
  }

  /** Viewers at an address, those on their way in too. */
  countAt(address: string): number {
    return this.#counts.get(address) ?? 0
  }

  get(token: string): HlsSession | undefined {
    return this.#sessions.get(token)
  }

  /**
   * Takes a place for somebody who is asked about.
   *
   * @returns gives it back
   * @throws HlsRefusal 503 or 429 when there is none
   */
  reserve(address: string): () => void {
    const count = this.#counts.get(address) ?? 0
    if (this.#total >= this.#limits.maxViewers) throw new HlsRefusal(503, 'there are too many viewers')
    if (count >= this.#limits.maxViewersPerAddress)
      throw new HlsRefusal(429, 'there are too many viewers at this address')
    this.#counts.set(address, count + 1)
    this.#total += 1
    let isTaken = true
    return () => {
      if (isTaken) this.#free(address)
      isTaken = false
    }
  }

  /** Lets somebody in who has a place, see {@link HlsSessions.reserve}. */
  add(fields: Pick<HlsSession, 'address' | 'view' | 'program'>, now: number): HlsSession {
    const token = randomBytes(tokenBytes).toString('base64url')
    const session: HlsSession = {
      ...fields,
      token,
      lastSeen: now,
      waiting: 0,
      bytesSent: 0,
      lastAddress: fields.address,
    }
    this.#sessions.set(token, session)
    session.program.viewers += 1
    return session
  }

  /** Notes that a session has asked for a playlist. @param connection that it came by */
  asked(session: HlsSession, address: string, connection: object, now: number): void {
    // It may have been sent away as soon as it was let in.
    if (this.#sessions.get(session.token) !== session) return
    const { program } = session
    this.#connections.set(connection, session)
    const latest = this.#latest.get(program) ?? { all: session, byAddress: new Map<string, HlsSession>() }
    this.#latest.set(program, latest)
    if (latest.byAddress.get(session.lastAddress) === session) latest.byAddress.delete(session.lastAddress)
    session.lastSeen = now
    session.lastAddress = address
    latest.all = session
    latest.byAddress.set(address, session)
  }

  /**
   * Whose request for a file it is, which has no token: of whoever asked for a playlist by the same connection, else from the
   * same address, else last.
   */
  fetching(program: Watched, address: string, connection: object): HlsSession | undefined {
    const own = this.#connections.get(connection)
    // Behind a proxy, connections are of many.
    if (own?.program === program && own.lastAddress === address && this.#sessions.get(own.token) === own) return own
    const latest = this.#latest.get(program)
    return latest?.byAddress.get(address) ?? latest?.all
  }

  /** Ends a session, which may have ended already. */
  end(session: HlsSession): void {
    if (!this.#sessions.delete(session.token)) return
    session.program.viewers -= 1
    this.#forgetLatest(session)
    session.program.waiting.refuse(new HlsRefusal(403, 'this viewer was sent away'), session)
    this.#free(session.address)
    session.view?.leave()
  }

  /** Ends those who have not asked for a while, and do not wait for an answer. */
  expire(now: number): void {
    for (const session of this.#sessions.values()) {
      const idle = now - session.lastSeen
      if (session.waiting === 0 && idle > patience * session.program.targetDuration) this.end(session)
    }
  }

  /** Ends all, or those of a program. */
  clear(program?: Watched): void {
    for (const session of this.#sessions.values())
      if (program === undefined || session.program === program) this.end(session)
  }

  #forgetLatest(session: HlsSession): void {
    const { program, lastAddress } = session
    const latest = this.#latest.get(program)
    if (latest?.byAddress.get(lastAddress) === session) latest.byAddress.delete(lastAddress)
    if (latest?.all !== session) return
    const [next] = latest.byAddress.values()
    if (next === undefined) this.#latest.delete(program)
    else latest.all = next
  }

  #free(address: string): void {
    this.#total -= 1
    const count = (this.#counts.get(address) ?? 1) - 1
    if (count === 0) this.#counts.delete(address)
    else this.#counts.set(address, count)
  }
}
