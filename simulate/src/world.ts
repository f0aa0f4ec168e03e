import type { Fabric } from '@rtmpipe/cluster'
import type { MemoryNetwork, MemoryNode, Random } from '@rtmpipe/cluster-nats/memory'
import type { StreamKey } from '@rtmpipe/session'
import type { Encoder } from './encoder.ts'
import type { Judge } from './judge.ts'
import type { Shape } from './shape.ts'
import type { Watch } from './watch.ts'

/** A process of the cluster. */
export interface SimNode {
  readonly name: string
  readonly region: string
  readonly memory: MemoryNode
  readonly fabric: Fabric
  /** By stream. */
  readonly watches: Map<number, Watch>
  /** Whether what comes to it is held up. */
  isSlow: boolean
}

/** What the parts of a schedule share. */
export interface World {
  readonly shape: Shape
  readonly network: MemoryNetwork
  readonly random: Random
  readonly judge: Judge
  readonly nodes: SimNode[]
  readonly encoders: Encoder[]
  readonly keys: readonly StreamKey[]
  /** Whether the first stream is a heavy one. */
  readonly isHeavy: boolean
  /** Messages a second of the others. */
  readonly rate: number
  /** One that neither is dead nor stands still. */
  anyNode(): SimNode
  trace(text: () => string): void
}
