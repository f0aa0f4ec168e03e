import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NameTemplate } from '../../src/record/name-template.ts'
import { safeName } from '../../src/record/safe-name.ts'

describe('safeName', () => {
  it.each([
    ['cam-1_b.x', 'cam-1_b.x'],
    ['Zürich', 'Zürich'],
    ['..', '%2E%2E'],
    ['.hidden', '%2Ehidden'],
    ['end.', 'end%2E'],
    ['a/b\\c', 'a%2Fb%5Cc'],
    ['%2F', '%252F'],
    ['a b:c*?"<>|', 'a%20b%3Ac%2A%3F%22%3C%3E%7C'],
    ['\0\n', '%00%0A'],
    ['CON', '%43ON'],
    ['nul.txt', '%6Eul.txt'],
    ['console', 'console'],
    ['', '_'],
    ['\ud800', '%EF%BF%BD'],
  ])('%j is %s', (name, safe) => {
    expect(safeName(name)).toBe(safe)
  })

  it('is short, and tells long names apart', () => {
    const [one, other] = [safeName(`${'x'.repeat(300)}1`), safeName(`${'x'.repeat(300)}2`)]
    expect(one).not.toBe(other)
    expect(one).toMatch(/^x{67}~[0-9a-f]{12}$/)
  })

  it('is a name and nothing else, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), name => {
        const safe = safeName(name)
        expect(safe).toMatch(/^[\p{L}\p{N}%_-](?:[\p{L}\p{N}._%~-]*[\p{L}\p{N}_%~-])?$/u)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(80)
      }),
      { numRuns: 300 },
    )
  })
})

describe('NameTemplate', () => {
  const values = { app: 'live', streamName: 'a/b', date: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)), counter: 7 }

  it.each([
    ['{app}/{stream}-{date}', 'live/a%2Fb-20260102-030405'],
    ['{day}/{time}_{stream}_{counter}', '20260102/030405_a%2Fb_7'],
    ['fixed', 'fixed'],
  ])('%s gives %s, and finds it again', (template, path) => {
    const name = new NameTemplate(template)
    expect(name.expand(values)).toBe(path)
    const pattern = name.pattern('live', 'a/b')
    expect(path).toMatch(pattern)
    expect(`${path}~2`).toMatch(pattern)
    expect(`${path}-2`).not.toMatch(pattern)
    expect(`${path}~123456789012`).not.toMatch(pattern)
    expect(`${path}x`).not.toMatch(pattern)
    expect(`x${path}`).not.toMatch(pattern)
  })

  it('does not find files of other streams', () => {
    const pattern = new NameTemplate('{app}/{stream}-{date}').pattern('live', 'cam')
    expect('live/camera-20260102-030405').not.toMatch(pattern)
    expect('live/cam-x-20260102-030405').not.toMatch(pattern)
    expect('other/cam-20260102-030405').not.toMatch(pattern)
  })

  it('takes no character of a stream for a pattern', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), streamName => {
        const name = new NameTemplate('{stream}')
        expect(name.expand({ ...values, streamName })).toMatch(name.pattern('live', streamName))
      }),
      { numRuns: 200 },
    )
  })
})
