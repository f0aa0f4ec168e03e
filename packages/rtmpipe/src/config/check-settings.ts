import { check } from './check.ts'
import { type Path, pathText, type Settings } from './path.ts'
import type { Problem } from './problem.ts'
import type { SchemaNode } from './schema-node.ts'

/** All that is wrong with settings as data. What stands elsewhere by the name of an unknown setting is suggested. */
export function checkSettings(schema: SchemaNode, settings: Settings): readonly Problem[] {
  return check(schema, settings).map(problem => {
    if (problem.text !== 'unknown setting') return problem
    const [place] = namedLike(schema, String(problem.path.at(-1)).toLowerCase(), [])
    return place === undefined ? problem : { ...problem, text: `unknown setting, did you mean ${pathText(place)}?` }
  })
}

function namedLike(node: SchemaNode, name: string, path: Path): readonly Path[] {
  const inner = Object.entries(node.properties ?? {})
  const here = inner.filter(([key]) => key.toLowerCase() === name).map(([key]) => [...path, key])
  return [...here, ...inner.flatMap(([key, child]) => namedLike(child, name, [...path, key]))]
}
