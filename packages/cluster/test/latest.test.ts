import { describe, expect, it } from 'vitest'
import { Latest } from '../src/latest.ts'

describe('Latest', () => {
  it('gives a slow reader the newest value only, and each set once', async () => {
    const abort = new AbortController()
    const values = new Latest<number>(abort.signal)
    const read: number[] = []
    values.set(1)
    values.set(2)
    const done = (async () => {
      for await (const value of values) {
        read.push(value)
        if (value === 2) for (const next of [3, 4]) values.set(next)
        else if (value === 4) setImmediate(() => values.set(4))
        if (read.length === 3) abort.abort()
      }
    })()
    await done
    expect(read).toEqual([2, 4, 4])
    expect(values.newest).toBe(4)
  })

  it('gives a value again only while it is the newest', async () => {
    const values = new Latest<string>(new AbortController().signal)
    const reader = values[Symbol.asyncIterator]()
    values.set('old')
    expect((await reader.next()).value).toBe('old')
    values.again('old')
    expect((await reader.next()).value).toBe('old')
    values.set('new')
    values.again('old')
    expect((await reader.next()).value).toBe('new')
    const next = reader.next()
    values.again('old')
    values.end()
    expect(await next).toEqual({ done: true, value: undefined })
  })

  it('ends at once, and lets go of the signal', async () => {
    expect(await new Latest(AbortSignal.abort())[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
    const { signal } = new AbortController()
    const listeners: string[] = []
    signal.removeEventListener = (type: string) => void listeners.push(type)
    const values = new Latest(signal)
    values.end()
    expect(values.signal.aborted).toBe(true)
    expect(listeners).toEqual(['abort'])
  })
})
