import type { Carrier } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { GrowingCounts } from './counts.ts'
import type { EdgeMemory } from './edge-memory.ts'
import type { JoinPaces } from './join-pace.ts'

/** What the joined streams of a node share. */
export interface Edge {
  /** Its id. */
  readonly node: string
  readonly carrier: Carrier
  readonly clock: Clock
  readonly memory: EdgeMemory
  readonly counts: GrowingCounts
  readonly paces: JoinPaces
}
