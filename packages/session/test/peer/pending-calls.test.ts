import { describe, expect, it, vi } from 'vitest'
import type { Command } from '../../src/protocol/command.ts'
import { StatusError } from '../../src/contract/errors.ts'
import { PendingCalls } from '../../src/peer/pending-calls.ts'

const answer = (name: string, transactionId: number, ...args: Command['args']): Command => ({
  name,
  transactionId,
  commandObject: null,
  args,
  messageStreamId: 0,
})
const setUp = (limits = {}) => new PendingCalls({ callTimeout: 1_000, maxPendingCalls: 2, ...limits })

describe('pending calls', () => {
  it('are numbered from 1, and told apart by that', async () => {
    const calls = setUp()
    const ids: number[] = []
    const both = [calls.start('a', id => ids.push(id)), calls.start('b', id => ids.push(id))]
    calls.answer(answer('_result', 2, 'b'))
    calls.answer(answer('_result', 1, 'a'))
    expect(ids).toEqual([1, 2])
    expect((await Promise.all(both)).map(({ args }) => args)).toEqual([['a'], ['b']])
    calls.close(new Error('over'))
  })

  it('leave no timer behind, however they end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const calls = setUp({ maxPendingCalls: 3 })
      const [fine, refused, left] = ['a', 'b', 'c'].map(name => calls.start(name, () => {}).catch(String))
      calls.answer(answer('_result', 1))
      calls.answer(answer('_error', 2))
      calls.close(new Error('over'))
      expect(await Promise.all([fine, refused, left])).toEqual([
        answer('_result', 1),
        'StatusError: NetConnection.Call.Failed',
        'Error: over',
      ])
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('do not count when they could not be sent', async () => {
    const calls = setUp({ maxPendingCalls: 1 })
    const fails = () => {
      throw new Error('not encodable')
    }
    await expect(calls.start('a', fails)).rejects.toThrow('not encodable')
    const fine = calls.start('b', () => {})
    calls.answer(answer('_result', 2, 1))
    expect((await fine).args).toEqual([1])
  })

  it('may wait as long as the connection stands', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const calls = setUp()
      const waits = calls.start('connect', () => {}, Infinity)
      expect(vi.getTimerCount()).toBe(0)
      calls.answer(answer('_result', 1, 'at last'))
      expect((await waits).args).toEqual(['at last'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('are refused once it is over', async () => {
    const calls = setUp()
    calls.close(new StatusError('NetConnection.Connect.Closed', 'why'))
    calls.close(new Error('later'))
    await expect(calls.start('a', () => {})).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
  })
})
