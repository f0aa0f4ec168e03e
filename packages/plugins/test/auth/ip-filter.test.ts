import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { canonicalAddress } from '../../src/address.ts'
import { AddressList } from '../../src/auth/address-list.ts'
import { ipFilter } from '../../src/auth/index.ts'
import { connectFrom } from './support/connect-from.ts'

describe('AddressList', () => {
  it.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:DB8:0::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['0.0.0.0/0', 'memory', false],
    ['::/0', '', false],
  ])('%s, %s: %s', (entry, address, expected) => {
    expect(new AddressList([entry]).includes(address)).toBe(expected)
  })

  it.each([
    '',
    'nonsense',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '::ffff:10.0.0.0/95',
    '10.0.0',
  ])('refuses %j', entry => {
    expect(() => new AddressList([entry])).toThrow(/is neither an IP address nor a network/)
  })
})

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::FFFF:127.0.0.1', '127.0.0.1'],
  ['::ffff:7f00:1', '127.0.0.1'],
  ['[2001:DB8:0:0::1]', '2001:db8::1'],
  ['fe80::1%lo', 'fe80::1'],
  ['memory', undefined],
])('the canonical form of %s is %s', (address, canonical) => {
  expect(canonicalAddress(address)).toBe(canonical)
})

describe('ipFilter', () => {
  const rejected = { statusCode: 'NetConnection.Connect.Rejected', description: 'not from this address' }

  it('lets in who is on the list, unless he is on the other one', async () => {
    const plugin = ipFilter({ allow: ['10.0.0.0/8', '2001:db8::/32'], deny: ['10.9.0.0/16'] })
    await using server = new TestServer({ plugins: [plugin] })
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::7']) {
      const client = await connectFrom(server, address, 'live')
      client.messages.destroy()
    }
    for (const address of ['10.9.2.3', '::ffff:10.9.2.3', '192.0.2.1', '::1']) {
      await expect(connectFrom(server, address, 'live')).rejects.toMatchObject(rejected)
    }
  })

  it('lets in everybody else where there is only a list of who may not', async () => {
    await using server = new TestServer({ plugins: [ipFilter({ deny: ['192.0.2.0/24'] })] })
    await expect(connectFrom(server, '192.0.2.1', 'live')).rejects.toMatchObject(rejected)
    const client = await connectFrom(server, '192.0.3.1', 'live')
    client.messages.destroy()
  })

  it('asks only publishers when told so', async () => {
    await using server = new TestServer({ plugins: [ipFilter({ allow: ['10.0.0.0/8'], actions: ['publish'] })] })
    const [near, far] = [await connectFrom(server, '10.0.0.1', 'live'), await connectFrom(server, '192.0.2.1', 'live')]
    await near.publish('name')
    await far.play('name')
    await expect(far.publish('other')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
    for (const { messages } of [near, far]) messages.destroy()
  })
})
