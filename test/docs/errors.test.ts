import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { MarkdownFile } from './markdown.ts'

const packages = fileURLToPath(new URL('../../packages', import.meta.url))

/** Codes in quotes: those that are raised or declared, not those that comments tell of. */
function codesInSources(): Set<string> {
  const codes = new Set<string>()
  for (const name of readdirSync(packages)) {
    const sources = readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    for (const source of sources.filter(path => path.endsWith('.ts'))) {
      const text = readFileSync(join(packages, name, 'src', source), 'utf8')
      for (const [, code = ''] of text.matchAll(/'(RTMP_ERR_\w+)'/g)) codes.add(code)
    }
  }
  return codes
}

describe('docs/errors.md', () => {
  const documented = new MarkdownFile('docs/errors.md').headings(3)
  const raised = codesInSources()

  it('has a heading for every code, and none for others', () => {
    expect(documented.filter(code => !raised.has(code))).toEqual([])
    expect([...raised].filter(code => !documented.includes(code))).toEqual([])
  })

  it('has every heading once', () => {
    expect(documented.filter((code, index) => documented.indexOf(code) !== index)).toEqual([])
  })
})
