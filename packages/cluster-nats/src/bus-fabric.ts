import { randomUUID } from 'node:crypto'
import type { Claim, Fabric, JoinedStream } from '@rtmpipe/cluster'
import { type Logger, silentLogger, type StreamKey, type StreamView } from '@rtmpipe/session'
import type { Carrier } from './contract/bus.ts'
import { type Clock, systemClock } from './contract/clock.ts'
import type { Stores } from './contract/store.ts'
import { Claims, type WhenDirectoryDown } from './directory/claims.ts'
import { claimTimeout } from './directory/limits.ts'
import type { HeldClaim } from './directory/held-claim.ts'
import { type EdgeCounts, newCounts } from './edge/counts.ts'
import type { Edge } from './edge/edge.ts'
import { EdgeMemory } from './edge/edge-memory.ts'
import { Followed } from './edge/followed.ts'
import { JoinPaces } from './edge/join-pace.ts'
import { JoinedRemote } from './edge/joined-remote.ts'
import { BusExchange } from './exchange/bus-exchange.ts'
import { Hops, type LeftOut } from './origin/hop.ts'
import { OfferedStream } from './origin/offered-stream.ts'
import { sidOf } from './wire/sid.ts'

/** What a {@link BusFabric} is made of. */
export interface BusFabricOptions {
  /** The network. Whoever opened it closes it, after the fabric has been disposed. */
  readonly carrier: Carrier
  /** The directory. */
  readonly stores: Stores
  /** Of the whole cluster: without it nobody can tell which stream is which. */
  readonly secret: string | Uint8Array
  /** Id of this process, a new one for each start: letters, digits, `_` and `-`. Default: random. */
  readonly node?: string
  /** Default: that of the process. */
  readonly clock?: Clock
  /** What becomes of a publish while the directory can't be asked who has its name. Default `'refuse'`. */
  readonly whenDirectoryDown?: WhenDirectoryDown
  /**
   * Bytes of streams of other nodes that have come and are not read yet, from which on no more of them are joined. Default
   * 256 MiB.
   */
  readonly maxUnreadBytes?: number
  /** Default: nothing is logged. */
  readonly log?: Logger
}

interface Join {
  readonly remote: JoinedRemote
  readonly end: () => void
}

/** The streams of many machines: media goes over a {@link Carrier}, and {@link Stores} say who may publish which name. */
export class BusFabric implements Fabric {
  readonly claimTimeout: number = claimTimeout
  readonly exchange: BusExchange
  readonly #secret: string | Uint8Array
  readonly #carrier: Carrier
  readonly #clock: Clock
  readonly #hops: Hops
  readonly #counts = newCounts()
  readonly #edge: Edge
  readonly #claims: Claims
  readonly #held = new WeakMap<Claim, HeldClaim>()
  /** What this node offers, by sid. */
  readonly #offers = new Map<string, OfferedStream>()
  /** What it follows, by sid. */
  readonly #joins = new Map<string, Set<Join>>()
  #disposed: Promise<void> | undefined

  constructor(options: BusFabricOptions) {
    const { carrier, stores, secret, node = randomUUID(), clock = systemClock, whenDirectoryDown = 'refuse' } = options
    const { maxUnreadBytes, log = silentLogger } = options
    this.#secret = secret
    this.exchange = new BusExchange(carrier.control)
    this.#carrier = carrier
    this.#clock = clock
    this.#hops = new Hops(clock)
    const memory = new EdgeMemory(isFull => {
      if (isFull)
        log.warn(
          { bytes: memory.bytes },
          'joins no more streams of other nodes: too much of those it has is not read yet',
        )
      else log.info({ bytes: memory.bytes }, 'joins streams of other nodes again')
    }, maxUnreadBytes)
    this.#edge = { node, carrier, clock, memory, counts: this.#counts, paces: new JoinPaces(clock) }
    this.#claims = new Claims({ node, bus: carrier.control, stores, clock, whenDirectoryDown })
  }

  /** What has gone wrong on the way of streams to this node. */
  get counts(): EdgeCounts {
    return this.#counts
  }

  /** Pictures of its streams that it has not sent, as the network did not take them. */
  get leftOut(): Readonly<LeftOut> {
    return this.#hops.leftOut
  }

  /** Streams of now: those of other nodes that it has joined, and its own that others may join. */
  get streams(): { readonly joined: number; readonly offered: number } {
    const joined = [...this.#joins.values()].filter(joins => [...joins].some(({ remote }) => remote.hasJoined))
    return { joined: joined.length, offered: this.#offers.size }
  }

  async claim(key: StreamKey, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Claim | undefined> {
    const held = await this.#claims.claim(sidOf(this.#secret, key), signal)
    if (held === undefined) return undefined
    const claim: Claim = {
      key,
      get epoch() {
        return held.epoch
      },
      lost: held.lost,
      release: () => held.release(),
    }
    this.#held.set(claim, held)
    return claim
  }

  offer(claim: Claim, stream: StreamView, makesWay: () => boolean = () => false): void {
    const held = this.#held.get(claim)
    if (held?.isHeld !== true || this.#offers.has(held.sid)) return
    const { sid } = held
    held.makesWay = makesWay
    this.#open(held, stream)
    held.whenRenumbered(() => {
      this.#offers.get(sid)?.close(true)
      this.#open(held, stream)
    })
    held.over.addEventListener('abort', () => this.#close(held, stream), { once: true })
    // Who hears of it must find it: not before the server knows where to ask.
    const announce = (): void => held.announce()
    this.#carrier.media(sid).flush().then(announce, announce)
  }

  async *join(key: StreamKey, { signal }: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    if (this.#disposed !== undefined || signal.aborted) return
    const followed = new Followed()
    const join = this.#follow(sidOf(this.#secret, key), followed)
    signal.addEventListener('abort', join.end, { once: true })
    try {
      for (let stream = await followed.next(); stream !== undefined; stream = await followed.next()) yield stream
    } finally {
      signal.removeEventListener('abort', join.end)
      join.end()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose()
    return this.#disposed
  }

  async #dispose(): Promise<void> {
    for (const joins of this.#joins.values()) {
      for (const { remote, end } of joins) {
        end()
        remote.dispose('this node has stopped')
      }
    }
    this.exchange.close()
    await this.#claims.dispose()
  }

  #open({ sid, epoch }: HeldClaim, stream: StreamView): void {
    const bus = this.#carrier.media(sid)
    const hop = this.#hops.of(bus)
    this.#offers.set(sid, new OfferedStream({ bus, hop, clock: this.#clock, sid, epoch, stream }))
  }

  #close({ sid, epoch }: HeldClaim, stream: StreamView): void {
    this.#offers.get(sid)?.close(stream.isPublishing)
    this.#offers.delete(sid)
    for (const { remote } of this.#joins.get(sid) ?? []) remote.resume(epoch)
  }

  #follow(sid: string, followed: Followed): Join {
    const joins = this.#joins.get(sid) ?? new Set()
    this.#joins.set(sid, joins)
    const remote = new JoinedRemote(this.#edge, sid, () => this.#offers.has(sid), {
      joined: stream => followed.joined(stream),
      closed: () => {
        joins.delete(join)
        if (joins.size === 0 && this.#joins.get(sid) === joins) this.#joins.delete(sid)
      },
    })
    const end = (): void => {
      remote.close()
      followed.end()
    }
    const join: Join = { remote, end }
    joins.add(join)
    return join
  }
}
