import { describe, expect, it } from 'vitest'
import { MarkdownFile } from '../../../../test/docs/markdown.ts'
import { type Path, pathText } from '../../src/config/path.ts'
import { schema } from '../../src/sections/index.ts'
import { type Variable, variablesOf } from '../../src/config/variables.ts'

const variables = variablesOf(schema)
const paths = variables.map(({ path }) => pathText(path))

/** What stands in the table for a setting; nothing for a list that may be given in the place of one value. */
function rowOf({ path, meaning, node }: Variable): readonly string[] {
  if (path.at(-1) === 0 && paths.includes(pathText(path.slice(0, -1)))) return []
  const value = defaultAt(path)
  const initial = value === undefined ? '' : `\`${JSON.stringify(value)}\``
  const name = pathText(path).replaceAll('[0]', '[]').replaceAll('<NAME>', 'NAME')
  return [`| \`${name}\` | ${initial} | ${(meaning || node.expected) ?? ''} |`.replaceAll('  ', ' ')]
}

/** Of a list it is said with the list. */
function defaultAt(path: Path): unknown {
  const names = path.at(-1) === 0 ? path.slice(0, -1) : path
  let nodes = [schema]
  for (const part of names) {
    nodes = nodes
      .flatMap(node => node.anyOf ?? [node])
      .flatMap(
        node => (typeof part === 'number' ? node.items : (node.properties?.[part] ?? node.additionalProperties)) || [],
      )
  }
  return nodes.map(node => node.default).find(value => value !== undefined)
}

describe('docs/config.md', () => {
  it('has a row for every setting, with its default and meaning, in order', () => {
    const [, settings = ''] = new MarkdownFile('docs/config.md').text.split('\n## Settings\n')
    const documented = settings
      .split('\n')
      .filter(line => /^\| `[a-z][\w.[\]]+` \|/.test(line))
      .map(line => line.replace(/ +/g, ' '))
    expect(documented).toEqual(variables.flatMap(rowOf))
  })
})
