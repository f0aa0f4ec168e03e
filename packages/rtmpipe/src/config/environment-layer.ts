import { readFileSync } from 'node:fs'
import { decodeText } from '@rtmpipe/amf'
import type { ConfigForm } from './form.ts'
import type { Layer } from './layer.ts'
import { isSettings, type Path, type Settings, withValue } from './path.ts'
import { type Problem, shownValue } from './problem.ts'
import type { SchemaNode } from './schema-node.ts'
import { valueOf } from './setting-text.ts'
import { suggestion } from '@rtmpipe/chunk-stream'
import { prefix, settingOf, variableName, variablesOf } from './variables.ts'

/** Names the configuration file. */
export const fileVariable: string = `${prefix}CONFIG`
const fileSuffix = '_FILE'
/** Settings out of variables like `RTMPIPE_RECORD_DIR`. */
export class EnvironmentLayer implements Layer {
  readonly settings: Settings
  readonly problems: readonly string[]
  /** Names of variables by paths, as JSON. */
  readonly #names = new Map<string, string>()

  constructor(
    { schema, otherVariables }: Pick<ConfigForm, 'schema' | 'otherVariables'>,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    const problems: string[] = []
    let settings: Settings = {}
    for (const [name, text] of Object.entries(environment).sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (text === undefined || !name.startsWith(prefix) || name === fileVariable || otherVariables.includes(name))
        continue
      if (isAddressOfService(name, text)) continue
      const variable = variableOf(schema, name)
      if (variable === undefined) {
        if (isOfKubernetes(name)) continue
        problems.push(`${name}: unknown variable${didYouMean(schema, name)}`)
        continue
      }
      const { path, node, isFile } = variable
      const key = JSON.stringify(path)
      const other = this.#names.get(key)
      if (other !== undefined) {
        problems.push(`${name}: ${other} is there as well; one of them will do`)
        continue
      }
      this.#names.set(key, name)
      try {
        settings = withValue(settings, path, valueOf(node, isFile ? contentOf(text) : text))
      } catch (error) {
        // The secret itself may have been put where its file belongs: not a word of what stands there.
        problems.push(`${name}: can't read the file that it names: ${(error as NodeJS.ErrnoException).code}`)
      }
    }
    this.settings = withLists(settings, schema, [], (path, index) =>
      problems.push(`${variableName([...path, index])} is missing: lists are counted from 0, without gaps`),
    ) as Settings
    this.problems = problems
  }

  tell({ path, text, shown }: Problem): string {
    return `${this.placeOf(path)}: ${text}${shown === undefined ? '' : `, got ${shownValue(shown)}`}`
  }

  placeOf(path: Path): string {
    return this.#names.get(JSON.stringify(path)) ?? variableName(path)
  }
}

function variableOf(schema: SchemaNode, name: string): { path: Path; node: SchemaNode; isFile: boolean } | undefined {
  const setting = settingOf(schema, name.slice(prefix.length))
  // A free name may end like that, but a secret in a file is what is meant.
  const inFile = name.endsWith(fileSuffix)
    ? settingOf(schema, name.slice(prefix.length, -fileSuffix.length))
    : undefined
  if (inFile !== undefined && mayComeFromFile(inFile.node)) return { ...inFile, isFile: true }
  return setting && { ...setting, isFile: false }
}

/** True of settings with a variable `…_FILE`. */
export function mayComeFromFile({ secret, fromFile }: SchemaNode): boolean {
  return secret !== undefined || fromFile === true
}

/**
 * True of what Kubernetes sets in every pod for a Service whose name begins with `rtmpipe`: `RTMPIPE_SERVICE_HOST`,
 * `RTMPIPE_PORT_1935_TCP_ADDR`.
 */
function isOfKubernetes(name: string): boolean {
  return /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name) || /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)
}

/** The same of `RTMPIPE_PORT=tcp://…`, which is a setting where it is a number. */
function isAddressOfService(name: string, text: string): boolean {
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text)
}

/** The secret in a file; a byte order mark before it and a line break at its end are none of it. */
function contentOf(file: string): string {
  const bytes = readFileSync(file)
  // What a shell of Windows writes with `>`.
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  const text = isUtf16 ? bytes.toString('utf16le') : decodeText(bytes)
  return text.replace(/^\ufeff/, '').replace(/\r?\n$/, '')
}

function didYouMean(schema: SchemaNode, name: string): string {
  const names = variablesOf(schema).flatMap(variable =>
    mayComeFromFile(variable.node) ? [variable.name, variable.name + fileSuffix] : [variable.name],
  )
  // A section is no setting: one of its own is meant.
  const inside = names.filter(each => each.startsWith(`${name}_`))
  const meant = suggestion(name, inside.length > 0 ? inside : [...names, fileVariable])
  return meant === undefined ? ' (rtmpipe config --env lists those there are)' : `, did you mean ${meant}?`
}

/** Lists where indices are. */
function withLists(value: unknown, node: SchemaNode, path: Path, gap: (path: Path, index: number) => void): unknown {
  if (!isSettings(value)) return value
  const names = Object.keys(value)
  const choices = node.anyOf ?? [node]
  const list = choices.find(({ type }) => type === 'array')
  if (list !== undefined && names.length > 0 && names.every(name => /^\d+$/.test(name))) {
    const indices = names.map(Number).sort((one, other) => one - other)
    const missing = indices.findIndex((index, position) => index !== position)
    if (missing !== -1) gap(path, missing)
    return indices.map(index => withLists(value[index], list.items ?? {}, [...path, index], gap))
  }
  const child = (name: string) =>
    choices.map(({ properties, additionalProperties }) => properties?.[name] ?? additionalProperties).find(Boolean)
  return Object.fromEntries(names.map(name => [name, withLists(value[name], child(name) || {}, [...path, name], gap)]))
}
