import type { SchemaNode } from './schema-node.ts'

/** A value from text, as the command line and the environment have it. What does not fit stays the text that it is. */
export function valueOf(node: SchemaNode, text: string): unknown {
  const types = (node.anyOf ?? [node]).map(({ type }) => type)
  if (types.some(type => type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
