import { describe, expect, it } from 'vitest'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'
import { allShown, answers } from '../../shared-object/support/bodies.ts'
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
  setTwo,
  success,
  text,
  two,
  use,
  useSuccess,
} from '../../shared-object/support/body.ts'

// Every message here is put together by hand, see support/body.ts.

/** A server and peers that use the object "so". */
async function users(count: number, server: RawServer): Promise<RawPeer[]> {
  const peers: RawPeer[] = []
  for (let index = 0; index < count; index += 1) {
    const peer = await server.peer().connect()
    peers.push(peer.send(raw('so', 0, 0, use)))
    await answers(peer)
  }
  return peers
}

describe('Use', () => {
  it('makes the object, and is answered with UseSuccess and Clear', async () => {
    await withServer(async server => {
      const peer = await server.peer().connect()
      peer.send(raw('so', 0, 0, use))
      expect(await answers(peer)).toEqual(allShown(raw('so', 0, 0, useSuccess, clear)))
      expect(server.server.sharedObjects.get('live', 'so')).toMatchObject({ userCount: 1, persistent: false })
    })
  })

  it('is answered with all there is in one Change after them', async () => {
    await withServer(async server => {
      const [first] = (await users(1, server)) as [RawPeer]
      first.send(raw('so', 0, 0, setOne('a'), setTwo('b')))
      await answers(first)
      const late = (await server.peer().connect()).send(raw('so', 0, 0, use))
      expect(await answers(late)).toEqual(allShown(raw('so', 1, 0, useSuccess, clear, change(['a', one], ['b', two]))))
    })
  })

  it('of a persistent object says so in its flags', async () => {
    await withServer(async server => {
      const peer = (await server.peer().connect()).send(raw('so', 0, 2, use))
      expect(await answers(peer)).toEqual(allShown(raw('so', 0, 2, useSuccess, clear)))
    })
  })

  it('a second time gives the state again', async () => {
    await withServer(async server => {
      const [peer] = (await users(1, server)) as [RawPeer]
      peer.send(raw('so', 0, 0, setOne('a')))
      await answers(peer)
      expect(await answers(peer.send(raw('so', 0, 0, use)))).toEqual(
        allShown(raw('so', 1, 0, useSuccess, clear, change(['a', one]))),
      )
      expect(server.server.sharedObjects.get('live', 'so')?.userCount).toBe(1)
    })
  })

  it('with the other persistence is answered with SharedObject.BadPersistence', async () => {
    await withServer(async server => {
      const [peer] = (await users(1, server)) as [RawPeer]
      const bad = refusal('SharedObject.BadPersistence')
      const other = (await server.peer().connect()).send(raw('so', 0, 2, use))
      expect(await answers(other)).toEqual(allShown(raw('so', 0, 2, bad)))
      expect(await answers(peer.send(raw('so', 0, 2, use)))).toEqual(allShown(raw('so', 0, 2, bad)))
      expect(server.server.sharedObjects.get('live', 'so')?.userCount).toBe(1)
    })
  })

  it('concerns one application only', async () => {
    await withServer(async server => {
      const peers = [await server.peer().connect('a'), await server.peer().connect('b')] as const
      for (const peer of peers) await answers(peer.send(raw('so', 0, 0, use)))
      peers[0].send(raw('so', 0, 0, setOne('x')))
      expect(await answers(peers[0])).toHaveLength(1)
      expect(await answers(peers[1])).toEqual([])
    })
  })
})

