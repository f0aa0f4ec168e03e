import { describe, expect, it } from 'vitest'
import { GateAnswers } from '../../src/pages/gate-answers.ts'
import { Turns } from '../../src/pages/turns.ts'

describe('answers of gates', () => {
  it('hold for half a minute', async () => {
    let [now, asked] = [0, 0]
    const answers = new GateAnswers(() => now)
    const ask = async () => ++asked % 2 === 1
    expect(await answers.get('one', ask)).toBe(true)
    now = 29_999
    expect(await answers.get('one', ask)).toBe(true)
    expect(await answers.get('two', ask)).toBe(false)
    now = 30_000
    expect(await answers.get('one', ask)).toBe(true)
    expect(asked).toBe(3)
  })

  it('are a no when the question fails, which is asked again', async () => {
    const answers = new GateAnswers(() => 0)
    expect(await answers.get('one', () => Promise.reject(new Error('the server closes')))).toBe(false)
    expect(await answers.get('one', async () => true)).toBe(true)
  })

  it('are forgotten, the oldest first, when there are too many', async () => {
    const answers = new GateAnswers(() => 0)
    for (let at = 0; at < 20_005; at++) await answers.get(String(at), async () => true)
    expect(answers.size).toBe(20_000)
    let asked = 0
    await answers.get('20004', async () => ++asked > 0)
    await answers.get('0', async () => ++asked > 0)
    expect(asked).toBe(1)
  })
})

describe('turns', () => {
  it('let so many act at a time, so many wait, and nobody else in', async () => {
    const turns = new Turns(2, 1)
    const ends: (() => void)[] = []
    const act = () => new Promise<void>(resolve => ends.push(resolve))
    const [one, two, three] = [turns.take(act), turns.take(act), turns.take(act)]
    expect(turns.take(act)).toBeUndefined()
    expect(ends.length).toBe(2)
    ends[0]?.()
    await one
    await Promise.resolve()
    expect(ends.length).toBe(3)
    ends[1]?.()
    ends[2]?.()
    await Promise.all([two, three])
    const failed = turns.take(() => Promise.reject(new Error('it failed')))
    await expect(failed).rejects.toThrow('it failed')
    const [four, five] = [turns.take(act), turns.take(act)]
    expect(ends.length).toBe(5)
    for (const end of ends) end()
    await Promise.all([four, five])
  })
})
