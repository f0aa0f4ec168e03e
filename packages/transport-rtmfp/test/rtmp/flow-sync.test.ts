import { expect, it } from 'vitest'
import { FlowSync } from '../../src/rtmp/flow-sync.ts'

const flows = (count: number) => Array.from({ length: count }, () => ({ isSynchronizing: false }))

it('flows wait until all have come', () => {
  const sync = new FlowSync()
  const [a, b, c] = flows(3) as [
    { isSynchronizing: boolean },
    { isSynchronizing: boolean },
    { isSynchronizing: boolean },
  ]
  sync.arrived(a, 8, 3, 0)
  sync.arrived(b, 8, 3, 0)
  expect([a.isSynchronizing, b.isSynchronizing]).toEqual([true, true])
  sync.arrived(c, 8, 3, 0)
  expect([a, b, c].map(it => it.isSynchronizing)).toEqual([false, false, false])
  expect(sync.deadline).toBe(Number.POSITIVE_INFINITY)
})

it('a barrier for one flow is none', () => {
  const sync = new FlowSync()
  const [a] = flows(1) as [{ isSynchronizing: boolean }]
  sync.arrived(a, 1, 1, 0)
  sync.arrived(a, 2, 0, 0)
  expect(a.isSynchronizing).toBe(false)
})

it('opens after two seconds, or when a flow that waits is over', () => {
  const sync = new FlowSync()
  const [a, b] = flows(2) as [{ isSynchronizing: boolean }, { isSynchronizing: boolean }]
  sync.arrived(a, 1, 2, 100)
  expect(sync.deadline).toBe(2_100)
  sync.tick(2_099)
  expect(a.isSynchronizing).toBe(true)
  sync.tick(2_100)
  expect(a.isSynchronizing).toBe(false)
  sync.arrived(a, 2, 3, 3_000)
  sync.arrived(b, 2, 3, 3_000)
  sync.ended(b)
  expect(a.isSynchronizing).toBe(false)
})

it('more than 16 barriers open the oldest', () => {
  const sync = new FlowSync()
  const all = flows(17)
  all.forEach((flow, index) => sync.arrived(flow, index, 2, index))
  expect(all.map(it => it.isSynchronizing)).toEqual([false, ...Array.from({ length: 16 }, () => true)])
})
