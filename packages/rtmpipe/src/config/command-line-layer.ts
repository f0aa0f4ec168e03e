import type { Layer } from './layer.ts'
import { type Path, type Settings, valueAt, withValue } from './path.ts'
import type { Problem } from './problem.ts'
import type { SchemaNode } from './schema-node.ts'
import { valueOf } from './setting-text.ts'

/** What the command line gives of an option: several times what may be given again, true where it has no value. */
type Given = string | true | readonly string[]

/** Options that were given, by their names without dashes: `mergeWindow` for `--merge-window`. */
export type GivenOptions = Readonly<Record<string, Given | undefined>>

/** An option of the command line that stands for a setting. */
export interface SettingOption {
  /** As commander takes them: `--merge-window <ms>`. */
  readonly flags: string
  readonly path: Path
  /** A setting without which this one asks for nothing. */
  readonly only?: Path
  /** What it stands for without a value, where it may be given so. Default true. */
  readonly alone?: number
}

interface GivenOption extends Pick<SettingOption, 'path' | 'only'> {
  readonly flag: string
  readonly given: Given
}

/** Settings that the command line gives. */
export class CommandLineLayer implements Layer {
  readonly settings: Settings
  readonly problems: readonly string[]
  readonly #options: readonly SettingOption[]
  readonly #given: readonly GivenOption[]

  /**
   * @param options all that there are
   * @param others what is set elsewhere
   */
  constructor(schema: SchemaNode, options: readonly SettingOption[], given: GivenOptions, others: Settings) {
    this.#options = options
    this.#given = options.flatMap(({ flags, path, only, alone }) => {
      const word = given[nameOf(flags)]
      const value = word === true && alone !== undefined ? String(alone) : word
      return value === undefined ? [] : [{ flag: flagOf(flags), path, given: value, ...(only && { only }) }]
    })
    const asks = ({ only }: GivenOption) =>
      only === undefined ||
      valueAt(others, only) !== undefined ||
      this.#optionsAt(only).some(option => option.only === undefined)
    this.settings = this.#given.filter(asks).reduce<Settings>((settings, { path, given: value }) => {
      return withValue(settings, path, settingOf(nodeAt(schema, path), value))
    }, {})
    this.problems = this.#given.filter(option => !asks(option)).flatMap(option => wrongWord(schema, option))
  }

  tell({ path, text, shown, isMissing, reason }: Problem): string {
    const [option] = this.#optionsAt(path)
    if (option === undefined && isMissing) {
      const [beside] = this.#optionsAt(path.slice(0, -1))
      return `${beside?.flag} needs ${this.#flagAt(path)} beside it`
    }
    if (reason !== undefined) return `can't use ${this.#text(path)}: ${reason}`
    const { flag = '', given = '' } = option ?? {}
    return `${flag}${shown === undefined || given === '' ? '' : ` ${String(given)}`}: ${text}`
  }

  placeOf(path: Path): string {
    return this.#optionsAt(path)[0]?.flag ?? 'command line'
  }

  #text(path: Path): string {
    return this.#optionsAt(path)
      .map(({ flag, given }) => `${flag} ${String(given)}`)
      .join(' ')
  }

  /** Those that give a setting, something in it, or what it is in. */
  #optionsAt(path: Path): readonly GivenOption[] {
    return this.#given.filter(option => path.every((part, at) => at >= option.path.length || part === option.path[at]))
  }

  #flagAt(path: Path): string {
    const option = this.#options.find(other => other.path.join() === path.join())
    return flagOf(option?.flags ?? '')
  }
}

/** What is wrong with an option that asks for nothing: nobody else would look at it. */
function wrongWord(schema: SchemaNode, { flag, path, given }: GivenOption): readonly string[] {
  const { enum: words, expected } = nodeAt(schema, path)
  if (words === undefined || words.includes(String(given))) return []
  return [`${flag} ${String(given)}: expected ${expected}`]
}

function settingOf(node: SchemaNode, given: Given): unknown {
  // A section that is asked for by its name alone.
  if (given === true && node.type === 'object') return {}
  return typeof given === 'string' ? valueOf(node, given) : given
}

function nodeAt(schema: SchemaNode, path: Path): SchemaNode {
  return path.reduce<SchemaNode>((node, name) => node.properties?.[name] ?? {}, schema)
}

/** `--merge-window` of `--merge-window <ms>`. */
function flagOf(flags: string): string {
  return flags.split(' ', 1)[0] ?? ''
}

function nameOf(flags: string): string {
  return flagOf(flags)
    .slice('--'.length)
    .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
