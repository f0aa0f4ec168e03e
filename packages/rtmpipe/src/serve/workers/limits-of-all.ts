import {
  type ConnectEvent,
  type Denial,
  deny,
  type PlayEvent,
  type PlayInfo,
  type Plugin,
  status,
  type StreamKey,
  streamKey,
} from '@rtmpipe/session'
import type { ConnectionLimit, SharedLimits, ViewerLimit } from '../../sections/plugin-section.ts'
import type { LedgerLine } from './ledger-line.ts'

/** Keeps the limits that all workers count together. */
export class LimitsOfAll implements Plugin {
  readonly name = 'limits of all workers'
  readonly #ledger: LedgerLine
  readonly #entered = new WeakMap<PlayInfo, Promise<readonly ViewerLimit[]>>()
  #limits: SharedLimits = { connections: [], viewers: [] }

  constructor(ledger: LedgerLine) {
    this.#ledger = ledger
  }

  /** For those who come from now on. */
  set limits(limits: SharedLimits) {
    this.#limits = limits
  }

  onConnect({ connection }: ConnectEvent): Promise<Denial | undefined> | undefined {
    return this.#limits.connections.length === 0 ? undefined : this.#admit(connection)
  }

  onPlay(event: PlayEvent): Promise<Denial | undefined> | undefined {
    return this.#limits.viewers.length === 0 ? undefined : this.#askRoom(event)
  }

  /** Between the gate and the start much may happen that no hook tells, so this is when a player counts. */
  async onPlayStart(info: PlayInfo): Promise<void> {
    const { viewers } = this.#limits
    if (viewers.length === 0) return
    const entered = this.#enter(info, viewers)
    this.#entered.set(info, entered)
    await entered
  }

  async onPlayEnd(info: PlayInfo): Promise<void> {
    for (const limit of (await this.#entered.get(info)) ?? []) this.#ledger.leave(viewersOf(limit, info))
  }

  async #admit(connection: ConnectEvent['connection']): Promise<Denial | undefined> {
    for (const limit of this.#limits.connections) {
      const group = connectionsOf(limit, connection)
      if (!(await this.#ledger.enter(group, limit.most)))
        return deny('NetConnection.Connect.Rejected', limit.description)
      const leave = () => this.#ledger.leave(group)
      if (connection.signal.aborted) leave()
      else connection.signal.addEventListener('abort', leave, { once: true })
    }
    return undefined
  }

  async #askRoom(event: PlayEvent): Promise<Denial | undefined> {
    for (const limit of this.#limits.viewers) {
      if (!(await this.#ledger.hasRoom(viewersOf(limit, event), limit.most)))
        return deny('NetStream.Play.Failed', limit.description)
    }
    return undefined
  }

  async #enter(info: PlayInfo, viewers: readonly ViewerLimit[]): Promise<readonly ViewerLimit[]> {
    const entered: ViewerLimit[] = []
    for (const limit of viewers) {
      if (await this.#ledger.enter(viewersOf(limit, info), limit.most)) entered.push(limit)
      else info.end(status('NetStream.Play.Failed', limit.description))
    }
    return entered
  }
}

function connectionsOf(limit: ConnectionLimit, { remote }: ConnectEvent['connection']): string {
  return `${limit.name} ${limit.placeOf(remote.address)}`
}

function viewersOf(limit: ViewerLimit, key: StreamKey): string {
  return `${limit.name} ${streamKey(key)}`
}
