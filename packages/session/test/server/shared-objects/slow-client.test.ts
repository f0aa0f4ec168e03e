import { LimitError, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SharedObject } from '../../../src/shared-object/shared-object.ts'
import { parseSharedObject } from '../../../src/shared-object/parse-shared-object.ts'
import { VirtualClock } from '@rtmpipe/testing'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'
import { answers } from '../../shared-object/support/bodies.ts'
import { raw, send, use } from '../../shared-object/support/body.ts'
import { netConnections } from '../../support/net-connections.ts'

afterEach(() => void vi.useRealTimers())

const maxQueuedBytes = 100_000
const filler = 'x'.repeat(10_000)
const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

/** A server with an object of its own, and a client of it that reads only when the test says so. */
async function stalledClient(server: RawServer) {
  const object = await server.server.sharedObjects.open('live', 'so')
  const peer = (await server.peer().connect()).send(raw('so', 0, 0, use))
  await answers(peer)
  const [connection] = netConnections(server.server)
  if (connection === undefined) throw new Error('nobody is connected')
  return { object, peer, connection }
}

const limited = () => new RawServer({ sharedObjects: { limits: { maxQueuedBytes } } })

/** Changes the object until its client has had enough. */
async function fill(object: SharedObject): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    object.set('key', filler + round)
    await turn()
  }
}

/** All shared object events a peer is sent, in order. */
async function events(peer: RawPeer) {
  const messages = await peer.messagesSoFar()
  return messages
    .filter(({ messageTypeId }) => messageTypeId === MessageType.SharedObjectAmf0)
    .flatMap(one => parseSharedObject(one).events)
}

