import { list, oneOf, type SchemaNode } from '../../config/schema-node.ts'

/** What keys have in common. */
export const secret: Partial<SchemaNode> = { secret: 'all', expected: 'a key that is not empty' }

/** Who is asked for one. */
export function actions(initial: readonly string[]): SchemaNode {
  const node = list('who needs it: publish, play', oneOf('', ['publish', 'play']))
  return { ...node, default: initial }
}
