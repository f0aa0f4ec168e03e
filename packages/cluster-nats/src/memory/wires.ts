import { UsageError } from '@rtmpipe/chunk-stream'
import { subjects } from '../wire/subjects.ts'
import { Interest } from './interest.ts'
import type { Meter } from './meter.ts'
import type { NetworkTime } from './network-time.ts'
import type { Place, Ways } from './place.ts'
import type { Delays, Random } from './random.ts'
import type { Subscription } from './subscription.ts'

/** What all nodes of a network share. */
export class Wires {
  readonly time: NetworkTime
  readonly random: Random
  readonly hop: Delays
  readonly interest: Interest<Subscription> = new Interest()
  /** Where answers are expected. */
  readonly inboxes: Map<string, Subscription> = new Map()
  readonly meter: Meter | undefined
  readonly #distance: (from: string, to: string) => number
  /** From when the servers know of each partition, by bit. */
  readonly #noticedAt: (number | undefined)[] = []
  #out = 0
  #in = 0
  #inboxes = 0

  constructor(
    time: NetworkTime,
    random: Random,
    hop: Delays,
    distance: (from: string, to: string) => number,
    meter?: Meter,
  ) {
    this.time = time
    this.random = random
    this.hop = hop
    this.#distance = distance
    this.meter = meter
  }

  /** A subject of its own for the answers to a question. */
  nextInbox(node: string): string {
    this.#inboxes += 1
    return `${subjects.replies(node)}.${this.#inboxes}`
  }

  /** Milliseconds between two places, one way. */
  distance(from: Place, to: Place): number {
    return from.region === to.region ? 0 : this.#distance(from.region, to.region)
  }

  /** Whether nothing gets from one place to the other. */
  isCut(from: Place, to: Place): boolean {
    return this.#cuts(from, to) !== 0
  }

  /** Whether the servers have noticed that: they say then that nobody is there. */
  isCutNoticed(from: Place, to: Place): boolean {
    const now = this.time.now()
    const cuts = this.#cuts(from, to)
    return this.#noticedAt.some((at, bit) => (cuts & (1 << bit)) !== 0 && at !== undefined && now >= at)
  }

  /**
   * @param noticedAfter milliseconds until the servers notice
   * @param spared whom it does not concern
   * @returns heals it
   */
  partition(side: readonly Place[], ways: Ways, noticedAfter: number, spared: readonly Place[]): () => void {
    let bit = 0
    while (this.#noticedAt[bit] !== undefined) bit += 1
    if (bit > 30) throw new UsageError('RTMP_ERR_USAGE', 'there can be 31 partitions at a time')
    const mask = 1 << bit
    this.#noticedAt[bit] = this.time.now() + noticedAfter
    for (const place of side) place.sides |= mask
    for (const place of spared) place.spared |= mask
    if (ways !== 'in') this.#out |= mask
    if (ways !== 'out') this.#in |= mask
    let isHealed = false
    return () => {
      if (isHealed) return
      isHealed = true
      for (const place of side) place.sides &= ~mask
      for (const place of spared) place.spared &= ~mask
      this.#out &= ~mask
      this.#in &= ~mask
      this.#noticedAt[bit] = undefined
    }
  }

  #cuts(from: Place, to: Place): number {
    const cuts = (from.sides & ~to.sides & this.#out) | (to.sides & ~from.sides & this.#in)
    return cuts & ~from.spared & ~to.spared
  }
}
