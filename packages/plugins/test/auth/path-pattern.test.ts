import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPath } from '../../src/auth/path-pattern.ts'

describe('matchesPath', () => {
  it.each<[string, string, boolean]>([
    ['live/name', 'live/name', true],
    ['live/name', 'live/names', false],
    ['live/name', 'Live/name', false],
    ['live/*', 'live/name', true],
    ['live/*', 'live/', true],
    ['live/*', 'live/a/b', false],
    ['live/room-*', 'live/room-7', true],
    ['live/room-*', 'live/hall-7', false],
    ['live/*-*-cam', 'live/a-b-c-cam', true],
    ['live/*-*-cam', 'live/a-cam', false],
    ['*/name', 'live/name', true],
    ['*/name', 'live/a/name', false],
    ['**/name', 'live/a/name', true],
    ['live/**', 'live/a/b/c', true],
    ['live/**', 'lives/a', false],
    ['live/**/x', 'live/x', true],
    ['**', 'anything/at/all', true],
    ['a**b/c', 'axxb/c', true],
    ['live/n.me', 'live/name', false],
    ['', 'live/name', false],
  ])('%s, %s: %s', (pattern, path, expected) => {
    expect(matchesPath(pattern, path)).toBe(expected)
  })

  it('does what a regular expression would do', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '/'), { maxLength: 8 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(pattern, text, (pattern, path) => {
        fc.pre(!pattern.includes('**'))
        const regular = new RegExp(`^${pattern.replaceAll('*', '[^/]*')}$`)
        expect(matchesPath(pattern, path)).toBe(regular.test(path))
      }),
      { numRuns: 500 },
    )
  })

  it('takes no time for what would keep a regular expression busy', () => {
    const started = performance.now()
    expect(matchesPath(`${'*a'.repeat(200)}b`, 'a'.repeat(512))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
