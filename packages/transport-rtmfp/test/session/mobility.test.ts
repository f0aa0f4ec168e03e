import { expect, it } from 'vitest'
import type { Endpoint } from '../../src/wire/address.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { writePing, writePingReply } from '../../src/wire/session-chunks.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { initiatorAddress, sessionPair } from '../support/session-pair.ts'

const elsewhere: Endpoint = { address: '192.0.2.77', port: 7_777 }

/** @param lost datagrams to the new address */
function move(isAuthenticated: boolean, lost: number) {
  const pair = sessionPair({ delay: 20, isAuthenticated })
  const { simulation, initiator, responder, place } = pair
  let left = lost
  pair.onSend = (_datagram, to) => to.port !== elsewhere.port || left-- <= 0
  const times: number[] = []
  initiator.onFlow = flow => {
    flow.onMessage = () => times.push(simulation.now)
    return true
  }
  const flow = responder.openFlow({ metadata: Buffer.from('m'), priority: 4 })
  simulation.every(40, 6_000, () => flow.write([Buffer.alloc(500)], { startWithin: 500, finishWithin: 600 }))
  simulation.at(2_000, () => {
    place.address = elsewhere
  })
  simulation.run(6_500)
  let pause = 0
  for (let index = 1; index < times.length; index += 1)
    pause = Math.max(pause, (times[index] as number) - (times[index - 1] as number))
  return { responder, pause, last: times.at(-1) ?? 0 }
}

it.each([0, 1, 2])(
  'goes on within a second when the address of a player changes, and %i datagrams to the new one are lost',
  lost => {
    const { responder, pause, last } = move(true, lost)
    expect(responder.remote).toEqual(elsewhere)
    expect(pause).toBeLessThan(lost < 2 ? 1_000 : 1_250)
    expect(last).toBeGreaterThan(5_900)
  },
)

it('stays where it is without HMAC: anybody could carry it off', () => {
  const { responder, last } = move(false, 0)
  expect(responder.remote).toEqual(initiatorAddress)
  expect(last).toBeLessThan(2_100)
})

it('asks a new address three times, and moves when it answers', () => {
  const peer = new RawPeer()
  peer.send(writer => writePing(writer, Buffer.alloc(64)), { from: elsewhere })
  peer.wait(2_000)
  const asked = peer.seen().filter(({ type }) => type === ChunkType.Ping)
  expect(asked).toHaveLength(3)
  expect(peer.sentTo.filter(({ port }) => port === elsewhere.port)).toHaveLength(3)
  expect(peer.session.remote).toEqual(initiatorAddress)
  const { payload } = asked[1] as { payload: Buffer }
  // From where it was not asked, or altered, it is no answer.
  peer.send(writer => writePingReply(writer, payload), { from: { address: '192.0.2.78', port: 7_777 } })
  const altered = Buffer.from(payload)
  altered[20] = (altered[20] as number) ^ 1
  peer.send(writer => writePingReply(writer, altered), { from: elsewhere })
  expect(peer.session.remote).toEqual(initiatorAddress)
  peer.send(writer => writePingReply(writer, payload), { from: elsewhere })
  expect(peer.session.remote).toEqual(elsewhere)
  // Nor is an answer one twice, nor an older one.
  peer.send(writer => writePingReply(writer, asked[0]?.payload as Buffer), { from: initiatorAddress })
  expect(peer.session.remote).toEqual(elsewhere)
})

it.each([
  ['nothing', 0],
  ['one ping', 1],
  ['as many pings as fit', 4],
])('sends no more than three times what has come to where it may not be: %s', (_, pings) => {
  const peer = new RawPeer()
  const datagram = peer.datagram(writer => {
    for (let ping = 0; ping < pings; ping += 1) writePing(writer, Buffer.alloc(0))
  })
  const before = peer.session.bytesSent
  peer.session.receive(datagram, elsewhere, peer.now)
  peer.wait(5_000)
  const sent = peer.session.bytesSent - before
  expect(sent).toBeGreaterThan(0)
  expect(sent).toBeLessThanOrEqual(3 * datagram.length)
})

it('nor where it is not authenticated', () => {
  const peer = new RawPeer({}, false)
  const datagram = peer.datagram(writer => {
    for (let ping = 0; ping < 4; ping += 1) writePing(writer, Buffer.alloc(0))
  })
  const before = peer.session.bytesSent
  peer.session.receive(datagram, elsewhere, peer.now)
  peer.wait(5_000)
  expect(peer.session.bytesSent - before).toBeLessThanOrEqual(3 * datagram.length)
})

it('asks not more often than once a second, whatever comes from wherever', () => {
  const peer = new RawPeer()
  for (let count = 0; count < 100; count += 1) {
    peer.send(() => {}, { from: { address: '192.0.2.99', port: 1_000 + count } })
    peer.wait(1)
  }
  expect(peer.seen().filter(({ type }) => type === ChunkType.Ping)).toHaveLength(1)
})

it('does not believe an answer that is too old', () => {
  const peer = new RawPeer()
  peer.send(() => {}, { from: elsewhere })
  const [{ payload } = { payload: Buffer.alloc(0) }] = peer.seen()
  peer.now += 120_001
  peer.send(writer => writePingReply(writer, payload), { from: elsewhere })
  expect(peer.session.remote).toEqual(initiatorAddress)
})
