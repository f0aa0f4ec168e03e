import type { AmfValue } from '@rtmpipe/amf'
import { describe, expect, it } from 'vitest'
import type {
  ClientSharedObject,
  ClientSharedObjectOptions,
  SharedObjectSync,
} from '../../src/client/client-shared-object.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { allShown, answers } from '../shared-object/support/bodies.ts'
import {
  change,
  clear,
  event,
  one,
  raw,
  raw16,
  refusal,
  release,
  remove,
  removed,
  send,
  setOne,
  success,
  text,
  two,
  use,
  useSuccess,
  yes,
} from '../shared-object/support/body.ts'
import { connectedClient } from '../shared-object/support/raw-server-side.ts'

// What the server says is put together by hand, see support/body.ts.

interface Told {
  readonly synced: (readonly SharedObjectSync[])[]
  readonly changed: [string, AmfValue][]
  readonly messages: [string, readonly AmfValue[]][]
  readonly statuses: unknown[]
  readonly closed: (Error | undefined)[]
}

function listen(object: ClientSharedObject): Told {
  const told: Told = { synced: [], changed: [], messages: [], statuses: [], closed: [] }
  object.on('sync', changes => told.synced.push(changes))
  object.on('change', (key, value) => told.changed.push([key, value]))
  object.on('message', (handler, args) => told.messages.push([handler, args]))
  object.on('status', status => told.statuses.push(status))
  object.on('close', error => told.closed.push(error))
  return told
}

/** A client that uses "so", which has "a" = 1 at version 3. */
async function inUse(options: ClientSharedObjectOptions = {}) {
  const { client, server } = await connectedClient()
  const asked = client.sharedObject('so', options)
  await server.messagesSoFar()
  server.send(raw('so', 3, 0, useSuccess, clear, change(['a', one])))
  const object = await asked
  return { client, server, object, told: listen(object) }
}

/** All that was said to the client has reached it. */
const heard = (server: RawPeer) => server.messagesSoFar()

describe('a client that uses a shared object', () => {
  it.each([
    [false, 0],
    [true, 2],
  ])('says Use, persistent %s in its flags, and has the state that UseSuccess came with', async (persistent, flags) => {
    const { client, server } = await connectedClient()
    const asked = client.sharedObject('so', { persistent })
    expect(await answers(server)).toEqual(allShown(raw('so', 0, flags, use)))
    server.send(raw('so', 7, flags, useSuccess, clear, change(['a', one], ['b', yes])))
    const object = await asked
    expect([object.name, object.persistent, object.version]).toEqual(['so', persistent, 7])
    expect([...object.data]).toEqual([
      ['a', 1],
      ['b', true],
    ])
  })

  it('takes the state in events of their own and in type 16', async () => {
    const { client, server } = await connectedClient()
    const asked = client.sharedObject('so')
    server.send(raw16('so', 1, 0, useSuccess, clear, change(['a', one]), event(4, `${text('b')} 11 04 02`)))
    const object = await asked
    expect(Object.fromEntries(object.data)).toEqual({ a: 1, b: 2 })
  })

  it('that is refused by Status fails with it, and may ask again', async () => {
    const { client, server } = await connectedClient()
    const asked = client.sharedObject('so')
    server.send(raw('so', 0, 0, refusal('SharedObject.BadPersistence')))
    await expect(asked).rejects.toMatchObject({ name: 'StatusError', statusCode: 'SharedObject.BadPersistence' })
    const again = client.sharedObject('so', { persistent: true })
    server.send(raw('so', 0, 2, useSuccess, clear))
    expect((await again).data.size).toBe(0)
  })

  it('uses a name once at a time', async () => {
    const { client } = await inUse()
    await expect(client.sharedObject('so')).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
  })

  it('hears everything that comes after it has the object', async () => {
    const { client, server } = await connectedClient()
    const asked = client.sharedObject('so')
    await server.messagesSoFar()
    server.send(raw('so', 0, 0, useSuccess, clear)).send(raw('so', 1, 0, change(['a', one])))
    const told = listen(await asked)
    await heard(server)
    expect(told.changed).toEqual([['a', 1]])
  })
})

