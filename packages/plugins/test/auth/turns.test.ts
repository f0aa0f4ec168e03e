import { describe, expect, it } from 'vitest'
import { Turns } from '../../src/auth/http-callback/turns.ts'

const never = new AbortController().signal

describe('Turns', () => {
  it('lets in as many as it may, then one for each that leaves, in their order', async () => {
    const turns = new Turns(2)
    const entered: string[] = []
    const enter = async (name: string) => {
      await turns.take(never)
      entered.push(name)
    }
    const all = ['a', 'b', 'c', 'd'].map(enter)
    await Promise.all(all.slice(0, 2))
    expect(entered).toEqual(['a', 'b'])
    turns.give()
    await all[2]
    expect(entered).toEqual(['a', 'b', 'c'])
    turns.give()
    await all[3]
    turns.give()
    turns.give()
    await enter('e')
    expect(entered).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('forgets who does not want to wait any longer', async () => {
    const turns = new Turns(1)
    await turns.take(never)
    const impatient = new AbortController()
    const waiting = turns.take(impatient.signal)
    const next = turns.take(never)
    impatient.abort(new Error('too late'))
    await expect(waiting).rejects.toThrow('too late')
    await expect(turns.take(impatient.signal)).rejects.toThrow('too late')
    turns.give()
    await next
  })
})
