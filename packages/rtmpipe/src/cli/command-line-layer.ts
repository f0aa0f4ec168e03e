import type { Layer } from '../config/layer.ts'
import { type Path, type Settings, valueAt, withValue } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import { schema } from '../config/schema.ts'
import type { SchemaNode } from '../config/schema-node.ts'
import { valueOf } from '../config/setting-text.ts'

/** What the command line gives of an option: several times what may be given again. */
type Given = string | readonly string[]

/** Options of `rtmpipe serve` by their names, without those that were not given. */
export type CommandLineOptions = Readonly<Record<string, Given | undefined>>

interface GivenOption {
  readonly flag: string
  readonly path: Path
  readonly given: Given
}

const formatPath: Path = ['record', 'format']

/** The settings that options stand for. */
const paths: Readonly<Record<string, Path>> = {
  host: ['host'],
  rtmp: ['rtmp'],
  rtmps: ['rtmps'],
  rtmpt: ['rtmpt'],
  rtmpts: ['rtmpts'],
  workers: ['workers'],
  mergeWindow: ['mergeWindow'],
  publishKey: ['auth', 'publishKeys', 'keys'],
  cert: ['certificate', 'cert'],
  key: ['certificate', 'key'],
  push: ['relay', 'push', 'to'],
  record: ['record', 'dir'],
  recordFormat: formatPath,
  vod: ['vod', 'dir'],
  data: ['data'],
  logLevel: ['logLevel'],
}

/** Settings that the command line gives. */
export class CommandLineLayer implements Layer {
  readonly settings: Settings
  readonly problems: readonly string[] = []
  readonly #given: readonly GivenOption[]

  /** @param others what is set elsewhere: a format alone asks for no recording */
  constructor(options: CommandLineOptions, others: Settings) {
    const records = options.record !== undefined || valueAt(others, ['record']) !== undefined
    this.#given = Object.entries(paths).flatMap(([name, path]) => {
      const given = options[name]
      return given === undefined ? [] : [{ flag: flagOf(name), path, given }]
    })
    this.problems = records ? [] : this.#wrongFormat()
    this.settings = this.#given
      .filter(({ path }) => records || path[0] !== 'record')
      .reduce<Settings>((settings, { path, given }) => withValue(settings, path, settingOf(path, given)), {})
  }

  tell({ path, text, shown, isMissing }: Problem): string {
    const [option] = this.#optionsAt(path)
    if (option === undefined && isMissing) {
      const [beside] = this.#optionsAt(path.slice(0, -1))
      return `${beside?.flag} needs ${flagAt(path)} beside it`
    }
    if (path.join() === 'certificate') return `can't use ${this.#text(path)}${text.slice(text.indexOf(':'))}`
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

  #wrongFormat(): readonly string[] {
    const format = this.#given.find(({ flag }) => flag === '--record-format')
    const { enum: formats = [], expected } = nodeAt(formatPath)
    return format === undefined || formats.includes(String(format.given))
      ? []
      : [`${format.flag} ${String(format.given)}: expected ${expected}`]
  }
}

function settingOf(path: Path, given: Given): unknown {
  return typeof given === 'string' ? valueOf(nodeAt(path), given) : given
}

function nodeAt(path: Path): SchemaNode {
  return path.reduce<SchemaNode>((node, name) => node.properties?.[name] ?? {}, schema)
}

function flagAt(path: Path): string {
  const [name = ''] = Object.entries(paths).find(([, other]) => other.join() === path.join()) ?? []
  return flagOf(name)
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
