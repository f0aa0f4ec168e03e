import type { CodeSetting, ConfigForm } from './form.ts'
import type { SchemaNode } from './schema-node.ts'

type Format = 'ts' | 'json'

/** A configuration file with every setting in it, each in a comment: one line to switch on. */
export function configTemplate({ schema, code }: Pick<ConfigForm, 'schema' | 'code'>, format: Format): string {
  const lines = Object.entries(schema.properties ?? {}).flatMap(([name, node]) =>
    node.isGroup ? group(name, node, format) : setting(name, node, format, '  '),
  )
  if (format === 'json') return ['{', ...lines, '}', ''].join('\n')
  return [
    "import { defineConfig } from 'rtmpipe/config'",
    '',
    '// What is off is a comment. Each setting is one line; options that are not given have their defaults.',
    'export default defineConfig({',
    ...lines,
    ...Object.entries(code).flatMap(([name, node]) => codeSetting(name, node)),
    '})',
    '',
  ].join('\n')
}

function codeSetting(name: string, { description, example }: CodeSetting): readonly string[] {
  return [comment({ description }, '  '), `  // ${name}: ${example},`]
}

function group(name: string, node: SchemaNode, format: Format): readonly string[] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([part, child]) => setting(part, child, format, '    '))
  return [comment(node, '  '), `  ${key(name, format)}: {`, ...inner, '  },']
}

function setting(name: string, node: SchemaNode, format: Format, indent: string): readonly string[] {
  return [comment(node, indent), `${indent}// ${key(name, format)}: ${valueText(exampleOf(node), format)},`]
}

function comment({ description = '' }: SchemaNode, indent: string): string {
  return `${indent}/** ${description.slice(0, 1).toUpperCase()}${description.slice(1)}. */`
}

/** What it is by default, or something to begin with. */
function exampleOf(node: SchemaNode): unknown {
  if (node.example !== undefined) return node.example
  if (node.default !== undefined) return node.default
  const entries = Object.entries(node.properties ?? {}).map(([name, child]) => [name, exampleOf(child)])
  return Object.fromEntries(entries)
}

function valueText(value: unknown, format: Format): string {
  if (Array.isArray(value)) return `[${value.map(item => valueText(item, format)).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).map(([name, inner]) => `${key(name, format)}: ${valueText(inner, format)}`)
    return `{ ${parts.join(', ')} }`
  }
  if (typeof value === 'number' && value >= 10_000 && format === 'ts')
    return String(value).replace(/\B(?=(\d{3})+$)/g, '_')
  const text = JSON.stringify(value)
  return format === 'json' || typeof value !== 'string' || value.includes("'") ? text : `'${value}'`
}

function key(name: string, format: Format): string {
  return format === 'json' ? JSON.stringify(name) : name
}
