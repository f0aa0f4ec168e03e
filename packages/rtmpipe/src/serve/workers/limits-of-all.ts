import {
  type Awaitable,
  type ConnectEvent,
  type Denial,
  deny,
  type PlayEvent,
  type PlayInfo,
  type Plugin,
  type StreamKey,
  streamKey,
  type Undo,
} from '@rtmpipe/session'
import type { ConnectionLimit, SharedLimits, ViewerLimit } from '../../sections/plugin-section.ts'
import type { LedgerLine } from './ledger-line.ts'

/** Keeps the limits that all workers count together. Whoever is let in counts from when all gates have agreed. */
export class LimitsOfAll implements Plugin {
  readonly name = 'limits of all workers'
  readonly #ledger: LedgerLine
  /** What takes back the count of a connection, or of a play by its context. */
  readonly #leave = new WeakMap<object, () => void>()
  #limits: SharedLimits = { connections: [], viewers: [] }

  constructor(ledger: LedgerLine) {
    this.#ledger = ledger
  }

  /** For those who come from now on. */
  set limits(limits: SharedLimits) {
    this.#limits = limits
  }

  onConnectAccepted({ connection }: ConnectEvent): Awaitable<Denial | Undo | undefined> {
    const { connections } = this.#limits
    const refusal = ({ description }: ConnectionLimit) => deny('NetConnection.Connect.Rejected', description)
    return this.#enter(connection, connections, limit => connectionsOf(limit, connection), refusal)
  }

  onDisconnect({ connection }: ConnectEvent): void {
    this.#leave.get(connection)?.()
  }

  onPlayAccepted(event: PlayEvent): Awaitable<Denial | Undo | undefined> {
    const refusal = ({ description }: ViewerLimit) => deny('NetStream.Play.Failed', description)
    return this.#enter(event.context, this.#limits.viewers, limit => viewersOf(limit, event), refusal)
  }

  onPlayEnd({ context }: PlayInfo): void {
    this.#leave.get(context)?.()
  }

  #enter<L extends { readonly most: number }>(
    client: object,
    limits: readonly L[],
    groupOf: (limit: L) => string,
    refusal: (limit: L) => Denial,
  ): Awaitable<Denial | Undo | undefined> {
    return limits.length === 0 ? undefined : this.#enterAll(client, limits, groupOf, refusal)
  }

  /** Enters the groups of all limits, or none. @returns how to leave them again */
  async #enterAll<L extends { readonly most: number }>(
    client: object,
    limits: readonly L[],
    groupOf: (limit: L) => string,
    refusal: (limit: L) => Denial,
  ): Promise<Denial | Undo> {
    // All at once, since each is a way to the primary and back.
    const answers = await Promise.all(limits.map(limit => this.#ledger.enter(groupOf(limit), limit.most)))
    const entered = limits.filter((_limit, index) => answers[index])
    const leave = () => {
      for (const limit of entered.splice(0)) this.#ledger.leave(groupOf(limit))
    }
    const full = limits[answers.indexOf(false)]
    if (full !== undefined) {
      leave()
      return refusal(full)
    }
    this.#leave.set(client, leave)
    return leave
  }
}

function connectionsOf(limit: ConnectionLimit, { remote }: ConnectEvent['connection']): string {
  return `${limit.name} ${limit.placeOf(remote.address)}`
}

function viewersOf(limit: ViewerLimit, key: StreamKey): string {
  return `${limit.name} ${streamKey(key)}`
}
