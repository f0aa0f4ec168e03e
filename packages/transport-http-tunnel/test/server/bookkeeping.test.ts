import { describe, expect, it } from 'vitest'
import { resolveTunnelLimits } from '../../src/limits.ts'
import { AddressQuota, quotaKey } from '../../src/server/address-quota.ts'
import { MissCounter } from '../../src/server/miss-counter.ts'
import { openerOf } from '../../src/server/opener.ts'
import type { Origin } from '../../src/server/origin.ts'
import { ReplyStore } from '../../src/server/reply-store.ts'
import { SessionIds } from '../../src/server/session-id.ts'
import { SessionTable } from '../../src/server/session-table.ts'
import { Tombstones } from '../../src/server/tombstones.ts'
import type { TunnelSession } from '../../src/server/tunnel-session.ts'

describe('quotaKey', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1:2:3:4%eth0', 'fe80:0:0:0'],
    ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
    ['', ''],
  ])('counts %s under %s', (address, key) => expect(quotaKey(address)).toBe(key))
})

describe('AddressQuota', () => {
  it('counts each key by itself and forgets those without any', () => {
    const quota = new AddressQuota()
    quota.add('a')
    quota.add('a')
    quota.add('b')
    expect([quota.count('a'), quota.count('b'), quota.count('c')]).toEqual([2, 1, 0])
    quota.remove('a')
    quota.remove('b')
    quota.remove('c')
    expect([quota.count('a'), quota.count('b'), quota.count('c')]).toEqual([1, 0, 0])
  })
})

describe('SessionTable', () => {
  const ids = new SessionIds('')
  const session = () => ({ id: ids.create('a', 0) }) as TunnelSession
  const origin: Origin = { address: '192.0.2.1', port: 0, secure: false }
  const proxy: Origin = { ...origin, viaProxy: true }

  it('counts for an address what is not pending, and nothing for a proxy that does not say whom it speaks for', () => {
    const table = new SessionTable(resolveTunnelLimits({ maxSessionsPerAddress: 1 }))
    for (const from of [origin, proxy, proxy, proxy]) {
      const each = session()
      table.add(each, from)
      expect(table.refusal(origin) === undefined).toBe(from === origin)
      expect(table.settle(each)).toBeUndefined()
    }
    expect(table.refusal(origin)).toBe('more than 1 sessions from 192.0.2.1')
    expect(table.refusal(proxy)).toBeUndefined()
    expect(table.refusal({ ...origin, address: '192.0.2.2' })).toBeUndefined()
  })

  it('takes back what has gone, pending or not', () => {
    const table = new SessionTable(resolveTunnelLimits({ maxSessionsPerAddress: 1, maxPending: 1 }))
    const [settled, pending] = [session(), session()]
    table.add(settled, origin)
    table.settle(settled)
    table.add(pending, origin)
    expect(table.inTheWay).toBe(pending)
    expect([table.delete(pending), table.delete(pending)]).toEqual([true, false])
    expect(table.inTheWay).toBeUndefined()
    expect(table.refusal(origin)).toBeDefined()
    table.delete(settled)
    expect([table.refusal(origin), table.size]).toEqual([undefined, 0])
  })
})

describe('openerOf', () => {
  it('tells addresses apart, and a proxy from who comes from the same address', () => {
    const from = (address: string, viaProxy?: boolean) => openerOf({ address, port: 0, secure: false, viaProxy })
    const openers = [from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.1', true), from('2001:db8::1')]
    expect(new Set(openers).size).toBe(4)
    expect(from('2001:db8::2')).toBe(from('2001:db8::1'))
  })
})

describe('MissCounter', () => {
  it('finds more than twenty in a minute implausible, for each address', () => {
    const misses = new MissCounter()
    for (let count = 0; count < 20; count++) expect(misses.miss('a', 60_000 + count)).toBe(false)
    expect(misses.miss('a', 60_100)).toBe(true)
    expect(misses.miss('b', 60_100)).toBe(false)
    expect(misses.miss('a', 120_000)).toBe(false)
  })

  it('watches a bounded number of addresses', () => {
    const misses = new MissCounter()
    for (let count = 0; count < 21; count++) misses.miss('guesser', 0)
    for (let address = 0; address < 10_000; address++) misses.miss(String(address), 0)
    expect(misses.miss('guesser', 0)).toBe(false)
  })
})

describe('Tombstones', () => {
  it('answer three times, and not after 30 s', () => {
    const tombstones = new Tombstones(10)
    tombstones.add('a', 0)
    tombstones.add('b', 0)
    expect([1, 2, 3, 4].map(now => tombstones.answers('a', now))).toEqual([true, true, true, false])
    expect(tombstones.answers('b', 29_999)).toBe(true)
    expect(tombstones.answers('b', 30_000)).toBe(false)
    expect(tombstones.answers('c', 0)).toBe(false)
  })

  it('know who has ended for as long as an id is good', () => {
    const tombstones = new Tombstones(10, 60_000)
    tombstones.add('a', 0)
    for (let count = 0; count < 4; count++) tombstones.answers('a', 1)
    expect([tombstones.has('a', 59_999), tombstones.has('a', 60_000), tombstones.has('b', 1)]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('have the last replies, the newest 8 MiB of them', () => {
    const tombstones = new Tombstones(100)
    const last = (length: number) => {
      const store = new ReplyStore()
      store.keep('idle', 7, Buffer.alloc(length))
      return store
    }
    for (let id = 0; id < 10; id++) tombstones.add(String(id), id, last(1024 * 1024))
    expect(tombstones.replyTo('9', 7)?.length).toBe(1024 * 1024)
    expect(tombstones.replyTo('9', 8)).toBeUndefined()
    expect(tombstones.replyTo('9', undefined)).toBeUndefined()
    expect([0, 1, 2, 3].map(id => tombstones.replyTo(String(id), 7) === undefined)).toEqual([true, true, false, false])
    expect(tombstones.answers('0', 10)).toBe(true)
  })

  it('forget the oldest first', () => {
    const tombstones = new Tombstones(2)
    for (const id of ['a', 'b', 'c']) tombstones.add(id, 0)
    expect(['a', 'b', 'c'].map(id => tombstones.answers(id, 1))).toEqual([false, true, true])
  })
})

describe('ReplyStore', () => {
  it('has the last two replies', () => {
    const store = new ReplyStore()
    const bodies = [0, 1, 2].map(byte => Buffer.from([byte]))
    bodies.forEach((body, sequence) => store.keep('send', sequence, body))
    expect([0, 1, 2].map(sequence => store.get(sequence))).toEqual([undefined, bodies[1], bodies[2]])
    expect(store.length).toBe(2)
  })

  it('has the last reply of each kind, however many of the other came since', () => {
    const store = new ReplyStore()
    const body = Buffer.from('data')
    store.keep('idle', 0, body)
    for (let sequence = 1; sequence < 9; sequence++) store.keep('send', sequence, Buffer.from([1]))
    expect([0, 6, 7, 8].map(sequence => store.get(sequence)?.length)).toEqual([4, undefined, 1, 1])
    store.keep('idle', 9, body)
    expect(store.get(0)).toBeUndefined()
  })
})
