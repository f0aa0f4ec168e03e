import type { TransportBench } from '../transport-bench.ts'

/** One thing every transport must do. */
export interface TransportCase {
  readonly name: string
  /** Rejects when the transport does not. What it opens on `bench` is cleaned up after it. */
  readonly run: (bench: TransportBench) => Promise<void>
}
