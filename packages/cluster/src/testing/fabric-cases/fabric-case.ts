import type { FabricBench } from '../fabric-bench.ts'

/** One thing every fabric must do. */
export interface FabricCase {
  readonly name: string
  /** Rejects when the fabric does not. What it opens on `bench` is cleaned up after it. */
  readonly run: (bench: FabricBench) => Promise<void>
}
