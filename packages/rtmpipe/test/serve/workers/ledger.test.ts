import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../src/serve/workers/ledger.ts'
import type { LedgerRequest } from '../../../src/serve/workers/messages.ts'

/** A ledger, and workers that ask it. */
function open(): { ledger: Ledger; one: Asking; two: Asking } {
  const ledger = new Ledger()
  return { ledger, one: new Asking(ledger), two: new Asking(ledger) }
}

class Asking {
  readonly #ledger: Ledger

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  enter(group: string, limit: number): Promise<boolean> {
    return this.#ask({ type: 'enter', group, limit, request: 1 })
  }

  leave(group: string): Promise<boolean> {
    return this.#ask({ type: 'leave', group })
  }

  spend(id: string): Promise<boolean> {
    return this.#ask({ type: 'spend', id, end: Date.now() + 60_000, max: 10, request: 1 })
  }

  #ask(request: LedgerRequest): Promise<boolean> {
    return this.#ledger.handle(this, request)
  }
}

describe('the ledger of all workers', () => {
  it('counts a group over all of them, and each group alone', async () => {
    const { one, two } = open()
    expect(await one.enter('a', 2)).toBe(true)
    expect(await two.enter('a', 2)).toBe(true)
    expect([await one.enter('a', 2), await two.enter('a', 2)]).toEqual([false, false])
    expect(await one.enter('b', 1)).toBe(true)
    await two.leave('a')
    expect(await one.enter('a', 2)).toBe(true)
  })

  it('takes nothing back twice, nor what another worker has counted', async () => {
    const { one, two } = open()
    await one.enter('a', 1)
    await two.leave('a')
    expect(await two.enter('a', 1)).toBe(false)
    await one.leave('a')
    await one.leave('a')
    expect([await one.enter('a', 1), await one.enter('a', 1)]).toEqual([true, false])
  })

  it('forgets what a worker has counted that is gone', async () => {
    const { ledger, one, two } = open()
    for (const worker of [one, one, two]) expect(await worker.enter('a', 3)).toBe(true)
    ledger.remove(one)
    expect([await two.enter('a', 3), await two.enter('a', 3), await two.enter('a', 3)]).toEqual([true, true, false])
  })

  it('takes each challenge once', async () => {
    const { one, two } = open()
    expect([await one.spend('a'), await two.spend('a'), await two.spend('b')]).toEqual([true, false, true])
  })
})
