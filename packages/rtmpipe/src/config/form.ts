import type { Settings } from './path.ts'
import type { Problem } from './problem.ts'
import type { SchemaNode } from './schema-node.ts'

/** What a configuration may hold: all that the engine knows of the settings it handles. */
export interface ConfigForm {
  /** All that can be set by data. */
  readonly schema: SchemaNode
  /** Defaults that follow from what is given; before those of the schema. Default none do. */
  defaultsFor?(given: Settings): Settings
  /** What only a file in TypeScript or JavaScript can give, by its name. */
  readonly code: Readonly<Record<string, CodeSetting>>
  /** Paths of modules that such a file finds by these names, wherever it is. */
  readonly modules: Readonly<Record<string, string>>
  /** Environment variables that begin like those of settings and are none. */
  readonly otherVariables: readonly string[]
}

/** A setting that is code. */
export interface CodeSetting {
  /** What it means. */
  readonly description: string
  /** Source text of a value, to show how it is used. */
  readonly example: string
  /** All that is wrong with a value. */
  problems(value: unknown): readonly Problem[]
}
