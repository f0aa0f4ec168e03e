import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/protocol/parse-query.ts'
import { percentDecoded } from '../../src/protocol/percent-decoded.ts'

describe('a query', () => {
  it('is read as URLSearchParams reads it, where that loses nothing', () => {
    const part = fc.constantFrom('x', 'key', '=', '&', '+', '%', '%20', '%2B', '%zz', '%C3%A9', '%F0%9F%8E%A5', '?')
    fc.assert(
      fc.property(fc.array(part), parts => {
        const query = parts.join('')
        expect([...parseQuery(query)]).toEqual([...new URLSearchParams(query)])
      }),
    )
  })

  it('keeps keys apart that are encoded in windows-1251, GBK or Shift-JIS', () => {
    const keys = ['%EA%EB%FE%F7', '%EA%EB%FE%F8', '%C3%DC', '%C3%DD', '%83L', '%83M', '%FF', '%FE']
    const values = keys.map(key => parseQuery(`key=${key}`).get('key'))
    expect(values.slice(0, 2)).toEqual(['êëþ÷', 'êëþø'])
    expect(new Set(values).size).toBe(keys.length)
    expect(values.join('')).not.toContain('\ufffd')
  })

  it('keeps names of parameters apart', () => {
    expect([...parseQuery('%FF=1&%FE=2')]).toEqual([
      ['ÿ', '1'],
      ['þ', '2'],
    ])
  })
})

describe('a text with percent signs', () => {
  it.each([
    ['a%20b', 'a b'],
    ['a+b', 'a+b'],
    ['%25E9', '%E9'],
    ['%E9', 'é'],
    ['%c3%a9', 'é'],
    ['100%', '100%'],
    ['é%41', 'éA'],
    ['é%', 'é%'],
    ['камера', 'камера'],
  ])('%s', (text, decoded) => expect(percentDecoded(text)).toBe(decoded))
})
