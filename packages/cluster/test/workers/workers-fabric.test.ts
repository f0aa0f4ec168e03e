import type { StreamView } from '@rtmpipe/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WorkerNetwork } from '../support/worker-network.ts'

const key = { app: 'live', streamName: 'name' }

describe('whether another worker publishes a name', () => {
  let network: WorkerNetwork
  beforeEach(async () => void (network = await WorkerNetwork.create()))
  afterEach(() => network.dispose())

  it('is true from the offer to the release, and not for the publishing worker itself', async () => {
    await using one = await network.open()
    await using two = await network.open()
    expect(await two.isElsewhere(key)).toBe(false)
    const claim = await one.claim(key)
    if (claim === undefined) throw new Error('refused')
    expect(await two.isElsewhere(key)).toBe(false)
    one.offer(claim, {} as StreamView)
    expect([await one.isElsewhere(key), await two.isElsewhere(key)]).toEqual([false, true])
    expect(await two.isElsewhere({ ...key, app: 'other' })).toBe(false)
    await claim.release()
    expect(await two.isElsewhere(key)).toBe(false)
  })

  it('leaves nobody watching, and does not stop who watches', async () => {
    await using one = await network.open()
    await using two = await network.open()
    await two.isElsewhere(key)
    expect(network.said.map(({ type }) => type)).toEqual(['watch', 'owner', 'unwatch'])
    const abort = new AbortController()
    const joining = two.join(key, { signal: abort.signal })[Symbol.asyncIterator]().next()
    await two.isElsewhere(key)
    expect(network.said.filter(({ type }) => type === 'unwatch')).toHaveLength(1)
    abort.abort()
    expect(await joining).toMatchObject({ done: true })
    expect(await one.isElsewhere(key)).toBe(false)
  })

  it('is false for a fabric that is disposed, also while it is being asked', async () => {
    const one = await network.open()
    const asked = one.isElsewhere(key)
    await one[Symbol.asyncDispose]()
    expect([await asked, await one.isElsewhere(key)]).toEqual([false, false])
  })
})
