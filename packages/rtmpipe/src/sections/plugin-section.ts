import type { RecordedFile } from '@rtmpipe/plugins/record'
import type { Awaitable, Logger, Plugin } from '@rtmpipe/session'
import type { Path } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import type { SchemaNode } from '../config/schema-node.ts'

/** What plugins are given beside their section. */
export interface PluginContext {
  readonly log: Logger
  /** To be told of files that are complete. */
  onRecorded(file: RecordedFile): Promise<void>
}

/** A section of the configuration that is a plugin of ours. */
export interface PluginSection<Options = unknown> {
  readonly path: Path
  readonly schema: SchemaNode
  /** The plugin's code is loaded here, and not before: most servers have few of them. */
  make(options: Options, context: PluginContext): Promise<Plugin>
  /** Said of a section that the plugin refuses, where its own words could tell something secret. */
  readonly refusal?: Omit<Problem, 'shown'>
  /** What is wrong with files and folders that it names. */
  problems?(options: Options): Awaitable<readonly Problem[]>
  /** What several processes make of it, if that is hardly what is meant, and what to do about it. */
  warning?(options: Options, workers: number): string | undefined
}
