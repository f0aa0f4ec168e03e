import type { View } from '@rtmpipe/session'
import { describe, expect, it, vi } from 'vitest'
import type { Program } from '../../src/hls/serve/program.ts'
import { HlsSessions } from '../../src/hls/serve/sessions.ts'
import { Waiting } from '../../src/hls/serve/waiting.ts'

function program(): Program {
  return { viewers: 0, targetDuration: 2_000, waiting: new Waiting() } as unknown as Program
}

function view() {
  return { leave: vi.fn() } as unknown as View & { leave: ReturnType<typeof vi.fn> }
}

describe('HlsSessions', () => {
  it('keeps nothing of a thousand viewers that have gone without a word', () => {
    const sessions = new HlsSessions({ maxViewers: 1_000, maxViewersPerAddress: 1_000 })
    const watched = program()
    const views = Array.from({ length: 1_000 }, (_, index) => {
      const own = view()
      sessions.reserve(`10.0.${index >> 8}.${index & 255}`)
      const address = `10.0.${index >> 8}.${index & 255}`
      const session = sessions.add({ address, view: own, program: watched }, 0)
      sessions.asked(session, address, {}, 0)
      return own
    })
    expect(() => sessions.reserve('::1')).toThrow(/too many/)
    sessions.expire(6_000)
    expect(sessions.size).toBe(1_000)
    sessions.expire(6_001)
    expect([sessions.size, sessions.taken, watched.viewers]).toEqual([0, 0, 0])
    expect(sessions.fetching(watched, '10.0.0.1', {})).toBe(undefined)
    for (const { leave } of views) expect(leave).toHaveBeenCalledOnce()
    expect(() => sessions.reserve('::1')).not.toThrow()
  })

  it('keeps nothing of who was sent away as soon as it came', () => {
    const sessions = new HlsSessions({ maxViewers: 10, maxViewersPerAddress: 10 })
    const watched = program()
    sessions.reserve('::1')
    const session = sessions.add({ address: '::1', view: view(), program: watched }, 0)
    sessions.end(session)
    sessions.asked(session, '::1', {}, 0)
    expect(sessions.fetching(watched, '::1', {})).toBeUndefined()
  })

  it('keeps who asks, and who waits for an answer', () => {
    const sessions = new HlsSessions({ maxViewers: 10, maxViewersPerAddress: 10 })
    const all = [0, 1].map(() => {
      sessions.reserve('::1')
      return sessions.add({ address: '::1', view: view(), program: program() }, 0)
    })
    all[0]!.lastSeen = 5_000
    all[1]!.waiting = 1
    sessions.expire(8_000)
    expect(sessions.size).toBe(2)
    all[1]!.waiting = 0
    sessions.expire(8_000)
    expect(sessions.get(all[0]!.token)).toBe(all[0])
    expect(sessions.get(all[1]!.token)).toBeUndefined()
  })

  it('gives tokens that nobody can guess', () => {
    const sessions = new HlsSessions({ maxViewers: 10, maxViewersPerAddress: 10 })
    const tokens = [0, 1, 2].map(() => {
      sessions.reserve('::1')
      return sessions.add({ address: '::1', view: view(), program: program() }, 0).token
    })
    for (const token of tokens) expect(token).toMatch(/^[\w-]{24}$/)
    expect(new Set(tokens).size).toBe(3)
  })

  it('gives a place back once', () => {
    const sessions = new HlsSessions({ maxViewers: 1, maxViewersPerAddress: 1 })
    const giveBack = sessions.reserve('::1')
    giveBack()
    giveBack()
    expect(sessions.taken).toBe(0)
  })
})
