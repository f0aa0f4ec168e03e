import { DeadlineQueue, type Due } from './deadline-queue.ts'
import type { Session } from './session/session.ts'
import type { Answered } from './startup/responder.ts'
import type { Endpoint } from './wire/address.ts'

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
}

/** The sessions of an endpoint, found by whatever tells one. */
export class SessionTable {
  readonly #byId = new Map<number, SessionEntry>()
  readonly #byPlace = new Map<string, SessionEntry>()
  readonly #byPeer = new Map<string, SessionEntry>()
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

  /** The open one whose packets go there. */
  at(remote: Endpoint): SessionEntry | undefined {
    return this.#byPlace.get(placeOf(remote))
  }

  /** An open one with that end; rather one whose far end has shown that it has the keys, than one that has only said so. */
  withPeer(farId: Buffer): SessionEntry | undefined {
    return this.#byPeer.get(keyOf(farId))
  }

  /** How many are open with ends at an IP address. */
  countAt(address: string): number {
    return this.#perAddress.get(address) ?? 0
  }

  /** All, also those that linger. */
  all(): SessionEntry[] {
    return [...this.#byId.values()]
  }

  add(session: Session, id: number, answered: Answered | undefined): SessionEntry {
    const { address } = session.remote
    const entry: SessionEntry = {
      session,
      id,
      answered,
      countedFor: address,
      remote: session.remote,
      isCounted: true,
      dueAt: Number.POSITIVE_INFINITY,
      queueIndex: -1,
    }
    this.#byId.set(id, entry)
    this.#byPlace.set(placeOf(entry.remote), entry)
    const peer = keyOf(session.farId)
    const other = this.#byPeer.get(peer)
    if (other === undefined || isProven(entry) || !isProven(other)) this.#byPeer.set(peer, entry)
    this.#perAddress.set(address, this.countAt(address) + 1)
    this.#size += 1
    return entry
  }

  /** The far end has shown that it has the keys of its certificate. */
  proven(entry: SessionEntry): void {
    if (entry.isCounted) this.#byPeer.set(keyOf(entry.session.farId), entry)
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
    this.#queue.set(entry, session.deadline)
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
    const peer = keyOf(entry.session.farId)
    if (this.#byPeer.get(peer) === entry) this.#byPeer.delete(peer)
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
function isProven({ answered }: SessionEntry): boolean {
  return answered?.answer === undefined
}

function placeOf({ address, port }: Endpoint): string {
  return `${address} ${port}`
}

function keyOf(fingerprint: Buffer): string {
  return fingerprint.toString('latin1')
}
