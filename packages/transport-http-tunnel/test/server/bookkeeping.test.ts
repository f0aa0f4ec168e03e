import { describe, expect, it } from 'vitest'
import { AddressQuota, quotaKey } from '../../src/server/address-quota.ts'
import { MissCounter } from '../../src/server/miss-counter.ts'
import { ReplyStore } from '../../src/server/reply-store.ts'
import { Tombstones } from '../../src/server/tombstones.ts'

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
    bodies.forEach((body, sequence) => store.keep(sequence, body))
    expect([0, 1, 2].map(sequence => store.get(sequence))).toEqual([undefined, bodies[1], bodies[2]])
    store.clear()
    expect([1, 2].map(sequence => store.get(sequence))).toEqual([undefined, undefined])
  })
})
