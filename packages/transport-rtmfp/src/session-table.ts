import { DeadlineQueue, type Due } from './deadline-queue.ts'
import type { Session } from './session/session.ts'
import type { Answered } from './startup/responder.ts'
import type { Endpoint } from './wire/address.ts'

/** Milliseconds that somebody may take to show that it has the keys of the session that it has opened. */
const PROOF = 10_000

/** A session in the tables of its endpoint. */
export interface SessionEntry extends Due {
  readonly session: Session
  /** The id that its packets have. */
  readonly id: number
  /** Undefined where we have asked for it. */
  readonly answered: Answered | undefined
  /** Address that it counts for. */
  readonly countedFor: string
  /** Where it is found by its address: the object that its session had last. */
  remote: Endpoint
  /** False once it is over: it only lingers. */
  isCounted: boolean
  /**
   * When it ends unless a packet has come by then that its keys open. Until one has, its far end has only shown a certificate,
   * and those are public. Infinity afterwards, and where we have asked for it.
   */
  provenBy: number
  /** Packets before that one that its keys do not open. */
  broken: number
}

/** The sessions of an endpoint, found by whatever tells one. */
export class SessionTable {
  readonly #byId = new Map<number, SessionEntry>()
  readonly #byPlace = new Map<string, SessionEntry>()
  /** Those that are open and proven, the first one first: nobody takes the place of another. */
  readonly #byPeer = new Map<string, SessionEntry[]>()
  readonly #perAddress = new Map<string, number>()
  readonly #queue = new DeadlineQueue<SessionEntry>()
  /** Those that are over and only linger, oldest first. */
  readonly #lingering = new Set<SessionEntry>()
  #size = 0

  /** How many are open. */
  get size(): number {
    return this.#size
  }

  /** Open ones and those that linger. */
  get total(): number {
    return this.#byId.size
  }

  /** The one that has lingered longest. */
  get oldestLingering(): SessionEntry | undefined {
    const [oldest] = this.#lingering
    return oldest
  }

  /** Whose deadline is next. */
  get next(): SessionEntry | undefined {
    return this.#queue.next
  }

  get(id: number): SessionEntry | undefined {
    return this.#byId.get(id)
  }

  /** The open one whose packets go there, proven or not. */
  at(remote: Endpoint): SessionEntry | undefined {
    return this.#byPlace.get(placeOf(remote))
  }

  /** The open one with that end that has been proven longest. */
  withPeer(farId: Buffer): SessionEntry | undefined {
    return this.#byPeer.get(keyOf(farId))?.[0]
  }

  /** How many are open with ends at an IP address. */
  countAt(address: string): number {
    return this.#perAddress.get(address) ?? 0
  }

  /** All, also those that linger. */
  all(): SessionEntry[] {
    return [...this.#byId.values()]
  }

  add(session: Session, id: number, answered: Answered | undefined, now: number): SessionEntry {
    const { address } = session.remote
    const entry: SessionEntry = {
      session,
      id,
      answered,
      countedFor: address,
      remote: session.remote,
      isCounted: true,
      provenBy: answered === undefined ? Number.POSITIVE_INFINITY : now + PROOF,
      broken: 0,
      dueAt: Number.POSITIVE_INFINITY,
      queueIndex: -1,
    }
    this.#byId.set(id, entry)
    this.#byPlace.set(placeOf(entry.remote), entry)
    if (isProven(entry)) this.#listPeer(entry)
    this.#perAddress.set(address, this.countAt(address) + 1)
    this.#size += 1
    return entry
  }

  /** The far end has shown that it has the keys of its certificate. */
  proven(entry: SessionEntry): void {
    if (isProven(entry)) return
    entry.provenBy = Number.POSITIVE_INFINITY
    if (entry.answered !== undefined) entry.answered.answer = undefined
    if (entry.isCounted) this.#listPeer(entry)
  }

  #listPeer(entry: SessionEntry): void {
    const peer = keyOf(entry.session.farId)
    const before = this.#byPeer.get(peer)
    if (before === undefined) this.#byPeer.set(peer, [entry])
    else before.push(entry)
  }

  #unlistPeer(entry: SessionEntry): void {
    const peer = keyOf(entry.session.farId)
    const left = this.#byPeer.get(peer)?.filter(each => each !== entry)
    if (left === undefined || left.length === 0) this.#byPeer.delete(peer)
    else this.#byPeer.set(peer, left)
  }

  /** To be called after anything has happened to it. */
  update(entry: SessionEntry): void {
    if (this.#byId.get(entry.id) !== entry) return
    const { session } = entry
    if (!session.isOpen) this.#discount(entry)
    else if (session.remote !== entry.remote) {
      this.#leave(entry)
      entry.remote = session.remote
      this.#byPlace.set(placeOf(entry.remote), entry)
    }
    this.#queue.set(entry, Math.min(session.deadline, entry.provenBy))
  }

  delete(entry: SessionEntry): void {
    if (this.#byId.get(entry.id) !== entry) return
    this.#discount(entry)
    this.#lingering.delete(entry)
    this.#byId.delete(entry.id)
    this.#queue.delete(entry)
  }

  #discount(entry: SessionEntry): void {
    if (!entry.isCounted) return
    entry.isCounted = false
    this.#lingering.add(entry)
    this.#size -= 1
    this.#leave(entry)
    if (isProven(entry)) this.#unlistPeer(entry)
    const count = this.countAt(entry.countedFor) - 1
    if (count > 0) this.#perAddress.set(entry.countedFor, count)
    else this.#perAddress.delete(entry.countedFor)
  }

  #leave(entry: SessionEntry): void {
    const place = placeOf(entry.remote)
    if (this.#byPlace.get(place) === entry) this.#byPlace.delete(place)
  }
}

/** False of a session whose far end has only shown a certificate, which may be somebody else's. */
export function isProven({ provenBy }: SessionEntry): boolean {
  return provenBy === Number.POSITIVE_INFINITY
}

function placeOf({ address, port }: Endpoint): string {
  return `${address} ${port}`
}

function keyOf(fingerprint: Buffer): string {
  return fingerprint.toString('latin1')
}
