import { describe, expect, it } from 'vitest'
import { SessionTable } from '../../src/access/sessions.ts'

const minutes = 60_000

describe('SessionTable', () => {
  it('finds a session by its id alone', () => {
    const sessions = new SessionTable()
    const { id, session } = sessions.open('view')
    expect(sessions.find(id)).toBe(session)
    expect(session.role).toBe('view')
    expect(id).not.toContain(session.csrf)
    for (const other of ['', `${id}x`, id.slice(1), '__proto__', session.csrf])
      expect(sessions.find(other)).toBeUndefined()
    sessions.close(id)
    expect(sessions.find(id)).toBeUndefined()
  })

  it('ends one that is not used for an hour, and any after twelve', () => {
    let now = 0
    const sessions = new SessionTable(() => now)
    const idle = sessions.open('view').id
    const used = sessions.open('view').id
    for (now = 0; now < 12 * 60 * minutes; now += 30 * minutes) expect(sessions.find(used)).toBeDefined()
    expect(sessions.find(used)).toBeUndefined()
    expect(sessions.find(idle)).toBeUndefined()
    expect(sessions.size).toBe(0)
  })

  it('has room for a hundred: for one more the oldest ends', () => {
    const sessions = new SessionTable()
    const ids = Array.from({ length: 101 }, () => sessions.open('operate').id)
    expect(sessions.size).toBe(100)
    expect(sessions.find(ids[0] ?? '')).toBeUndefined()
    expect(sessions.find(ids[1] ?? '')).toBeDefined()
  })
})
