import type { Carrier } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { FragmentBudget } from '../wire/fragments.ts'
import type { GrowingCounts } from './counts.ts'

/** What the joined streams of a node share. */
export interface Edge {
  /** Its id. */
  readonly node: string
  readonly carrier: Carrier
  readonly clock: Clock
  readonly budget: FragmentBudget
  readonly counts: GrowingCounts
}
