import { describe, expect, it } from 'vitest'
import { de } from '../src/app/texts/de.ts'
import { en, type Texts } from '../src/app/texts/en.ts'
import { zh } from '../src/app/texts/zh.ts'

const keys = Object.keys(en) as (keyof Texts)[]

describe.each([
  ['German', de],
  ['Chinese', zh],
])('%s', (_name, texts) => {
  it('has all texts, and no other', () => {
    expect(Object.keys(texts).sort()).toEqual([...keys].sort())
    expect(keys.filter(key => texts[key].trim() === '')).toEqual([])
  })

  it('has the values of each text', () => {
    for (const key of keys) expect(valuesOf(texts[key]), key).toEqual(valuesOf(en[key]))
  })
})

it('Chinese is Chinese but for words that are the same everywhere', () => {
  const same = keys.filter(key => zh[key] === en[key])
  expect(same.sort()).toEqual(['cpu', 'gop', 'pid'])
})

function valuesOf(text: string): readonly string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(([value]) => value).sort()
}
