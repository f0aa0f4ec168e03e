import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { Undecided } from '../src/undecided.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('Undecided', () => {
  it('decides by the first byte, and leaves it', async () => {
    const undecided = new Undecided(1_000, 10)
    const stream = new PassThrough()
    const decided = new Promise(resolve => undecided.wait(stream, (error, spoken) => resolve([error, spoken])))
    expect(undecided.size).toBe(1)
    stream.write(Buffer.of(3))
    expect(await decided).toEqual([undefined, 'rtmp'])
    expect(undecided.size).toBe(0)
    expect(stream.read()).toEqual(Buffer.of(3))
  })

  it('destroys those who say nothing in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const undecided = new Undecided(1_000, 10)
      const stream = new PassThrough()
      const told = vi.fn()
      undecided.wait(stream, told)
      vi.advanceTimersByTime(999)
      expect(stream.destroyed).toBe(false)
      vi.advanceTimersByTime(1)
      expect(stream.destroyed).toBe(true)
      expect(told).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({ code: 'RTMP_ERR_FIRST_BYTES_TIMEOUT' }),
        'other',
      )
      expect(undecided.size).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('gives up the oldest for one too many', async () => {
    const undecided = new Undecided(1_000, 2)
    const streams = [new PassThrough(), new PassThrough(), new PassThrough()]
    const told = vi.fn()
    for (const stream of streams) undecided.wait(stream, told)
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, false, false])
    expect(told).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'RTMP_ERR_FIRST_BYTES_LIMIT' }),
      'other',
    )
    undecided.close()
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, true, true])
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('lets those go who leave without a word', async () => {
    const undecided = new Undecided(1_000, 10)
    const stream = new PassThrough()
    const told = vi.fn()
    undecided.wait(stream, told)
    stream.end()
    await once(stream, 'close')
    await turn()
    expect(undecided.size).toBe(0)
    expect(told).not.toHaveBeenCalled()
  })
})
