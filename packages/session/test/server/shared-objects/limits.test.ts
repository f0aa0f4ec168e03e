import { describe, expect, it } from 'vitest'
import type { SharedObjectLimits } from '../../../src/shared-object/limits.ts'
import { SharedObjects } from '../../../src/shared-object/shared-objects.ts'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'
import { allShown, answers } from '../../shared-object/support/bodies.ts'
import {
  change,
  clear,
  event,
  one,
  raw,
  refusal,
  release,
  remove,
  removed,
  send,
  setOne,
  setTwo,
  success,
  text,
  use,
  useSuccess,
} from '../../shared-object/support/body.ts'

const limited = (limits: Partial<SharedObjectLimits>) => new RawServer({ sharedObjects: { limits } })
const creationFailed = refusal('SharedObject.ObjectCreationFailed')
const noWriteAccess = refusal('SharedObject.NoWriteAccess')

async function user(server: RawServer, name = 'so'): Promise<RawPeer> {
  const peer = (await server.peer().connect()).send(raw(name, 0, 0, use))
  await answers(peer)
  return peer
}

/** RequestChange to a string of so many characters. */
const setText = (key: string, length: number) =>
  event(3, `${text(key)}02${length.toString(16).padStart(4, '0')}${'78'.repeat(length)}`)

describe('a connection', () => {
  it('uses so many objects at a time', async () => {
    await using server = limited({ maxObjectsPerConnection: 2 })
    const peer = await user(server, 'a')
    await answers(peer.send(raw('b', 0, 0, use)))
    expect(await answers(peer.send(raw('c', 0, 0, use)))).toEqual(allShown(raw('c', 0, 0, creationFailed)))
    expect(await answers(peer.send(raw('a', 0, 0, use)))).toEqual(allShown(raw('a', 0, 0, useSuccess, clear)))
    await answers(peer.send(raw('a', 0, 0, release)))
    expect(await answers(peer.send(raw('c', 0, 0, use)))).toEqual(allShown(raw('c', 0, 0, useSuccess, clear)))
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LIMIT' }])
  })

  it('sends so many messages a second, and is closed at the next', async () => {
    await using server = limited({ maxMessagesPerSecond: 4 })
    const peer = await user(server)
    for (let count = 0; count < 3; count += 1) peer.send(raw('so', 0, 0, setOne('a'), setOne('b')))
    expect(await answers(peer)).toHaveLength(3)
    peer.send(raw('so', 0, 0, event(99)))
    expect(await peer.rest()).toEqual([['onStatus', 0, 0, null, 'error NetConnection.Connect.Rejected']])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_RATE' }])
  })

  it('sends names of so many characters', async () => {
    await using server = limited({ maxNameLength: 3 })
    const peer = await user(server, 'abc')
    expect(await answers(peer.send(raw('abcd', 0, 0, use)))).toEqual(allShown(raw('abcd', 0, 0, creationFailed)))
  })

  it('sends messages that are not longer than an object may be, and a little', async () => {
    await using server = limited({ maxObjectBytes: 1_000 })
    const peer = await user(server)
    const message = (length: number) => raw('so', 0, 0, event(99, '00'.repeat(length - 16 - 5)))
    expect(await answers(peer.send(message(1_000 + 65_536)))).toEqual([])
    peer.send(message(1_000 + 65_537))
    expect(await peer.rest()).toEqual([['onStatus', 0, 0, null, 'error NetConnection.Connect.Rejected']])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LENGTH' }])
  })
})

describe('an application', () => {
  it('has so many objects in memory', async () => {
    await using server = limited({ maxObjectsPerApp: 2 })
    const [peer] = [await user(server, 'a'), await user(server, 'b')]
    expect(await answers(peer.send(raw('c', 0, 0, use)))).toEqual(allShown(raw('c', 0, 0, creationFailed)))
    // Others use the ones there are, and another application has its own.
    expect(await answers(peer.send(raw('b', 0, 0, use)))).toEqual(allShown(raw('b', 0, 0, useSuccess, clear)))
    const stranger = (await server.peer().connect('other')).send(raw('c', 0, 0, use))
    expect(await answers(stranger)).toEqual(allShown(raw('c', 0, 0, useSuccess, clear)))
    await answers(peer.send(raw('a', 0, 0, release)))
    expect(await answers(peer.send(raw('c', 0, 0, use)))).toEqual(allShown(raw('c', 0, 0, useSuccess, clear)))
  })
})

