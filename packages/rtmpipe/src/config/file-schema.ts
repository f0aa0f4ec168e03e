import { ownKeywords, type SchemaNode } from './schema-node.ts'

/** JSON Schema of a configuration file in JSON, for editors: without words that only we know. */
export function fileSchema(schema: SchemaNode): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...plain({ ...schema, properties: { $schema: { type: 'string' }, ...schema.properties } }),
  }
}

function plain({ description, properties, items, additionalProperties, anyOf, ...rest }: SchemaNode): object {
  const entries = Object.entries(rest).filter(([name]) => !ownKeywords.some(own => own === name))
  const inner = Object.entries(properties ?? {}).map(([name, node]) => [name, plain(node)])
  return {
    ...(description && { description }),
    ...Object.fromEntries(entries),
    ...(properties && { properties: Object.fromEntries(inner) }),
    ...(items && { items: plain(items) }),
    ...(anyOf && { anyOf: anyOf.map(plain) }),
    ...(additionalProperties !== undefined && {
      additionalProperties: additionalProperties && plain(additionalProperties),
    }),
  }
}
