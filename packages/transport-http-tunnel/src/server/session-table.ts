import { AddressQuota } from './address-quota.ts'
import { countedAs } from './opener.ts'
import type { Origin } from './origin.ts'
import { handleOf, isSameProof } from './session-id.ts'
import type { TunnelSession } from './tunnel-session.ts'
import type { TunnelLimits } from '../limits.ts'

interface Entry {
  readonly session: TunnelSession
  readonly origin: Origin
}

/**
 * The sessions of a server by id. One that has shown that it is no mere beginning counts, in all and for its address.
 * Before that it is pending: anybody can begin many, so they keep nobody away, and the oldest makes room.
 */
export class SessionTable {
  readonly #limits: TunnelLimits
  readonly #entries = new Map<string, Entry>()
  /** Those of them that are pending, the oldest first. */
  readonly #pending = new Map<string, TunnelSession>()
  readonly #counted = new AddressQuota()

  constructor(limits: TunnelLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#entries.size
  }

  /** Why nobody may begin another session from there; undefined when one may. */
  refusal(origin: Origin): string | undefined {
    const { maxSessions } = this.#limits
    if (this.size - this.#pending.size >= maxSessions) return `more than ${maxSessions} sessions`
    return this.#addressRefusal(origin, 0)
  }

  /** The oldest pending session if there is no room for another one without its end. */
  get inTheWay(): TunnelSession | undefined {
    const { maxSessions, maxPending } = this.#limits
    if (this.#pending.size < maxPending && this.size < maxSessions) return undefined
    const [oldest] = this.#pending.values()
    return oldest
  }

  /** A session begins, and is pending. */
  add(session: TunnelSession, origin: Origin): void {
    const handle = handleOf(session.id)
    this.#entries.set(handle, { session, origin })
    this.#pending.set(handle, session)
  }

  get(id: string): TunnelSession | undefined {
    const entry = this.#entries.get(handleOf(id))
    return entry !== undefined && isSameProof(entry.session.id, id) ? entry.session : undefined
  }

  /** The session counts from now on. @returns why it may not go on, if its address has too many */
  settle(session: TunnelSession): string | undefined {
    const handle = handleOf(session.id)
    const entry = this.#entries.get(handle)
    if (entry === undefined || !this.#pending.delete(handle)) return undefined
    const key = countedAs(entry.origin)
    if (key === undefined) return undefined
    this.#counted.add(key)
    return this.#addressRefusal(entry.origin, 1)
  }

  /** @returns whether it was there */
  delete(session: TunnelSession): boolean {
    const handle = handleOf(session.id)
    const entry = this.#entries.get(handle)
    if (entry === undefined) return false
    this.#entries.delete(handle)
    const key = countedAs(entry.origin)
    if (!this.#pending.delete(handle) && key !== undefined) this.#counted.remove(key)
    return true
  }

  *[Symbol.iterator](): Iterator<TunnelSession> {
    for (const { session } of this.#entries.values()) yield session
  }

  /** @param own how many of the address's are not asked about */
  #addressRefusal(origin: Origin, own: number): string | undefined {
    const { maxSessionsPerAddress } = this.#limits
    const key = countedAs(origin)
    if (key === undefined || this.#counted.count(key) - own < maxSessionsPerAddress) return undefined
    return `more than ${maxSessionsPerAddress} sessions from ${origin.address}`
  }
}