describe('an object', () => {
  it('has so many properties; a write beyond is refused and undone', async () => {
    await using server = limited({ maxProperties: 2 })
    const peer = await user(server)
    await answers(peer.send(raw('so', 0, 0, setOne('a'), setOne('b'))))
    expect(await answers(peer.send(raw('so', 1, 0, setOne('c'))))).toEqual(
      allShown(raw('so', 1, 0, noWriteAccess, removed('c'))),
    )
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LIMIT', sharedObject: 'so' }])
    // Nothing of a batch takes effect when one of it does not.
    expect(await answers(peer.send(raw('so', 1, 0, setTwo('a'), setOne('c'))))).toEqual(
      allShown(raw('so', 1, 0, noWriteAccess, change(['a', one]), removed('c'))),
    )
    // One for another is no more than before.
    expect(await answers(peer.send(raw('so', 1, 0, setOne('c'), remove('a'))))).toEqual(
      allShown(raw('so', 2, 0, success('c'), removed('a'))),
    )
  })

  it('has so many bytes of keys and values', async () => {
    await using server = limited({ maxObjectBytes: 100 })
    const peer = await user(server)
    // 2 + 1 for the key, 1 + 2 for marker and length.
    expect(await answers(peer.send(raw('so', 0, 0, setText('a', 94))))).toEqual(allShown(raw('so', 1, 0, success('a'))))
    expect(server.server.sharedObjects.get('live', 'so')?.byteLength).toBe(100)
    expect(await answers(peer.send(raw('so', 1, 0, setText('b', 0))))).toEqual(
      allShown(raw('so', 1, 0, noWriteAccess, removed('b'))),
    )
    await answers(peer.send(raw('so', 1, 0, setText('a', 88))))
    expect(await answers(peer.send(raw('so', 1, 0, setText('b', 0))))).toEqual(allShown(raw('so', 3, 0, success('b'))))
  })

  it('shares so many bytes with all others', async () => {
    const objects = new SharedObjects({ limits: { maxTotalBytes: 100 } })
    const [a, b] = [await objects.open('live', 'a'), await objects.open('other', 'b')]
    a.set('a', 'x'.repeat(54))
    b.set('a', 'x'.repeat(34))
    const crossed = expect.objectContaining({ name: 'LimitError', code: 'RTMP_ERR_SHARED_OBJECT_LIMIT' })
    expect(() => b.set('b', '')).toThrow(crossed)
    expect([...b.data.keys()]).toEqual(['a'])
    a.set('a', '')
    b.set('b', 'x'.repeat(48))
    expect(() => a.set('b', '')).toThrow(crossed)
    // What is forgotten or cleared makes room.
    b.clear()
    a.set('a', 'x'.repeat(94))
    objects.release(a)
    b.set('a', 'x'.repeat(94))
    expect(b.byteLength).toBe(100)
  })

  it('takes values that grow when they are written out, within reason', async () => {
    await using server = limited({})
    const peer = await user(server)
    // An array of a string of 10,000 and of references to an object that holds it: 4 bytes each become 10,007.
    const text10k = `02 2710 ${'78'.repeat(10_000)}`
    const bomb = (count: number) =>
      `${text('a')} 0a ${(count + 1).toString(16).padStart(8, '0')} 0a 00000001 ${text10k} ${'07 0001'.repeat(count)}`
    expect(await answers(peer.send(raw('so', 0, 0, event(3, bomb(15)))))).toEqual(
      allShown(raw('so', 1, 0, success('a'))),
    )
    const refused = await answers(peer.send(raw('so', 0, 0, event(3, bomb(60)))))
    expect(refused).toHaveLength(1)
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_AMF_BYTE_LENGTH' }])
    expect(server.server.sharedObjects.get('live', 'so')?.version).toBe(1)
    expect(await answers(peer.send(raw('so', 1, 0, send('x'))))).toHaveLength(1)
  })
})
