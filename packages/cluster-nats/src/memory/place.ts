/** Where something is in the network. */
export interface Place {
  readonly region: string
  /** The partitions whose side it is on, a bit each. */
  sides: number
  /** The partitions that do not concern it. */
  spared: number
}

/** A process in the network. */
export interface Process {
  readonly name: string
  readonly place: Place
  /** Whether it stands still. */
  readonly isFrozen: boolean
  /** Whether it is no more: what is left of it in memory reaches nobody. */
  readonly isDead: boolean
}

/** Which direction of a partition lets nothing through, seen from its side. */
export type Ways = 'both' | 'in' | 'out'
