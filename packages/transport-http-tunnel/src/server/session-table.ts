import { AddressQuota, quotaKey } from './address-quota.ts'
import { handleOf, isSameId } from './session-id.ts'
import type { TunnelSession } from './tunnel-session.ts'
import type { TunnelLimits } from '../limits.ts'

interface Entry {
  readonly session: TunnelSession
  readonly quotaKey: string
  pending: boolean
}

/** The open sessions of a server, by id, and how many each address has of them. */
export class SessionTable {
  readonly #limits: TunnelLimits
  readonly #entries = new Map<string, Entry>()
  readonly #open = new AddressQuota()
  readonly #pending = new AddressQuota()

  constructor(limits: TunnelLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#entries.size
  }

  /** Why `address` may not open another session; undefined when it may. */
  refusal(address: string): string | undefined {
    const { maxSessions, maxSessionsPerAddress, maxPendingPerAddress } = this.#limits
    const key = quotaKey(address)
    if (this.size >= maxSessions) return `more than ${maxSessions} sessions`
    if (this.#open.count(key) >= maxSessionsPerAddress) {
      return `more than ${maxSessionsPerAddress} sessions from ${address}`
    }
    if (this.#pending.count(key) >= maxPendingPerAddress) {
      return `more than ${maxPendingPerAddress} sessions from ${address} that have not sent anything`
    }
    return undefined
  }

  add(session: TunnelSession, address: string): void {
    const key = quotaKey(address)
    this.#entries.set(handleOf(session.id), { session, quotaKey: key, pending: true })
    this.#open.add(key)
    this.#pending.add(key)
  }

  get(id: string): TunnelSession | undefined {
    const entry = this.#entries.get(handleOf(id))
    return entry !== undefined && isSameId(entry.session.id, id) ? entry.session : undefined
  }

  /** The session has sent something and is no longer a mere `/open`. */
  settle(session: TunnelSession): void {
    const entry = this.#entries.get(handleOf(session.id))
    if (entry === undefined || !entry.pending) return
    entry.pending = false
    this.#pending.remove(entry.quotaKey)
  }

  delete(session: TunnelSession): void {
    this.settle(session)
    const handle = handleOf(session.id)
    const entry = this.#entries.get(handle)
    if (entry === undefined) return
    this.#entries.delete(handle)
    this.#open.remove(entry.quotaKey)
  }

  *[Symbol.iterator](): Iterator<TunnelSession> {
    for (const { session } of this.#entries.values()) yield session
  }
}
