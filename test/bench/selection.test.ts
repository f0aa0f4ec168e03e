import { expect, test } from 'vitest'
import { measuresNothing, Selection } from '../../bench/src/selection.ts'

const scenarios = ['relay', 'relay-1x5', 'relay-20x5', 'late']
const groups = ['demux', ...scenarios, 'memory']

function chosen(...words: string[]): string[] {
  const selection = new Selection(words, groups)
  return [
    ...['demux'].filter(name => selection.hasMicro(name)),
    ...scenarios.filter(name => selection.hasScenario(name)),
    ...['memory'].filter(name => selection.hasScenario(name, true)),
  ]
}

test('a whole name means that group, the beginning of names all of them', () => {
  expect(chosen('relay')).toEqual(['relay'])
  expect(chosen('relay-')).toEqual(['relay-1x5', 'relay-20x5'])
  expect(chosen('rel', 'late')).toEqual(scenarios)
})

test('long runs must be asked for by name', () => {
  expect(chosen()).toEqual(['demux', ...scenarios])
  expect(chosen('servers')).toEqual(scenarios)
  expect(chosen('memory')).toEqual(['memory'])
})

test('refuses words that mean nothing', () => {
  expect(() => new Selection(['relay-3x3'], groups)).toThrow('relay-3x3: there is no such group')
})

test('docs alone measures nothing', () => {
  expect(measuresNothing(['docs'])).toBe(true)
  expect(measuresNothing([])).toBe(false)
  expect(measuresNothing(['relay', 'docs'])).toBe(false)
  expect(chosen('docs', 'late')).toEqual(['late'])
})
