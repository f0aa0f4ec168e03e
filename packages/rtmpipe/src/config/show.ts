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
    const items = choices.map(choice => choice.items).find(found => found !== undefined) ?? {}
    return value.flatMap((inner, index) => leavesOf(items, inner, [...path, index], items.secret ?? secret))
  }
  return [{ path, shown: secret === undefined ? JSON.stringify(value) : masked(value, secret) }]
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
function masked(value: unknown, secret: 'all' | 'url'): string {
  const [, start, host, path, query] = /^([a-z]+:\/\/)(?:[^/?#]*@)?([^/?#]+)([^?#]*)(.*)$/i.exec(String(value)) ?? []
  // What looks like a path may be a password with a slash in it.
  if (secret === 'all' || start === undefined || path?.includes('@')) return mask
  return JSON.stringify(`${start}${host}${path}${query === '' ? '' : `?${mask}`}`)
}