describe('RequestChange', () => {
  it('is answered with Success and told to the others as Change, under the next version', async () => {
    await withServer(async server => {
      const [writer, reader, another] = (await users(3, server)) as [RawPeer, RawPeer, RawPeer]
      writer.send(raw('so', 0, 0, setOne('a')))
      expect(await answers(writer)).toEqual(allShown(raw('so', 1, 0, success('a'))))
      for (const peer of [reader, another])
        expect(await answers(peer)).toEqual(allShown(raw('so', 1, 0, change(['a', one]))))
    })
  })

  it('several at once are one version', async () => {
    await withServer(async server => {
      const [writer, reader] = (await users(2, server)) as [RawPeer, RawPeer]
      writer.send(raw('so', 0, 0, setOne('a'), setTwo('b'), setTwo('a')))
      expect(await answers(writer)).toEqual(allShown(raw('so', 1, 0, success('a'), success('b'), success('a'))))
      expect(await answers(reader)).toEqual(
        allShown(raw('so', 1, 0, change(['a', one]), change(['b', two]), change(['a', two]))),
      )
      writer.send(raw('so', 1, 0, setOne('b')))
      expect(await answers(writer)).toEqual(allShown(raw('so', 2, 0, success('b'))))
      const data = server.server.sharedObjects.get('live', 'so')?.data
      expect([...(data ?? [])]).toEqual([
        ['a', 2],
        ['b', 1],
      ])
    })
  })

  it('of an object that is not in use is answered with SharedObject.NoWriteAccess', async () => {
    await withServer(async server => {
      const peer = (await server.peer().connect()).send(raw('so', 0, 0, setOne('a')))
      expect(await answers(peer)).toEqual(allShown(raw('so', 0, 0, refusal('SharedObject.NoWriteAccess'))))
      expect(server.server.sharedObjects.size).toBe(0)
    })
  })

  it('may come in one message with Use', async () => {
    await withServer(async server => {
      const peer = (await server.peer().connect()).send(raw('so', 0, 0, use, setOne('a')))
      expect(await answers(peer)).toEqual(allShown(raw('so', 0, 0, useSuccess, clear), raw('so', 1, 0, success('a'))))
    })
  })
})

describe('RequestRemove', () => {
  it('is told to everybody as Remove, under the next version', async () => {
    await withServer(async server => {
      const [writer, reader] = (await users(2, server)) as [RawPeer, RawPeer]
      writer.send(raw('so', 0, 0, setOne('a')))
      await Promise.all([answers(writer), answers(reader)])
      writer.send(raw('so', 1, 0, remove('a')))
      for (const peer of [writer, reader]) expect(await answers(peer)).toEqual(allShown(raw('so', 2, 0, removed('a'))))
      expect(server.server.sharedObjects.get('live', 'so')?.data.size).toBe(0)
    })
  })

  it('of what is not there is answered, and told to nobody else', async () => {
    await withServer(async server => {
      const [writer, reader] = (await users(2, server)) as [RawPeer, RawPeer]
      writer.send(raw('so', 0, 0, remove('a')))
      expect(await answers(writer)).toEqual(allShown(raw('so', 0, 0, removed('a'))))
      expect(await answers(reader)).toEqual([])
    })
  })
})

describe('SendMessage', () => {
  it('is told to everybody, the sender too, and changes nothing', async () => {
    await withServer(async server => {
      const [sender, reader] = (await users(2, server)) as [RawPeer, RawPeer]
      const message = raw('so', 0, 0, send('hello', one, `02${text('x')}`))
      sender.send(message)
      for (const peer of [sender, reader]) expect(await answers(peer)).toEqual(allShown(message))
      expect(server.server.sharedObjects.get('live', 'so')?.version).toBe(0)
    })
  })
})

describe('Release', () => {
  it('ends the changes, and the last one ends a temporary object', async () => {
    await withServer(async server => {
      const [writer, reader] = (await users(2, server)) as [RawPeer, RawPeer]
      await answers(reader.send(raw('so', 0, 0, release)))
      await answers(writer.send(raw('so', 0, 0, setOne('a'))))
      expect(await answers(reader)).toEqual([])
      await answers(writer.send(raw('so', 0, 0, release)))
      expect(server.server.sharedObjects.size).toBe(0)
      await answers(writer.send(raw('so', 0, 0, release)))
      expect(await answers(writer.send(raw('so', 0, 0, use)))).toEqual(allShown(raw('so', 0, 0, useSuccess, clear)))
    })
  })

  it('is what a lost connection means', async () => {
    await withServer(async server => {
      const [leaver, stayer] = (await users(2, server)) as [RawPeer, RawPeer]
      const object = server.server.sharedObjects.get('live', 'so')
      leaver.messages.destroy()
      await expect.poll(() => object?.userCount, { interval: 1 }).toBe(1)
      stayer.messages.destroy()
      await expect.poll(() => server.server.sharedObjects.size, { interval: 1 }).toBe(0)
    })
  })
})

