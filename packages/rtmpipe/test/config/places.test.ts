import { describe, expect, it } from 'vitest'
import { JsonFile } from '../../src/config/json-file.ts'
import type { Path } from '../../src/config/path.ts'

/** The text, and where it has a `▸`. */
function marked(text: string): { text: string; place: string } {
  const lines = text.split('▸')[0]?.split('\n') ?? []
  return { text: text.replace('▸', ''), place: `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}` }
}

function placeIn(text: string, path: Path): string {
  const place = new JsonFile(text).of(path)
  return place === undefined ? 'unknown' : `${place.line}:${place.column}`
}

describe('where a setting stands in JSON', () => {
  it.each<[string, Path]>([
    ['{ "record": {\n  ▸"format": "avi" } }', ['record', 'format']],
    ['{ "auth": { "publishKeys": { "keys": ["a", ▸"b"] } } }', ['auth', 'publishKeys', 'keys', 1]],
    ['{ "keys": [{}, { ▸"key": "b" }] }', ['keys', 1, 'key']],
    ['{ "host": 1, ▸"host": 2 }', ['host']],
    ['{\r\n  // "host": "a",\r\n  "data": "//", /* x */ ▸"host": 1,\r\n}', ['host']],
    ['\uFEFF{ ▸"host": 1 }', ['host']],
    [' ▸{}', []],
  ])('%s', (source, path) => {
    const { text, place } = marked(source)
    expect(placeIn(text, path)).toBe(place)
  })

  it.each<[string, Path]>([
    ['{ "host": 1 }', ['hots']],
    ['{ "keys": ["a"] }', ['keys', 1]],
    ['{ "keys": ["a"] }', ['keys', 'a']],
    ['{ "host": 1 }', ['host', 'a']],
    ['', []],
  ])('%s: %j is not there', (text, path) => {
    expect(placeIn(text, path)).toBe('unknown')
  })
})

describe('what stands in JSON', () => {
  it('may be lists and objects in one another', () => {
    const text = '[{"a":'.repeat(128) + '"{["' + '}]'.repeat(128)
    expect(JSON.stringify(new JsonFile(text).value)).toBe(text)
  })

  it('may have comments, and commas at the end', () => {
    expect(new JsonFile('{\n  // "host": "a",\n  "data": ["//",], /* x */ "host": 1,\n}').value).toEqual({
      data: ['//'],
      host: 1,
    })
  })

  it('is plain data, whatever its names are', () => {
    const value = new JsonFile('{ "__proto__": { "record": 1 }, "a": null, "b": true, "b": -1.5 }').value as object
    expect(Object.entries(value)).toEqual([
      ['__proto__', { record: 1 }],
      ['a', null],
      ['b', -1.5],
    ])
    expect('record' in value).toBe(false)
  })

  it.each([
    ['{ "host": "hush"\n  ▸"data": 1 }', 'expected a comma'],
    ['{ "host" ▸1 }', 'expected a colon'],
    ["{ ▸'host': 1 }", 'this is not JSON: names and texts stand in double quotes'],
    ['{ ▸1: 1 }', 'expected a name in double quotes'],
    ['{ "host": ▸}', 'expected a value'],
    ['{ "host": 1 ▸', 'expected }'],
    ['{ "keys": [1 ▸', 'expected ]'],
    ['{} ▸{}', 'expected nothing more'],
    ['▸/* hush', 'this comment does not end'],
    ['▸', 'expected a value'],
  ])('is wrong where it is: %s', (source, text) => {
    const { place, ...marks } = marked(source)
    const { syntaxProblem: problem } = new JsonFile(marks.text)
    expect({ place: `${problem?.line}:${problem?.column}`, text: problem?.text }).toEqual({ place, text })
  })

  it.each(['[', '{"a":'])('may not be nested without end: %s', start => {
    const { syntaxProblem } = new JsonFile(start.repeat(100_000))
    const text = 'more than 256 lists and objects in one another'
    expect(syntaxProblem).toEqual({ line: 1, column: 256 * start.length + 1, text })
  })
})
