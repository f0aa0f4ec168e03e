import { describe, expect, it } from 'vitest'
import { deny } from '../../../src/contract/denial.ts'
import type { GateHooks, SharedObjectAccessEvent } from '../../../src/contract/plugin.ts'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'
import { allShown, answers } from '../../shared-object/support/bodies.ts'
import {
  change,
  clear,
  one,
  raw,
  refusal,
  remove,
  removed,
  send,
  setOne,
  setTwo,
  success,
  two,
  use,
  useSuccess,
} from '../../shared-object/support/body.ts'

type Hook = NonNullable<GateHooks['onSharedObject']>

const guarded = (onSharedObject: Hook) => new RawServer({ plugins: [{ name: 'guard', onSharedObject }] })
const writesDenied: Hook = ({ access }) =>
  access === 'write' ? deny('SharedObject.NoWriteAccess', 'read only') : undefined

async function user(server: RawServer): Promise<RawPeer> {
  const peer = (await server.peer().connect('live?token=t')).send(raw('so', 0, 0, use))
  await answers(peer)
  return peer
}

describe('onSharedObject', () => {
  it('is asked before the object is made and before anything is written', async () => {
    const events: SharedObjectAccessEvent[] = []
    await using server = guarded(event => void events.push(event))
    const peer = await user(server)
    await answers(peer.send(raw('so', 0, 0, setOne('a'), remove('b'), send('hi'))))
    expect(events.map(({ access, writes }) => [access, writes])).toEqual([
      ['use', []],
      [
        'write',
        [
          { type: 'RequestChange', key: 'a', value: 1 },
          { type: 'RequestRemove', key: 'b' },
          { type: 'SendMessage', handler: 'hi', args: [] },
        ],
      ],
    ])
    const [{ app, name, persistent, query, connection, signal }] = events as [SharedObjectAccessEvent]
    expect([app, name, persistent, query.get('token')]).toEqual(['live', 'so', false, 't'])
    expect([...server.server.connections]).toEqual([connection])
    expect(signal).toBeInstanceOf(AbortSignal)
  })

  it('that denies use refuses it with the code, makes no object, and leaves the connection', async () => {
    await using server = guarded(() => deny('SharedObject.NoReadAccess', 'members only'))
    const peer = (await server.peer().connect()).send(raw('so', 0, 2, use))
    expect(await answers(peer)).toEqual(allShown(raw('so', 0, 2, refusal('SharedObject.NoReadAccess'))))
    expect(server.server.sharedObjects.size).toBe(0)
    expect(await answers(peer.send(raw('so', 0, 2, use)))).toHaveLength(1)
    expect(server.log.at('info')).toContainEqual(
      expect.objectContaining({
        message: 'shared object refused',
        app: 'live',
        sharedObject: 'so',
        plugin: 'guard',
        code: 'SharedObject.NoReadAccess',
        reason: 'members only',
      }),
    )
  })

  it('may deny with a code of the application', async () => {
    await using server = guarded(() => deny('App.NotNow', 'later'))
    const peer = (await server.peer().connect()).send(raw('so', 0, 0, use))
    expect(await answers(peer)).toEqual(allShown(raw('so', 0, 0, refusal('App.NotNow'))))
  })

  it('that denies a write refuses all of it, and gives back what is true', async () => {
    let isClosed = false
    await using server = guarded(event => (isClosed ? writesDenied(event) : undefined))
    const [writer, reader] = [await user(server), await user(server)]
    writer.send(raw('so', 0, 0, setOne('a')))
    await Promise.all([answers(writer), answers(reader)])
    isClosed = true
    writer.send(raw('so', 1, 0, setTwo('a'), setTwo('b'), remove('a'), send('hi')))
    expect(await answers(writer)).toEqual(
      allShown(raw('so', 1, 0, refusal('SharedObject.NoWriteAccess'), change(['a', one]), removed('b'))),
    )
    expect(await answers(reader)).toEqual([])
    isClosed = false
    writer.send(raw('so', 1, 0, setTwo('a')))
    expect(await answers(writer)).toEqual(allShown(raw('so', 2, 0, success('a'))))
    expect(await answers(reader)).toEqual(allShown(raw('so', 2, 0, change(['a', two]))))
  })

  it('that denies a message refuses it with the status alone', async () => {
    await using server = guarded(writesDenied)
    const [sender, reader] = [await user(server), await user(server)]
    sender.send(raw('so', 0, 0, send('hi')))
    expect(await answers(sender)).toEqual(allShown(raw('so', 0, 0, refusal('SharedObject.NoWriteAccess'))))
    expect(await answers(reader)).toEqual([])
  })

  it('is awaited, and messages keep their order meanwhile', async () => {
    const { promise: asked, resolve: ask } = deferred()
    const { promise: answered, resolve: answer } = deferred()
    await using server = guarded(async ({ access }) => {
      if (access === 'use') return
      ask()
      await answered
    })
    const peer = await user(server)
    peer.send(raw('so', 0, 0, setOne('a'))).send(raw('so', 0, 0, setTwo('a')))
    await asked
    expect(server.server.sharedObjects.get('live', 'so')?.version).toBe(0)
    answer()
    expect(await answers(peer)).toEqual(allShown(raw('so', 1, 0, success('a')), raw('so', 2, 0, success('a'))))
    expect(server.server.sharedObjects.get('live', 'so')?.get('a')).toBe(2)
  })

  it.each([
    ['use', 'SharedObject.ObjectCreationFailed'],
    ['write', 'SharedObject.NoWriteAccess'],
  ])('that throws at %s refuses with %s', async (when, code) => {
    await using server = guarded(({ access }) => {
      if (access === when) throw new Error('a bug')
    })
    const peer = (await server.peer().connect()).send(raw('so', 0, 0, use))
    if (when === 'use') expect(await answers(peer)).toEqual(allShown(raw('so', 0, 0, refusal(code))))
    else {
      expect(await answers(peer)).toEqual(allShown(raw('so', 0, 0, useSuccess, clear)))
      peer.send(raw('so', 0, 0, setOne('a')))
      expect(await answers(peer)).toEqual(allShown(raw('so', 0, 0, refusal(code), removed('a'))))
    }
    expect(server.log.at('error')).toMatchObject([{ plugin: 'guard', hook: 'onSharedObject' }])
  })

  it('that is asked by a client which leaves meanwhile makes nothing', async () => {
    const { promise: asked, resolve: ask } = deferred()
    const { promise: answered, resolve: answer } = deferred()
    await using server = guarded(async () => {
      ask()
      await answered
    })
    const peer = (await server.peer().connect()).send(raw('so', 0, 0, use))
    await asked
    peer.messages.destroy()
    await expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(0)
    answer()
    await new Promise(resolve => void setImmediate(resolve))
    expect(server.server.sharedObjects.size).toBe(0)
  })
})

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