describe('what a client asks for', () => {
  it('set is RequestChange, and is seen when the server answers Success', async () => {
    const { server, object, told } = await inUse()
    object.set('b', 1)
    expect(await answers(server)).toEqual(allShown(raw('so', 3, 0, setOne('b'))))
    expect(object.data.has('b')).toBe(false)
    server.send(raw('so', 4, 0, success('b')))
    await heard(server)
    expect(object.data.get('b')).toBe(1)
    expect(object.version).toBe(4)
    expect(told.synced).toEqual([[{ code: 'success', key: 'b' }]])
    expect(told.changed).toEqual([['b', 1]])
  })

  it('several sets of one property are answered in their order, whatever others change between', async () => {
    const { server, object, told } = await inUse()
    object.set('a', 1)
    object.set('a', 2)
    server.send(raw('so', 4, 0, change(['a', yes])))
    server.send(raw('so', 5, 0, success('a'))).send(raw('so', 6, 0, success('a')))
    await heard(server)
    expect(told.changed.map(([, value]) => value)).toEqual([true, 1, 2])
  })

  it('delete is RequestRemove, and is seen when the server says Remove', async () => {
    const { server, object, told } = await inUse()
    object.delete('a')
    expect(await answers(server)).toEqual(allShown(raw('so', 3, 0, remove('a'))))
    expect(object.data.has('a')).toBe(true)
    server.send(raw('so', 4, 0, removed('a')))
    await heard(server)
    expect(object.data.has('a')).toBe(false)
    expect(told.synced).toEqual([[{ code: 'delete', key: 'a' }]])
  })

  it('clear is RequestRemove of everything there is, in one message', async () => {
    const { server, object } = await inUse()
    server.send(raw('so', 4, 0, change(['b', two])))
    await heard(server)
    object.clear()
    expect(await answers(server)).toEqual(allShown(raw('so', 4, 0, remove('a'), remove('b'))))
  })

  it('clear of very much is several messages', async () => {
    const { server, object } = await inUse({ limits: { maxProperties: 3_000 } })
    server.send(raw('so', 4, 0, ...Array.from({ length: 2_000 }, (_, index) => change([`k${index}`, yes]))))
    await heard(server)
    object.clear()
    expect(await answers(server)).toHaveLength(3)
  })

  it('send is SendMessage, and is told when the server says it', async () => {
    const { server, object, told } = await inUse()
    object.send('hello', 1, 'x')
    const message = raw('so', 3, 0, send('hello', one, `02${text('x')}`))
    expect(await answers(server)).toEqual(allShown(message))
    expect(told.messages).toEqual([])
    server.send(message)
    await heard(server)
    expect(told.messages).toEqual([['hello', [1, 'x']]])
    expect(told.synced).toEqual([])
  })

  it('close is Release; it is told once, and nothing works after it', async () => {
    const { client, server, object, told } = await inUse()
    object.close()
    object.close()
    expect(await answers(server)).toEqual(allShown(raw('so', 3, 0, release)))
    expect(told.closed).toEqual([undefined])
    expect(() => object.set('a', 1)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
    server.send(raw('so', 4, 0, change(['a', two])))
    await heard(server)
    expect(told.changed).toEqual([])
    const again = client.sharedObject('so')
    server.send(raw('so', 4, 0, useSuccess, clear))
    expect((await again).data.size).toBe(0)
  })

  it('a value AMF has no type for is not sent', async () => {
    const { server, object } = await inUse()
    expect(() => object.set('a', (() => {}) as unknown as AmfValue)).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_AMF_VALUE' }),
    )
    expect(await answers(server)).toEqual([])
  })
})

