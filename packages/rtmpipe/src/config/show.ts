import { isSettings, type Path } from './path.ts'
import type { SchemaNode } from './schema-node.ts'

const mask = '******'

/** A value and where it is, in settings that are right. */
export interface Leaf {
  readonly path: Path
  /** What is secret in it is masked. */
  readonly shown: string
}

/** The single values of settings, to be shown to anybody. */
export function leavesOf(
  node: SchemaNode,
  value: unknown,
  path: Path = [],
  secret: SchemaNode['secret'] = node.secret,
): readonly Leaf[] {
  const choices = node.anyOf ?? [node]
  if (isSettings(value)) {
    return Object.entries(value).flatMap(([name, inner]) => {
      const child = childOf(choices, name)
      return leavesOf(child, inner, [...path, name], child.secret)
    })
  }
  if (Array.isArray(value) && value.length > 0) {
    const items = itemsOf(choices)
    return value.flatMap((inner, index) => leavesOf(items, inner, [...path, index], items.secret ?? secret))
  }
  const shown = secret === undefined ? value : masked(value, secret)
  return [{ path, shown: secret !== undefined && shown === mask ? mask : JSON.stringify(shown) }]
}

/** The same settings, with what is secret masked: to be shown as JSON. */
export function maskedSettings(node: SchemaNode, value: unknown, secret: SchemaNode['secret'] = node.secret): unknown {
  const choices = node.anyOf ?? [node]
  if (isSettings(value)) {
    const entries = Object.entries(value).map(([name, inner]) => {
      const child = childOf(choices, name)
      return [name, maskedSettings(child, inner, child.secret)]
    })
    return Object.fromEntries(entries)
  }
  if (Array.isArray(value)) {
    const items = itemsOf(choices)
    return value.map(inner => maskedSettings(items, inner, items.secret ?? secret))
  }
  return secret === undefined ? value : masked(value, secret)
}

function itemsOf(choices: readonly SchemaNode[]): SchemaNode {
  return choices.map(choice => choice.items).find(found => found !== undefined) ?? {}
}

function childOf(choices: readonly SchemaNode[], name: string): SchemaNode {
  for (const { properties = {}, additionalProperties } of choices) {
    if (Object.hasOwn(properties, name) && properties[name]) return properties[name]
    if (additionalProperties) return additionalProperties
  }
  // Better hidden than shown.
  return { secret: 'all' }
}

/** Of a URL neither user and password nor the query. */
function masked(value: unknown, secret: 'all' | 'url'): unknown {
  // That there is none.
  if (value === false) return value
  const [, start, host, path, query] =
    /^([a-z][a-z\d]*:\/\/)(?:[^/?#]*@)?([^/?#]+)([^?#]*)(.*)$/i.exec(String(value)) ?? []
  // What looks like a path may be a password with a slash in it.
  if (secret === 'all' || start === undefined || path?.includes('@')) return mask
  return `${start}${host}${path}${query === '' ? '' : `?${mask}`}`
}
