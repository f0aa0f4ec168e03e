import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { UsageError } from '@rtmpipe/chunk-stream'
import type { Claim, Exchange, Fabric, JoinedStream } from '@rtmpipe/cluster'
import type { Logger, StreamKey, StreamView } from '@rtmpipe/session'
import { BusFabric } from '../bus-fabric.ts'
import { systemClock } from '../contract/clock.ts'
import type { EdgeCounts } from '../edge/counts.ts'
import { DirectoryDownError, NoDirectoryRightError } from '../errors.ts'
import { ServerList } from './addresses.ts'
import { Dialer } from './dialer.ts'
import { KeptLog } from './kept-log.ts'
import { authenticatorOf } from './login.ts'
import type { BusCounters } from './nats-bus.ts'
import { NatsCarrier } from './nats-carrier.ts'
import { NatsStores } from './nats-store.ts'
import { checkOptions, type NatsFabricOptions } from './options.ts'
import { oldServer } from './server-check.ts'

/** Counters are since the start. What was dropped includes pictures that were left out, as the network did not take them. */
export interface NatsFabricStats extends Readonly<BusCounters>, Readonly<EdgeCounts> {
  /** HOST:PORT that each connection has reached, that for control first; undefined for one that is down. */
  readonly connected: readonly (string | undefined)[]
  /** Streams of other nodes that have been joined, at present. */
  readonly joined: number
  /** Streams of this node that others may join, at present. */
  readonly offered: number
}

/** Between attempts to open the directory. Milliseconds. */
const openPause = 500

/**
 * The streams of many machines, which meet at NATS. It connects by itself, and waits as long as it takes; what it has to
 * say meanwhile is in the log of the server that uses it.
 *
 * @throws UsageError for options that can't be meant, and credentials that can't be read
 */
export function natsFabric(options: NatsFabricOptions): NatsFabric {
  return new NatsFabric(options)
}

/** Made by {@link natsFabric}. */
export class NatsFabric implements Fabric {
  /**
   * Resolves when the directory of names can be asked. Rejects with UsageError while no server may be used, which says
   * what to do; it is tried on all the same.
   */
  readonly ready: Promise<void>
  readonly #carrier: NatsCarrier
  readonly #stores: NatsStores
  readonly #fabric: BusFabric
  readonly #log = new KeptLog()
  readonly #end = new AbortController()
  /** Why it has players only, if it has. */
  #forbidden: NoDirectoryRightError | undefined

  constructor(options: NatsFabricOptions) {
    const { credentials, tls, name = hostname(), whenDirectoryDown = 'refuse', log } = options
    const { addresses, login, secret, mediaConnections } = checkOptions(options)
    authenticatorOf(credentials, login)
    if (log !== undefined) this.#log.to(log)
    const node = randomBytes(12).toString('base64url')
    const inboxPrefix = `rt1.r.${node}`
    const dialer = new Dialer({ login, credentials, tls, name: `rtmpipe ${name}`, inboxPrefix })
    const servers = new ServerList(addresses, Math.random())
    this.#carrier = new NatsCarrier({ servers, dialer, inboxPrefix, mediaConnections, log: this.#log })
    const { control } = this.#carrier
    this.#stores = new NatsStores({
      bus: control,
      onOpen: replicas => void (dialer.replicas = Math.max(dialer.replicas, replicas)),
      onOld: version => {
        // So that none of them is dialled again before it is newer.
        dialer.replicas = Math.max(dialer.replicas, 2)
        control.refuse(address => oldServer(address, version))
      },
    })
    this.#fabric = new BusFabric({
      carrier: this.#carrier,
      stores: this.#stores,
      clock: systemClock,
      secret,
      node,
      whenDirectoryDown,
      log: this.#log,
    })
    this.ready = this.#open()
    this.ready.catch(() => {})
  }

  /** How it fares: for whoever watches it. */
  get stats(): NatsFabricStats {
    const { connected, counters } = this.#carrier
    const { counts, leftOut, streams } = this.#fabric
    const dropped = counters.dropped + leftOut.messages
    const droppedBytes = counters.droppedBytes + leftOut.bytes
    return { connected, ...counters, dropped, droppedBytes, ...streams, ...counts }
  }

  get claimTimeout(): number {
    return this.#fabric.claimTimeout
  }

  get exchange(): Exchange {
    return this.#fabric.exchange
  }

  /** Where it logs, unless the options say so. */
  logTo(log: Logger): void {
    this.#log.to(log)
  }

  /** @throws UsageError while no server may be used, NoDirectoryRightError */
  async claim(key: StreamKey, how?: { readonly signal?: AbortSignal }): Promise<Claim | undefined> {
    this.#checkServers()
    if (this.#forbidden !== undefined) throw this.#forbidden
    return this.#fabric.claim(key, how)
  }

  offer(claim: Claim, stream: StreamView, makesWay?: () => boolean): void {
    this.#fabric.offer(claim, stream, makesWay)
  }

  join(key: StreamKey, how: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    return this.#fabric.join(key, how)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#fabric[Symbol.asyncDispose]()
    await this.#carrier[Symbol.asyncDispose]()
  }

  async #open(): Promise<void> {
    let told: string | undefined
    for (;;) {
      this.#checkServers()
      try {
        await Promise.all([this.#stores.streams.open(), this.#stores.nodes.open()])
        return
      } catch (error) {
        if (error instanceof NoDirectoryRightError) {
          this.#forbidden = error
          return this.#log.warn({}, error.message)
        }
        if (!(error instanceof DirectoryDownError)) throw error
        // Without a connection, that is what is told of.
        if (this.#carrier.control.isUp && error.message !== told) {
          told = error.message
          this.#log.warn({ why: told }, 'who has which name can not be asked yet: until then nobody can publish here')
        }
        await this.#nextAttempt()
      }
    }
  }

  /** Resolves when there is another connection, or after a while. */
  async #nextAttempt(): Promise<void> {
    let stop = (): void => {}
    const isUp = new Promise<void>(resolve => (stop = this.#carrier.control.onUp(resolve)))
    await Promise.race([isUp, delay(openPause, undefined, { ref: false, signal: this.#end.signal })]).finally(stop)
  }

  #checkServers(): void {
    const refused: UsageError | undefined = this.#carrier.refused
    if (refused !== undefined) throw refused
  }
}
