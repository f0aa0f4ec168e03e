import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Race } from '../../../src/client/fallback/race.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What becomes of a way: after so many milliseconds it succeeds or fails; without it never does either. */
interface Fate {
  readonly after?: number
  readonly error?: string
}

class Course {
  readonly begun: Record<string, number> = {}
  readonly discarded: string[] = []
  readonly signals: Record<string, AbortSignal> = {}
  readonly race: Race<string, string>
  readonly #start = performance.now()

  constructor(fates: Readonly<Record<string, Fate>>) {
    this.race = new Race({
      ways: Object.keys(fates),
      name: way => way,
      begin: (way, signal) => {
        this.begun[way] = performance.now() - this.#start
        this.signals[way] = signal
        const { after, error } = fates[way] as Fate
        return new Promise((resolve, reject) => {
          if (after === undefined) return
          setTimeout(() => (error === undefined ? resolve(way) : reject(new Error(error))), after)
        })
      },
      discard: late => void this.discarded.push(late),
      stagger: 300,
    })
  }

  get reasons(): (string | undefined)[] {
    return this.race.attempts.map(({ error }) => error?.message)
  }
}

const never = new AbortController().signal

describe('a race', () => {
  it('begins one and no more when that succeeds in time', async () => {
    const { race, begun } = new Course({ a: { after: 299 }, b: {} })
    const won = race.run(never)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await won).toBe('a')
    expect(begun).toEqual({ a: 0 })
    expect(race.attempts).toEqual([{ url: 'a' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('begins the next 300 ms later while the one before says nothing', async () => {
    const course = new Course({ a: {}, b: {}, c: {}, d: { after: 50 } })
    const won = course.race.run(never)
    await vi.advanceTimersByTimeAsync(950)
    expect(await won).toBe('d')
    expect(course.begun).toEqual({ a: 0, b: 300, c: 600, d: 900 })
    expect(course.reasons).toEqual(['no answer in 950 ms', 'no answer in 650 ms', 'no answer in 350 ms', undefined])
  })

  it('begins the next at once when the one before fails', async () => {
    const course = new Course({ a: { after: 5, error: 'refused' }, b: { after: 5, error: 'reset' }, c: { after: 5 } })
    const won = course.race.run(never)
    await vi.advanceTimersByTimeAsync(15)
    expect(await won).toBe('c')
    expect(course.begun).toEqual({ a: 0, b: 5, c: 10 })
    expect(course.reasons).toEqual(['refused', 'reset', undefined])
  })

  it('does not hurry when one fails that is not the last to have begun', async () => {
    const course = new Course({ a: { after: 400, error: 'refused' }, b: {}, c: { after: 10 } })
    const won = course.race.run(never)
    await vi.advanceTimersByTimeAsync(610)
    expect(await won).toBe('c')
    expect(course.begun).toEqual({ a: 0, b: 300, c: 600 })
  })

  it('is won by the first to succeed, whichever began first', async () => {
    const course = new Course({ a: { after: 700 }, b: { after: 500 }, c: {} })
    const won = course.race.run(never)
    await vi.advanceTimersByTimeAsync(700)
    expect(await won).toBe('a')
    // b would have had it at 800, and no sooner.
    await vi.advanceTimersByTimeAsync(100)
    expect(course.discarded).toEqual(['b'])
  })

  it('tells all but the winner to end, and takes what comes too late', async () => {
    const course = new Course({ a: { after: 1_000 }, b: { after: 10 }, c: {} })
    const won = course.race.run(never)
    await vi.advanceTimersByTimeAsync(310)
    expect(await won).toBe('b')
    expect([course.signals['a']?.aborted, course.signals['b']?.aborted]).toEqual([true, false])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(course.discarded).toEqual(['a'])
    expect(Object.keys(course.begun)).toEqual(['a', 'b'])
  })

  it('has one winner when two succeed in one turn', async () => {
    const course = new Course({ a: { after: 310 }, b: { after: 10 } })
    const won = course.race.run(never)
    await vi.advanceTimersByTimeAsync(310)
    const winner = await won
    expect(course.discarded).toEqual(['a', 'b'].filter(way => way !== winner))
  })

  it('has no winner when all fail, as soon as the last one does', async () => {
    const course = new Course({ a: { after: 900, error: 'slow' }, b: { after: 10, error: 'refused' } })
    let end: unknown = 'none'
    void course.race.run(never).then(result => (end = result))
    await vi.advanceTimersByTimeAsync(899)
    expect(end).toBe('none')
    await vi.advanceTimersByTimeAsync(1)
    expect(end).toBeUndefined()
    expect(course.reasons).toEqual(['slow', 'refused'])
  })

  it('ends with the reason of the signal, and then begins nothing', async () => {
    const abort = new AbortController()
    const course = new Course({ a: {}, b: { after: 500 }, c: {} })
    const refused = expect(course.race.run(abort.signal)).rejects.toThrow('enough')
    await vi.advanceTimersByTimeAsync(350)
    abort.abort(new Error('enough'))
    await refused
    await vi.advanceTimersByTimeAsync(1_000)
    expect(Object.keys(course.begun)).toEqual(['a', 'b'])
    expect(Object.values(course.signals).map(({ aborted }) => aborted)).toEqual([true, true])
    expect(course.reasons).toEqual(['no answer in 350 ms', 'no answer in 50 ms'])
    expect(course.discarded).toEqual(['b'])
  })

  it('does not begin when the signal is aborted already', async () => {
    const course = new Course({ a: {} })
    await expect(course.race.run(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    expect(course.begun).toEqual({})
  })
})
