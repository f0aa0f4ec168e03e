import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Saver } from '../../src/shared-object/saver.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A save that takes until the test says so. */
function setUp() {
  const saves: { done(): void; fail(error: Error): void }[] = []
  const failures: unknown[] = []
  const save = () => new Promise<void>((done, fail) => void saves.push({ done, fail }))
  const saver = new Saver(save, 1_000, error => failures.push(error))
  return { saver, saves, failures }
}

describe('a saver', () => {
  it('saves once for all changes of a delay, which begins with the first', async () => {
    const { saver, saves } = setUp()
    saver.schedule()
    vi.advanceTimersByTime(600)
    saver.schedule()
    expect(saves).toHaveLength(0)
    vi.advanceTimersByTime(400)
    expect(saves).toHaveLength(1)
    saves[0]?.done()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(saves).toHaveLength(1)
  })

  it('never saves twice at a time, and saves again what changed meanwhile', async () => {
    const { saver, saves } = setUp()
    saver.schedule()
    vi.advanceTimersByTime(1_000)
    saver.schedule()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(saves).toHaveLength(1)
    saves[0]?.done()
    await vi.advanceTimersByTimeAsync(0)
    expect(saves).toHaveLength(2)
    saves[1]?.done()
  })

  it('flushes at once, and is done when the last change is saved', async () => {
    const { saver, saves } = setUp()
    await saver.flush()
    saver.schedule()
    let done = false
    const flushed = saver.flush().then(() => (done = true))
    saver.schedule()
    void saver.flush()
    expect(saves).toHaveLength(1)
    saves[0]?.done()
    await vi.advanceTimersByTimeAsync(0)
    expect(saves).toHaveLength(2)
    expect(done).toBe(false)
    saves[1]?.done()
    await flushed
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([0, 1, 2, 3, 4, 5, 6])('saves what changes %d ticks after a save is done', async ticks => {
    const { saver, saves } = setUp()
    saver.schedule()
    void saver.flush()
    saves[0]?.done()
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve()
    saver.schedule()
    const again = saver.flush()
    await vi.advanceTimersByTimeAsync(0)
    expect(saves).toHaveLength(2)
    saves[1]?.done()
    await again
  })

  it('tells of a failure, and tries again at the next occasion', async () => {
    const { saver, saves, failures } = setUp()
    saver.schedule()
    const flushed = saver.flush()
    saves[0]?.fail(new Error('disk full'))
    await flushed
    expect(failures).toMatchObject([{ message: 'disk full' }])
    const again = saver.flush()
    expect(saves).toHaveLength(2)
    saves[1]?.done()
    await again
    await saver.flush()
    expect(saves).toHaveLength(2)
  })
})
