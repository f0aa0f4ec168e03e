import type { AuthmodOptions } from '@rtmpipe/plugins/auth'
import type { RecordedFile } from '@rtmpipe/plugins/record'
import type { Awaitable, Logger, Plugin, StreamKey } from '@rtmpipe/session'
import type { Path } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import type { SchemaNode } from '../config/schema-node.ts'

/** What plugins are given beside their section. */
export interface PluginContext {
  readonly log: Logger
  /** To be told of files that are complete. */
  onRecorded(file: RecordedFile): Promise<void>
  /** What there is of other workers; without it there is one process. */
  readonly workers?: OtherWorkers
}

/** What plugins of a worker know of the others. */
export interface OtherWorkers {
  /** Lets a login begin at one worker and end at another. */
  readonly logins: Required<Pick<AuthmodOptions, 'secret' | 'spend'>>
  /** Whether one of them publishes a name at the moment. */
  publish(key: StreamKey): Promise<boolean>
}

/** How many there may be at all workers together. */
interface LimitOfAll {
  /** The setting, which no other limit has. */
  readonly name: string
  readonly most: number
  /** Said to who is over it. */
  readonly description: string
}

/** How many connections there may be, of one place. */
export interface ConnectionLimit extends LimitOfAll {
  /** Of what an address is a part. */
  placeOf(address: string): string
}

/** How many players a stream may have. */
export type ViewerLimit = LimitOfAll

/** What all workers count together. */
export interface SharedLimits {
  readonly connections: readonly ConnectionLimit[]
  readonly viewers: readonly ViewerLimit[]
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
  /** What several workers mean for it; a row of docs/config.md. */
  readonly withWorkers: string
  /** What of it can't be had with several workers, and what to do about it. */
  refusedWithWorkers?(options: Options): readonly Problem[]
  /** What of it can't be had with several machines, and what to do about it. */
  refusedInCluster?(options: Options): readonly Problem[]
  /** What of it all workers count together: the plugin counts what is in its own process. */
  limitsOfAll?(options: Options): Awaitable<Partial<SharedLimits>>
}
