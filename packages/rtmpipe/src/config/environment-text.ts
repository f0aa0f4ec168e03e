import { fileVariable, mayComeFromFile } from './environment-layer.ts'
import type { SchemaNode } from './schema-node.ts'
import { variablesOf } from './variables.ts'

/** All variables of a schema, with what they mean. */
export function environmentText(schema: SchemaNode): string {
  const rows = [
    [fileVariable, 'configuration file'],
    ...variablesOf(schema).flatMap(({ name, meaning, node }) => {
      const text = `${meaning}${node.default === undefined ? '' : ` (default ${JSON.stringify(node.default)})`}`
      return mayComeFromFile(node)
        ? [
            [name, text],
            [`${name}_FILE`, 'file to read it from'],
          ]
        : [[name, text]]
    }),
  ]
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return rows.map(([name = '', text = '']) => `${name.padEnd(width)}  ${text}`).join('\n')
}
