import { describe, expect, it } from 'vitest'
import { handleOf, isProcessName, isSameProof, processNameOf, SessionIds } from '../../src/server/session-id.ts'

const ids = new SessionIds('w2')
const lifetime = 10_000

describe('session ids', () => {
  it('are letters and digits, no more than every client has room for', () => {
    for (let count = 0; count < 200; count++) {
      expect(ids.create('a', 1_000_000 + count)).toMatch(/^w2[A-Za-z0-9]{51}$/)
    }
    expect(new SessionIds('a'.repeat(12)).create('a', 1e12)).toHaveLength(63)
  })

  it('do not repeat, though the time and the opener are the same', () => {
    const many = Array.from({ length: 2_000 }, () => ids.create('a', 0))
    expect(new Set(many.map(handleOf)).size).toBe(many.length)
  })

  it('use every letter about as often in what is random', () => {
    const counts = new Map<string, number>()
    for (let count = 0; count < 5_000; count++) {
      for (const letter of ids.create('a', 0).slice(9, 31)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    // 110,000 letters of 62: 1,774 each, give or take 42; a plain modulo would favour eight of them by a quarter.
    expect(counts.size).toBe(62)
    expect(Math.max(...counts.values())).toBeLessThan(2_000)
    expect(Math.min(...counts.values())).toBeGreaterThan(1_560)
  })

  it('are good for their opener, and not for long', () => {
    const id = ids.create('192.0.2.1', 5_000.7)
    expect(ids.isValid(id, '192.0.2.1', 5_001, lifetime)).toBe(true)
    expect(ids.isValid(id, '192.0.2.1', 15_000, lifetime)).toBe(true)
    expect(ids.isValid(id, '192.0.2.1', 15_001, lifetime)).toBe(false)
    expect(ids.isValid(id, '192.0.2.2', 5_001, lifetime)).toBe(false)
    expect(ids.isValid(id, 'proxy 192.0.2.1', 5_001, lifetime)).toBe(false)
  })

  it('are good as they are only, and only where they were given', () => {
    const id = ids.create('a', 0)
    for (let index = 0; index < id.length; index++) {
      const other = id[index] === 'a' ? 'b' : 'a'
      expect(ids.isValid(id.slice(0, index) + other + id.slice(index + 1), 'a', 0, lifetime)).toBe(false)
    }
    for (const wrong of ['', id.slice(1), `${id}a`, `${id.slice(0, -1)}é`, 'a'.repeat(id.length)]) {
      expect(ids.isValid(wrong, 'a', 0, lifetime)).toBe(false)
    }
    expect(new SessionIds('w2').isValid(id, 'a', 0, lifetime)).toBe(false)
  })

  it('name their process', () => {
    expect(processNameOf(ids.create('a', 0))).toBe('w2')
    expect(processNameOf(new SessionIds('').create('a', 0))).toBe('')
    for (const wrong of ['', 'short', `../x${ids.create('a', 0)}`, 'x'.repeat(64)]) {
      expect(processNameOf(wrong)).toBeUndefined()
    }
    expect(['', '12', 'node3'].map(isProcessName)).toEqual([true, true, true])
    expect(['a'.repeat(13), 'a b', 'a/b', 'é'].map(isProcessName)).toEqual([false, false, false, false])
  })

  it('have the same proof only when every character of it is', () => {
    const id = ids.create('a', 0)
    expect(isSameProof(id, `${id}`)).toBe(true)
    for (let index = id.length - 22; index < id.length; index++) {
      const other = id[index] === 'a' ? 'b' : 'a'
      expect(isSameProof(id, id.slice(0, index) + other + id.slice(index + 1))).toBe(false)
    }
    expect(isSameProof(id, '')).toBe(false)
    expect(isSameProof(id, `${id.slice(0, -1)}é`)).toBe(false)
  })
})
