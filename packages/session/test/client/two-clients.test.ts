import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { ClientSharedObject } from '../../src/client/client-shared-object.ts'
import { TestServer } from '@rtmpipe/testing'
import { ByteServer } from '../support/byte-server.ts'

/** Two clients that use the same object. */
async function pair(server: TestServer): Promise<[ClientSharedObject, ClientSharedObject]> {
  const clients = [await server.connect('live'), await server.connect('live')] as const
  return [await clients[0].sharedObject('so'), await clients[1].sharedObject('so')]
}

/** Does something and waits until both have heard of it. */
async function both(a: ClientSharedObject, b: ClientSharedObject, act: () => void): Promise<void> {
  const synced = Promise.all([once(a, 'sync'), once(b, 'sync')])
  act()
  await synced
}

describe('two clients', () => {
  it('see each other’s changes', async () => {
    await using server = new TestServer()
    const [a, b] = await pair(server)
    const players = ['Ada', 'Bob', { deep: [1, new Date(5), null] }]
    await both(a, b, () => a.set('players', players))
    expect(a.data.get('players')).toEqual(players)
    expect(b.data.get('players')).toEqual(players)
    expect([a.version, b.version]).toEqual([1, 1])
    await both(a, b, () => b.delete('players'))
    expect([a.data.size, b.data.size]).toEqual([0, 0])
  })

  it('end with the same state when both write at once', async () => {
    await using server = new TestServer()
    const [a, b] = await pair(server)
    for (let round = 0; round < 20; round += 1) {
      a.set('x', `a${round}`)
      b.set('x', `b${round}`)
      if (round % 3 === 0) a.delete('x')
    }
    const done = [once(a, 'message'), once(b, 'message')]
    a.send('done')
    await Promise.all(done)
    // The message of b may still be under way: another round makes both see the end.
    const again = [once(a, 'message'), once(b, 'message')]
    b.send('done')
    await Promise.all(again)
    const truth = Object.fromEntries(server.server.sharedObjects.get('live', 'so')?.data ?? [])
    expect(Object.fromEntries(a.data)).toEqual(truth)
    expect(Object.fromEntries(b.data)).toEqual(truth)
  })

  it('hear each other’s messages', async () => {
    await using server = new TestServer()
    const [a, b] = await pair(server)
    const heard = [once(a, 'message'), once(b, 'message')]
    a.send('hello', 'world', 2)
    expect(await Promise.all(heard)).toEqual([
      ['hello', ['world', 2]],
      ['hello', ['world', 2]],
    ])
  })

  it('over a chunk stream see bytes that only AMF3 carries', async () => {
    await using server = await ByteServer.listening()
    const [a, b] = [await server.client(), await server.client()]
    const [first, second] = [await a.sharedObject('so'), await b.sharedObject('so')]
    const bytes = new Uint8Array(100_000).fill(7)
    await both(first, second, () => first.set('bytes', bytes))
    expect(Buffer.compare(second.data.get('bytes') as Uint8Array, bytes)).toBe(0)
    await Promise.all([a.close(), b.close()])
  })
})

describe('the server', () => {
  it('reads and writes what clients use, and hears of their changes', async () => {
    await using server = new TestServer()
    const [a, b] = await pair(server)
    const object = server.server.sharedObjects.get('live', 'so')
    if (object === undefined) throw new Error('there is no object')
    expect([object.app, object.name, object.persistent, object.userCount]).toEqual(['live', 'so', false, 2])

    const changed = once(object, 'change')
    await both(a, b, () => a.set('x', 1))
    const [{ connection, ...change }] = await changed
    expect(change).toEqual({ version: 1, cleared: false, changed: new Map([['x', 1]]), removed: [] })
    expect([...server.server.connections]).toContain(connection)

    await both(a, b, () => object.set('y', 2))
    expect([a.data.get('y'), b.data.get('y'), object.get('y')]).toEqual([2, 2, 2])
    await both(a, b, () => object.delete('x'))
    expect([...b.data.keys()]).toEqual(['y'])
    await both(a, b, () => object.clear())
    expect([a.data.size, b.data.size, object.data.size, object.byteLength]).toEqual([0, 0, 0, 0])
    expect(object.version).toBe(4)

    const heard = once(b, 'message')
    object.send('notice', 'soon')
    expect(await heard).toEqual(['notice', ['soon']])
  })

  it('hears messages and its own changes', async () => {
    await using server = new TestServer()
    const [a] = await pair(server)
    const object = await server.server.sharedObjects.open('live', 'so')
    const told: unknown[] = []
    object.on('change', ({ changed, removed, cleared, connection }) =>
      told.push([Object.fromEntries(changed), removed, cleared, connection]),
    )
    object.on('message', ({ handler, args, connection }) => told.push([handler, args, connection?.app]))
    object.set('x', 1)
    object.delete('x')
    object.delete('x')
    object.set('y', 1)
    object.clear()
    object.clear()
    const sent = once(a, 'message')
    a.send('hi', 1)
    await sent
    expect(told).toEqual([
      [{ x: 1 }, [], false, undefined],
      [{}, ['x'], false, undefined],
      [{ y: 1 }, [], false, undefined],
      [{}, [], true, undefined],
      ['hi', [1], 'live'],
    ])
  })

  it('keeps an object that it has opened until it releases it', async () => {
    await using server = new TestServer()
    const { sharedObjects } = server.server
    const object = await sharedObjects.open('live', 'so')
    object.set('x', 1)
    const client = await server.connect('live')
    const used = await client.sharedObject('so')
    expect(used.data.get('x')).toBe(1)
    used.close()
    await expect.poll(() => object.userCount, { interval: 1 }).toBe(0)
    expect(sharedObjects.get('live', 'so')).toBe(object)
    const closed = once(object, 'close')
    sharedObjects.release(object)
    sharedObjects.release(object)
    await closed
    expect(sharedObjects.size).toBe(0)
    expect(() => object.set('x', 2)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })

  it('tells objects apart by application and name', async () => {
    await using server = new TestServer()
    const { sharedObjects } = server.server
    await Promise.all([sharedObjects.open('a', 'b/c'), sharedObjects.open('a/b', 'c')])
    expect([...sharedObjects].map(({ app, name }) => [app, name])).toEqual([
      ['a', 'b/c'],
      ['a/b', 'c'],
    ])
    expect(sharedObjects.get('a', 'b')).toBeUndefined()
    await expect(sharedObjects.open('a', 'b/c', { persistent: true })).rejects.toMatchObject({
      code: 'RTMP_ERR_SHARED_OBJECT_PERSISTENCE',
    })
  })

  it('goes on when a listener throws', async () => {
    await using server = new TestServer()
    const [a, b] = await pair(server)
    const object = server.server.sharedObjects.get('live', 'so')
    const heard: string[] = []
    object?.on('change', () => {
      throw new Error('a bug')
    })
    object?.on('change', () => heard.push('change'))
    await both(a, b, () => a.set('x', 1))
    expect(heard).toEqual(['change'])
    await both(a, b, () => a.set('x', 2))
    expect(b.data.get('x')).toBe(2)
  })
})