describe('what a server says', () => {
  it('Change is seen and told', async () => {
    const { server, object, told } = await inUse()
    server.send(raw('so', 4, 0, change(['a', two], ['b', yes])))
    await heard(server)
    expect(Object.fromEntries(object.data)).toEqual({ a: 2, b: true })
    expect(told.synced).toEqual([
      [
        { code: 'change', key: 'a' },
        { code: 'change', key: 'b' },
      ],
    ])
    expect(told.changed).toEqual([
      ['a', 2],
      ['b', true],
    ])
  })

  it('Clear empties the object', async () => {
    const { server, object, told } = await inUse()
    server.send(raw('so', 4, 0, clear))
    await heard(server)
    expect(object.data.size).toBe(0)
    expect(told.synced).toEqual([[{ code: 'clear' }]])
  })

  it('Status after a write is told, and what comes with it undoes the write', async () => {
    const { server, object, told } = await inUse()
    object.set('a', 2)
    object.set('b', 2)
    await heard(server)
    const no = refusal('SharedObject.NoWriteAccess')
    server.send(raw('so', 3, 0, no, change(['a', one]))).send(raw('so', 3, 0, no, removed('b')))
    object.set('a', true)
    server.send(raw('so', 4, 0, success('a')))
    await heard(server)
    const status = { code: 'SharedObject.NoWriteAccess', level: 'error' }
    expect(told.statuses).toEqual([status, status])
    expect(Object.fromEntries(object.data)).toEqual({ a: true })
  })

  it('Status on its own, as other servers send it, answers the oldest write', async () => {
    const { server, object } = await inUse()
    object.set('a', 2)
    object.set('a', true)
    await heard(server)
    server.send(raw('so', 3, 0, refusal('SharedObject.NoWriteAccess'))).send(raw('so', 4, 0, success('a')))
    await heard(server)
    expect(object.data.get('a')).toBe(true)
  })

  it('Success that answers nothing, Remove of what is not there, and unknown events change nothing', async () => {
    const { server, object, told } = await inUse()
    server.send(raw('so', 3, 0, success('a'), removed('zz'), event(77, 'ab')))
    await heard(server)
    expect(Object.fromEntries(object.data)).toEqual({ a: 1 })
    expect(told.synced).toEqual([])
  })

  it('messages of an object that nobody uses are ignored', async () => {
    const { client, server } = await inUse()
    server.send(raw('other', 3, 0, change(['a', one])))
    await heard(server)
    expect(client.state).toBe('connected')
  })

  it('an unreadable message ends the connection and all that was used on it', async () => {
    const { client, server, object, told } = await inUse()
    const waiting = client.sharedObject('other')
    server.send(raw('so', 3, 0, event(4, 'ffff')))
    const failure = { code: 'RTMP_ERR_SHARED_OBJECT' }
    await expect(waiting).rejects.toMatchObject(failure)
    expect(told.closed).toMatchObject([failure])
    expect(() => object.set('a', 1)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
    await expect(client.sharedObject('so')).rejects.toMatchObject(failure)
  })

  it('the end of the connection is told without an error', async () => {
    const { client, server, told } = await inUse()
    server.messages.resume().once('end', () => void server.messages.end())
    await client.close()
    expect(told.closed).toEqual([undefined])
  })

  it('more than the client allows ends the connection', async () => {
    const { server, told } = await inUse({ limits: { maxProperties: 2 } })
    server.send(raw('so', 4, 0, change(['b', one])))
    await heard(server)
    expect(told.closed).toEqual([])
    server.send(raw('so', 5, 0, change(['c', one])))
    await server.rest()
    expect(told.closed).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LIMIT' }])
  })

  it('keys that mean something to JavaScript are keys like others', async () => {
    const { server, object } = await inUse()
    server.send(raw('so', 4, 0, change(['__proto__', `03 ${text('polluted')} 0101 000009`], ['constructor', one])))
    await heard(server)
    expect([...object.data.keys()]).toEqual(['a', '__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