describe('a client that does not read', () => {
  it('has a bounded queue, and gets the whole state when it reads again', async () => {
    await using server = limited()
    const { object, peer, connection } = await stalledClient(server)
    for (let round = 0; round < 500; round += 1) {
      object.set(`key${round % 7}`, `${round} ${filler}`)
      await turn()
      expect(connection.messages.queuedBytes).toBeLessThan(maxQueuedBytes + 11_000)
    }
    object.delete('key0')
    const seen = new Map<string, unknown>()
    const all = await events(peer)
    for (const event of all) {
      if (event.type === 'Clear') seen.clear()
      if (event.type === 'Change') for (const [key, value] of event.properties) seen.set(key, value)
      if (event.type === 'Remove') seen.delete(event.key)
    }
    expect(all.length).toBeLessThan(60)
    expect(all.some(({ type }) => type === 'Clear')).toBe(true)
    expect(seen).toEqual(new Map(object.data))

    // From here on it gets the changes again.
    object.set('more', 1)
    expect(await events(peer)).toEqual([{ type: 'Change', properties: [['more', 1]] }])
  })

  it('holds one object up no more than another', async () => {
    await using server = limited()
    const { object, peer, connection } = await stalledClient(server)
    const others: SharedObject[] = []
    let most = 0
    for (let index = 0; index < 20; index += 1) {
      others.push(await server.server.sharedObjects.open('live', `other${index}`))
      peer.send(raw(`other${index}`, 0, 0, use))
    }
    await expect.poll(() => others.at(-1)?.userCount, { interval: 1 }).toBe(1)
    for (let round = 0; round < 20; round += 1) {
      for (const one of [object, ...others]) one.set('key', `${round} ${filler}`)
      await turn()
    }
    expect(connection.messages.queuedBytes).toBeLessThan(maxQueuedBytes + 11_000)
    // Each catches up in its turn.
    const last = new Map<string, unknown>()
    peer.messages.on('data', (message: RtmpMessage) => {
      if (message.messageTypeId !== MessageType.SharedObjectAmf0) return
      const { name, events: told } = parseSharedObject(message)
      for (const event of told) if (event.type === 'Change') last.set(name, event.properties[0]?.[1])
      most = Math.max(most, connection.messages.queuedBytes)
    })
    const isDone = () => last.size === 21 && [...last.values()].every(value => value === `19 ${filler}`)
    await expect.poll(isDone, { interval: 1 }).toBe(true)
    expect(most).toBeLessThan(maxQueuedBytes + 11_000)
  })

  it('is disconnected when it would miss a message', async () => {
    await using server = limited()
    const { object } = await stalledClient(server)
    const witness = (await server.peer().connect()).send(raw('so', 0, 0, use))
    await answers(witness)
    witness.messages.resume()
    await fill(object)
    witness.messages.pause()
    expect(object.userCount).toBe(2)
    object.send('hello')
    await expect.poll(() => object.userCount, { interval: 1 }).toBe(1)
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LAG' }])
    expect((await events(witness)).at(-1)).toMatchObject({ type: 'SendMessage' })
  })

  it('is disconnected when it takes nothing for half a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    await using server = limited()
    const { object } = await stalledClient(server)
    await fill(object)
    vi.advanceTimersByTime(29_999)
    object.set('key', 1)
    await turn()
    expect(object.userCount).toBe(1)
    vi.advanceTimersByTime(2)
    object.set('key', 2)
    await expect.poll(() => object.userCount, { interval: 1 }).toBe(0)
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LAG' }])
  })

  it('is not read itself: its questions wait', async () => {
    await using server = limited()
    const { object, peer, connection } = await stalledClient(server)
    for (let index = 0; index < 8; index += 1) object.set(`key${index}`, filler)
    // Each is answered with 80 kB.
    for (let index = 0; index < 400; index += 1) peer.send(raw('so', 0, 0, use))
    for (let count = 0; count < 50; count += 1) await turn()
    expect(connection.messages.queuedBytes).toBeLessThan(maxQueuedBytes + 100_000)
    const all = await events(peer)
    expect(all.filter(({ type }) => type === 'UseSuccess')).toHaveLength(400)
    expect(server.log.at('warn')).toEqual([])
  })

  it.each([
    ['asks', use],
    ['writes', send('hello')],
  ])('is disconnected when it %s and takes no answer for half a minute', async (_what, event) => {
    using clock = new VirtualClock()
    await using server = limited()
    const { object, peer, connection } = await stalledClient(server)
    for (let index = 0; index < 9; index += 1) object.set(`key${index}`, filler)
    for (let index = 0; index < 40; index += 1) peer.send(raw('so', 0, 0, index < 20 ? use : event))
    await clock.advance(29_000)
    expect([connection.messages.isPaused(), object.userCount]).toEqual([true, 1])
    await clock.advance(11_000)
    expect([connection.state, object.userCount]).toEqual(['closed', 0])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LAG' }])
  })

  it('stays when it takes some of the answers now and then', async () => {
    using clock = new VirtualClock()
    await using server = limited()
    const { object, peer, connection } = await stalledClient(server)
    for (let index = 0; index < 9; index += 1) object.set(`key${index}`, filler)
    for (let index = 0; index < 100; index += 1) peer.send(raw('so', 0, 0, use))
    for (let round = 0; round < 10; round += 1) {
      await clock.advance(19_000)
      peer.messages.read()
    }
    expect([connection.messages.isPaused(), connection.state]).toEqual([true, 'connected'])
    expect(server.log.at('warn')).toEqual([])
  })

  it('that goes away while it lags leaves nothing behind', async () => {
    await using server = limited()
    const { object, peer } = await stalledClient(server)
    await fill(object)
    peer.messages.destroy(new LimitError('RTMP_ERR_STATUS', 'gone'))
    await expect.poll(() => object.userCount, { interval: 1 }).toBe(0)
    object.set('key', 1)
    object.send('hello')
    expect(server.log.at('error')).toEqual([])
  })
})

describe('a message to many', () => {
  it('is encoded once: all are sent the same bytes', async () => {
    await using server = new RawServer()
    const peers: RawPeer[] = []
    for (let index = 0; index < 3; index += 1) {
      peers.push((await server.peer().connect()).send(raw('so', 0, 0, use)))
      await answers(peers[index] as RawPeer)
    }
    peers[0]?.send(raw('so', 0, 0, send('hello')))
    // The carrier in memory hands on payloads as they are.
    await answers(peers[0] as RawPeer)
    const [a, b] = await Promise.all(peers.slice(1).map(peer => peer.messagesSoFar()))
    expect(a?.[0]?.payload).toBe(b?.[0]?.payload)
  })
})
