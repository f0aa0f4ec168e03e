import type { UsageError } from '@rtmpipe/chunk-stream'
import type { Logger } from '@rtmpipe/session'
import type { Bus, Carrier } from '../contract/bus.ts'
import type { ServerList } from './addresses.ts'
import type { Dialer } from './dialer.ts'
import { type BusCounters, NatsBus } from './nats-bus.ts'

/** What the connections of a node are made of. */
export interface NatsCarrierOptions {
  readonly servers: ServerList
  readonly dialer: Dialer
  /** Subjects of answers to this node. */
  readonly inboxPrefix: string
  /** Connections for media, 1 to 4. */
  readonly mediaConnections: number
  readonly log: Logger
}

/** The connections of a node: one for control, so that no media is ahead of a lease, and some for media. */
export class NatsCarrier implements Carrier, AsyncDisposable {
  readonly control: NatsBus
  readonly #media: readonly NatsBus[]
  #refused: UsageError | undefined

  constructor({ servers, dialer, inboxPrefix, mediaConnections, log }: NatsCarrierOptions) {
    const bus = (name: string, options: object = {}) =>
      new NatsBus({
        servers,
        dialer,
        inbox: `${inboxPrefix}.${name}`,
        log: log.child({ connection: name }),
        ...options,
      })
    this.control = bus('c', { onRefused: (error: UsageError | undefined) => void (this.#refused = error) })
    this.#media = Array.from({ length: mediaConnections }, (_, index) => bus(`m${index}`))
  }

  /** Why the last server may not be used, as long as none is that may. */
  get refused(): UsageError | undefined {
    return this.#refused
  }

  /** The servers that it is connected to, control first; undefined for a connection that is down. */
  get connected(): readonly (string | undefined)[] {
    return this.#all.map(({ server }) => server)
  }

  /** Of all connections together. */
  get counters(): BusCounters {
    const sum = { dropped: 0, droppedBytes: 0, reconnects: 0, frozen: 0 }
    for (const { counters } of this.#all) {
      for (const name of Object.keys(sum) as (keyof BusCounters)[]) sum[name] += counters[name]
    }
    return sum
  }

  media(sid: string): Bus {
    let hash = 0
    for (let index = 0; index < sid.length; index += 1) hash = (hash * 31 + sid.charCodeAt(index)) >>> 0
    return this.#media[hash % this.#media.length] as Bus
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(bus => bus[Symbol.asyncDispose]()))
  }

  get #all(): readonly NatsBus[] {
    return [this.control, ...this.#media]
  }
}
