import { describe, expect, it } from 'vitest'
import { createSessionId, handleOf, isSameId } from '../../src/server/session-id.ts'

describe('session ids', () => {
  it('are 24 letters and digits, which every client has room for', () => {
    for (let count = 0; count < 200; count++) expect(createSessionId()).toMatch(/^[A-Za-z0-9]{24}$/)
  })

  it('do not repeat, nor do their handles', () => {
    const ids = Array.from({ length: 5_000 }, createSessionId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(ids.map(handleOf)).size).toBe(ids.length)
  })

  it('use every letter about as often', () => {
    const counts = new Map<string, number>()
    for (let count = 0; count < 5_000; count++) {
      for (const letter of createSessionId()) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    // 120,000 letters of 62: 1,935 each, give or take 44; a plain modulo would favour eight of them by a quarter.
    expect(counts.size).toBe(62)
    expect(Math.max(...counts.values())).toBeLessThan(2_200)
    expect(Math.min(...counts.values())).toBeGreaterThan(1_680)
  })

  it('are the same only when every character is', () => {
    const id = createSessionId()
    expect(isSameId(id, `${id}`)).toBe(true)
    for (let index = 0; index < id.length; index++) {
      const other = id[index] === 'a' ? 'b' : 'a'
      expect(isSameId(id, id.slice(0, index) + other + id.slice(index + 1))).toBe(false)
    }
    expect(isSameId(id, id.slice(0, -1))).toBe(false)
    expect(isSameId(id, '')).toBe(false)
  })
})
