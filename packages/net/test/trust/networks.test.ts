import { describe, expect, it } from 'vitest'
import { canonicalAddress, Networks, TrustError } from '../../src/index.ts'

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2.256', undefined],
    ['192.0.2', undefined],
    ['example.org', undefined],
    ['', undefined],
    ['[::1]', undefined],
    [' 192.0.2.1', undefined],
    ['1'.repeat(100_000), undefined],
  ])('%s is %s', (text, canonical) => expect(canonicalAddress(text)).toBe(canonical))
})

describe('Networks', () => {
  it.each([
    [['192.0.2.1'], '192.0.2.1', true],
    [['192.0.2.1'], '192.0.2.2', false],
    [['192.0.2.1'], '::ffff:192.0.2.1', true],
    [['::ffff:192.0.2.1'], '192.0.2.1', true],
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['::ffff:10.0.0.0/104'], '10.255.0.1', true],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['0.0.0.0/0'], '::1', false],
    [['loopback'], '127.8.8.8', true],
    [['loopback'], '::1', true],
    [['loopback'], '10.0.0.1', false],
    [['private'], '192.168.1.1', true],
    [['private'], 'fd00::1', true],
    [['private'], '127.0.0.1', true],
    [['private'], '172.32.0.1', false],
    [['uniquelocal'], '127.0.0.1', false],
    [['linklocal'], 'fe80::1%eth0', true],
    [[' 192.0.2.1 '], '192.0.2.1', true],
    [['192.0.2.1'], 'no address', false],
    [[], '127.0.0.1', false],
  ])('%j with %s: %s', (entries, address, isIn) => expect(new Networks(entries).includes(address)).toBe(isIn))

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/8',
    'toString',
  ])('refuses %j and says what would do', entry => {
    const make = () => new Networks([entry])
    expect(make).toThrow(TrustError)
    expect(make).toThrow(/no IP address, no network like 10\.0\.0\.0\/8/)
  })
})
