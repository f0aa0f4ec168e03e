import type { Path } from './path.ts'
import type { SchemaNode } from './schema-node.ts'

export const prefix = 'RTMPIPE_'

/** An environment variable that sets something. */
export interface Variable {
  /** With `0` for the index of a list and `<NAME>` for a free name. */
  readonly name: string
  readonly path: Path
  readonly node: SchemaNode
  /** What it means. */
  readonly meaning: string
}

/** `publishKeys` is `PUBLISH_KEYS`. */
export function word(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}

export function variableName(path: Path): string {
  return prefix + path.map(part => word(String(part))).join('_')
}

/** All variables of a schema, in its order. */
export function variablesOf(node: SchemaNode, path: Path = [], words = ''): readonly Variable[] {
  const { description: meaning = '', properties = {}, items, additionalProperties, anyOf } = node
  const inner = (child: SchemaNode, part: string | number, name: string) =>
    variablesOf({ ...child, description: child.description || meaning }, [...path, part], `${words}_${name}`)
  if (anyOf !== undefined) {
    const [values, containers] = [anyOf.filter(isValue), anyOf.filter(choice => !isValue(choice))]
    const own = values.length > 0 ? [{ name: prefix + words.slice(1), path, node, meaning }] : []
    const deeper = containers.flatMap(choice =>
      variablesOf({ ...choice, description: choice.description || meaning }, path, words),
    )
    // A list of URLs can be given by several choices.
    return unique([...own, ...deeper])
  }
  if (node.type === 'object') {
    const named = Object.entries(properties).flatMap(([name, child]) => inner(child, name, word(name)))
    return additionalProperties ? [...named, ...inner(additionalProperties, '<NAME>', '<NAME>')] : named
  }
  if (node.type === 'array') return items === undefined ? [] : inner(items, 0, '0')
  return [{ name: prefix + words.slice(1), path, node, meaning }]
}

/** The setting of a variable's name without the prefix, or undefined. */
export function settingOf(
  node: SchemaNode,
  rest: string,
  path: Path = [],
): Pick<Variable, 'path' | 'node'> | undefined {
  if (rest === '') return isValue(node) || node.anyOf?.some(isValue) ? { path, node } : undefined
  for (const choice of node.anyOf ?? [node]) {
    const found = settingIn(choice, rest, path)
    if (found !== undefined) return found
  }
  return undefined
}

function settingIn(node: SchemaNode, rest: string, path: Path): Pick<Variable, 'path' | 'node'> | undefined {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const own = word(name)
    if (rest !== own && !rest.startsWith(`${own}_`)) continue
    const found = settingOf(child, rest.slice(own.length + 1), [...path, name])
    if (found !== undefined) return found
  }
  const [, index, more = ''] = /^(\d{1,4})(?:_(.+))?$/.exec(rest) ?? []
  if (node.items !== undefined && index !== undefined) return settingOf(node.items, more, [...path, Number(index)])
  // The rest is the name, as it is written.
  if (node.additionalProperties) return settingOf(node.additionalProperties, '', [...path, rest])
  return undefined
}

function isValue({ type }: SchemaNode): boolean {
  return type !== undefined && type !== 'object' && type !== 'array'
}

function unique(variables: readonly Variable[]): readonly Variable[] {
  return variables.filter(({ name }, index) => variables.findIndex(other => other.name === name) === index)
}