describe('type 16', () => {
  it('is answered in type 16, while others get type 19', async () => {
    await withServer(async server => {
      const [reader] = (await users(1, server)) as [RawPeer]
      const modern = (await server.peer().connect()).send(raw16('so', 0, 0, use))
      expect(await answers(modern)).toEqual(allShown(raw16('so', 0, 0, useSuccess, clear)))
      // Integer 1 in AMF3: 11 04 01.
      modern.send(raw16('so', 0, 0, event(3, `${text('a')} 11 04 01`)))
      expect(await answers(modern)).toEqual(allShown(raw16('so', 1, 0, success('a'))))
      expect(await answers(reader)).toEqual(allShown(raw('so', 1, 0, change(['a', one]))))
      reader.send(raw('so', 1, 0, setTwo('a')))
      expect(await answers(modern)).toEqual(allShown(raw16('so', 2, 0, change(['a', two]))))
    })
  })
})

describe('what a server does not want', () => {
  it('events that only servers send, and unknown ones, are ignored', async () => {
    await withServer(async server => {
      const [peer, other] = (await users(2, server)) as [RawPeer, RawPeer]
      peer.send(raw('so', 0, 0, change(['a', one]), success('a'), refusal('x'), clear, removed('a'), useSuccess))
      peer.send(raw('so', 0, 0, event(99, 'abcdef'), setOne('b')))
      expect(await answers(peer)).toEqual(allShown(raw('so', 1, 0, success('b'))))
      expect(await answers(other)).toEqual(allShown(raw('so', 1, 0, change(['b', one]))))
    })
  })

  it.each([['an unreadable message', raw('so', 0, 0, '03 00000001 00'), 'RTMP_ERR_SHARED_OBJECT']])(
    '%s ends the connection, and nobody else’s',
    async (_what, message, code) => {
      await withServer(async server => {
        const [good] = (await users(1, server)) as [RawPeer]
        const bad = (await server.peer().connect()).send(message)
        expect(await bad.rest()).toEqual([])
        expect(server.log.at('warn')).toMatchObject([{ code }])
        expect(await answers(good.send(raw('so', 0, 0, setOne('a'))))).toHaveLength(1)
      })
    },
  )

  it.each([
    ['nothing', ''],
    ['a way up', '../so'],
    ['NUL', 'a\0b'],
    ['513 characters', 'x'.repeat(513)],
  ])('a name of %s is refused with a status, and the connection stays', async (_what, name) => {
    await withServer(async server => {
      const peer = await server.peer().connect()
      expect(await answers(peer.send(raw(name, 0, 0, use)))).toEqual(
        allShown(raw(name, 0, 0, refusal('SharedObject.ObjectCreationFailed'))),
      )
      expect(await answers(peer.send(raw(name, 0, 0, setOne('a'))))).toEqual(
        allShown(raw(name, 0, 0, refusal('SharedObject.NoWriteAccess'))),
      )
      expect(server.server.sharedObjects.size).toBe(0)
      const codes = ['SharedObject.ObjectCreationFailed', 'SharedObject.NoWriteAccess']
      expect(server.log.at('info').filter(({ message }) => message === 'shared object refused')).toMatchObject(
        codes.map(code => ({ app: 'live', code })),
      )
    })
  })

  it('a message before connect ends the connection', async () => {
    await withServer(async server => {
      expect(
        await server
          .peer()
          .send(raw('so', 0, 0, use))
          .rest(),
      ).toEqual([])
      expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_ORDER' }])
    })
  })

  it('keys that mean something to JavaScript are keys like others', async () => {
    await withServer(async server => {
      const [peer, other] = (await users(2, server)) as [RawPeer, RawPeer]
      const polluting = `03 ${text('polluted')} 0101 000009`
      for (const key of ['__proto__', 'constructor', 'toString'])
        peer.send(raw('so', 0, 0, event(3, text(key) + polluting)))
      expect(await answers(other)).toHaveLength(3)
      expect([...(server.server.sharedObjects.get('live', 'so')?.data.keys() ?? [])]).toHaveLength(3)
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
      expect(await answers(peer.send(raw('so', 0, 0, remove('__proto__'))))).toHaveLength(4)
    })
  })
})

async function withServer(test: (server: RawServer) => Promise<void>): Promise<void> {
  await using server = new RawServer()
  await test(server)
}
