import { count, type Counts } from './histogram.ts'

/** What is checked in each schedule, with what it means. */
export const invariants = {
  owner: 'one owner of a name in each epoch, and one in all soon after everything is mended',
  epoch: 'the epoch that an edge follows never becomes less',
  age: 'no frame that a viewer gets is older than 3 s, a hop and the pictures that late ones begin with',
  gateway: 'without a viewer in a region, a stream does not cross into it after 15 s',
  unwatched: 'without any viewer, a stream sends nothing after 15 s',
  memory: 'what waits for a slow reader, or a server that stands still, stays within its limits',
  resume: 'each viewer has pictures again within the bound',
  judgement: 'no node is declared dead but after 12 s in which the judge itself could write',
  end: 'nothing throws that has no code',
} as const

export type Invariant = keyof typeof invariants

/** A schedule in which something was not as it should be. */
export interface Violation {
  readonly seed: number
  readonly number: number
  readonly invariant: Invariant
  readonly text: string
}

/** What many schedules have shown: plain, and added up over processes. */
export interface Tally {
  schedules: number
  /** Virtual milliseconds. */
  virtual: number
  /** Schedules in which each invariant had something to check. */
  tried: Record<string, number>
  violations: Violation[]
  /** Longest gap of each viewer that was there, of schedules with one fault, by fault. */
  recovery: Record<string, Counts>
  /** Faults of each kind in all. */
  faults: Record<string, number>
  /** Messages that are not media: of the directory, joins, claims. */
  control: number
  /** Bytes of media and snapshots that crossed from one region into another, by `from>to`. */
  links: Record<string, number>
  /** Players at the most watched moment, summed over schedules. */
  players: number
  /** Bytes that waited in a connection at most. */
  largest: number
}

/** Violations that are kept. */
const maxViolations = 100

export function newTally(): Tally {
  return {
    schedules: 0,
    virtual: 0,
    tried: {},
    violations: [],
    recovery: {},
    faults: {},
    control: 0,
    links: {},
    players: 0,
    largest: 0,
  }
}

/** Adds one to the other. */
export function addTally(sum: Tally, other: Tally): void {
  sum.schedules += other.schedules
  sum.virtual += other.virtual
  sum.control += other.control
  sum.players += other.players
  sum.largest = Math.max(sum.largest, other.largest)
  addCounts(sum.tried, other.tried)
  addCounts(sum.faults, other.faults)
  addCounts(sum.links, other.links)
  for (const [fault, counts] of Object.entries(other.recovery)) addCounts((sum.recovery[fault] ??= {}), counts)
  sum.violations.push(...other.violations.slice(0, maxViolations - sum.violations.length))
}

export function noteGap(tally: Tally, fault: string, milliseconds: number): void {
  count((tally.recovery[fault] ??= {}), milliseconds)
}

function addCounts(sum: Record<string, number>, other: Record<string, number>): void {
  for (const [key, each] of Object.entries(other)) sum[key] = (sum[key] ?? 0) + each
}
