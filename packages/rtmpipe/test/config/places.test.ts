import { describe, expect, it } from 'vitest'
import { FilePlaces } from '../../src/config/file-places.ts'
import { plainJson } from '../../src/config/json-text.ts'
import type { Path } from '../../src/config/path.ts'

/** The text, and where it has a `▸`. */
function marked(text: string): { text: string; place: string } {
  const lines = text.split('▸')[0]?.split('\n') ?? []
  return { text: text.replace('▸', ''), place: `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}` }
}

function placeIn(text: string, path: Path, isJson = false): string {
  const place = new FilePlaces(isJson ? plainJson(text) : text, isJson).of(path)
  return place === undefined ? 'unknown' : `${place.line}:${place.column}`
}

describe('where a setting stands in a file', () => {
  it.each<[string, Path]>([
    ["export default { record: {\n  ▸format: 'avi' } }", ['record', 'format']],
    ["import { defineConfig } from 'rtmpipe/config'\nexport default defineConfig({ ▸host: 'x' })", ['host']],
    [
      "const key: string = 'x'\nexport default { auth: { publishKeys: { keys: ['a', ▸key] } } }",
      ['auth', 'publishKeys', 'keys', 1],
    ],
    [
      "const record = { ▸'dir': '' }\nconst config = { record } as const\nexport default config satisfies object",
      ['record', 'dir'],
    ],
    ['module.exports = { ▸host: 1 }', ['host']],
    ['export default { host: 1, ▸host: 2 }', ['host']],
    ['export default { ...others, ▸host: 2 }', ['host']],
    ['export default { ▸onConnect() {} }', ['onConnect']],
  ])('%s', (source, path) => {
    const { text, place } = marked(source)
    expect(placeIn(text, path)).toBe(place)
  })

  it.each<[string, Path]>([
    ['export default { ...others }', ['host']],
    ['export default { host: 2, ...others }', ['host']],
    ['export default { [name]: 2 }', ['host']],
    ['export default make().config', ['host']],
    ['const a = b, b = a\nexport default a', ['host']],
    ["export default { a: [...b, 'x'] }", ['a', 1]],
    ['export const host = 1', ['host']],
  ])('%s: can not be found', (text, path) => {
    expect(placeIn(text, path)).toBe('unknown')
  })

  it('is found in JSON with comments', () => {
    const { text, place } = marked('{\n  // "host": "a",\n  "data": "//", /* x */ ▸"host": 1,\n}')
    expect(placeIn(text, ['host'], true)).toBe(place)
    expect(JSON.parse(plainJson(text))).toEqual({ data: '//', host: 1 })
  })

  it('says where the syntax is wrong', () => {
    const { syntaxProblem } = new FilePlaces('export default {\n  host: 1\n  rtmp: 2,\n}', false)
    expect(syntaxProblem).toMatchObject({ line: 3, column: 3 })
    expect(syntaxProblem?.text).toMatch(/^Unexpected token, expected ","/)
  })
})
