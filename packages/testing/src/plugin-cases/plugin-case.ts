import type { PluginBench } from '../plugin-bench.ts'

/** One thing every plugin must do. */
export interface PluginCase {
  readonly name: string
  /** Rejects when the plugin does not. The servers it starts on `bench` are closed after it. */
  readonly run: (bench: PluginBench) => Promise<void>
}
