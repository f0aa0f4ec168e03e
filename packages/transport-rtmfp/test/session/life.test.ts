import { describe, expect, it } from 'vitest'
import type { SessionEnd } from '../../src/contract/session.ts'
import { writeAcknowledgement } from '../../src/wire/acknowledgement.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { Mode, writeChunk } from '../../src/wire/packet.ts'
import {
  writeCloseAcknowledgement,
  writeCloseRequest,
  writePing,
  writePingReply,
} from '../../src/wire/session-chunks.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { sessionPair } from '../support/session-pair.ts'

/** What a session says of its end. */
function endsOf(peer: RawPeer): SessionEnd[] {
  const ends: SessionEnd[] = []
  peer.session.onEnd = why => ends.push(why)
  return ends
}

function types(peer: RawPeer): number[] {
  return peer.seen().map(({ type }) => type)
}

describe('packets', () => {
  it('tell the time, and the echo of the far end with what has gone by since', () => {
    const peer = new RawPeer()
    peer.send(writer => writePing(writer, Buffer.of(1)), { header: { timestamp: 65_535 } })
    expect(peer.headers.at(-1)).toMatchObject({ mode: Mode.Responder, timestamp: 250, timestampEcho: 65_535 })
    peer.now += 401
    peer.send(writer => writePing(writer, Buffer.of(1)))
    expect(peer.headers.at(-1)).toMatchObject({ timestamp: 350, timestampEcho: 99 })
    peer.now += 128_001
    peer.send(writer => writePing(writer, Buffer.of(1)))
    expect(peer.headers.at(-1)?.timestampEcho).toBeUndefined()
  })

  it('of our own role, copies and forged ones are not taken', () => {
    const peer = new RawPeer()
    expect(peer.send(writer => writePing(writer, Buffer.of(1)), { header: { mode: Mode.Responder } })).toBe(false)
    const datagram = peer.datagram(writer => writePing(writer, Buffer.of(1)))
    const forged = Buffer.from(datagram)
    forged[20] = (forged[20] as number) ^ 1
    const { remote } = peer.session
    expect(peer.session.receive(forged, remote, peer.now)).toBe(false)
    expect(peer.session.receive(datagram, remote, peer.now)).toBe(true)
    expect(peer.session.receive(datagram, remote, peer.now)).toBe(false)
  })

  it('chunks of unknown types are passed over', () => {
    const peer = new RawPeer()
    peer.send(writer => {
      writeChunk(writer, 0x00, chunk => chunk.put(Buffer.alloc(300)))
      writeChunk(writer, 0xff, chunk => chunk.put(Buffer.alloc(3)))
      writeChunk(writer, 0xec, chunk => chunk.u8(1))
      writePing(writer, Buffer.from('still there'))
    })
    expect(peer.seen()).toEqual([{ type: ChunkType.PingReply, payload: Buffer.from('still there') }])
  })
})

describe('pings', () => {
  it('are answered unaltered, not more than some each second, and none that is too long', () => {
    const peer = new RawPeer({ maxPings: 3 })
    peer.send(writer => writePing(writer, Buffer.alloc(1_001)))
    expect(peer.seen()).toEqual([])
    for (let count = 0; count < 5; count += 1) peer.send(writer => writePing(writer, Buffer.alloc(997, count)))
    expect(peer.seen().map(({ payload }) => payload[0])).toEqual([0, 1, 2])
    peer.now += 1_000
    peer.send(writer => writePing(writer, Buffer.alloc(0)))
    expect(peer.seen()).toEqual([{ type: ChunkType.PingReply, payload: Buffer.alloc(0) }])
  })

  it('ask for a sign of life after a while of silence, and end the session when none comes', () => {
    const peer = new RawPeer({ keepAlive: 10_000, retransmitLimit: 20_000, idleLimit: 1e9 })
    const ends = endsOf(peer)
    peer.wait(9_999)
    expect(types(peer)).toEqual([])
    peer.wait(1)
    expect(types(peer)).toEqual([ChunkType.Ping])
    // Anything that can only come from the far end will do.
    peer.send(writer => writePingReply(writer, Buffer.alloc(0)))
    peer.wait(9_999)
    expect(types(peer)).toEqual([])
    peer.wait(20_000)
    expect(types(peer).filter(type => type === ChunkType.Ping).length).toBeGreaterThan(2)
    expect(ends).toEqual([])
    peer.wait(2)
    expect(ends).toEqual(['no answer'])
    expect(types(peer)).toEqual([ChunkType.SessionCloseAcknowledgement])
  })

  it('of a player come twice a second when it hears nothing any more', () => {
    const { simulation, initiator, responder, ...pair } = sessionPair({ delay: 10 })
    initiator.onFlow = () => true
    const flow = responder.openFlow({ metadata: Buffer.from('m'), priority: 4 })
    flow.write([Buffer.from('x')])
    simulation.run(500)
    let pings = 0
    pair.toInitiator.arrivals = () => []
    const { arrivals } = pair.toResponder
    pair.toResponder.arrivals = (bytes, now) => {
      pings += 1
      return arrivals.call(pair.toResponder, bytes, now)
    }
    simulation.run(10_500)
    expect(pings).toBeGreaterThanOrEqual(18)
    expect(pings).toBeLessThanOrEqual(21)
  })
})

describe('the end', () => {
  it('in order: says so until it has been heard', () => {
    const { simulation, initiator, responder, closed, ...pair } = sessionPair({ delay: 10 })
    const ends: string[] = []
    initiator.onEnd = why => ends.push(`initiator: ${why}`)
    responder.onEnd = why => ends.push(`responder: ${why}`)
    responder.onFlow = flow => {
      flow.onEnd = finished => ends.push(`flow: ${finished}`)
      return true
    }
    const settled: string[] = []
    const flow = initiator.openFlow({
      metadata: Buffer.from('m'),
      priority: 5,
      onSettled: message => settled.push(message.state),
    })
    flow.write([Buffer.from('x')])
    simulation.run(100)
    const { arrivals } = pair.toResponder
    let lost = 0
    pair.toResponder.arrivals = (bytes, now) => {
      if (lost++ < 2) return []
      return arrivals.call(pair.toResponder, bytes, now)
    }
    flow.write([Buffer.from('y')])
    initiator.close()
    expect(ends).toEqual(['initiator: closed by us'])
    expect(settled).toEqual(['delivered', 'abandoned'])
    expect(flow.isOpen).toBe(false)
    expect(() => initiator.openFlow({ metadata: Buffer.from('m'), priority: 5 })).toThrow(/over/)
    simulation.run(9_000)
    expect(ends).toHaveLength(1)
    simulation.run(11_000)
    expect(ends.slice(1)).toEqual(['flow: false', 'responder: closed by the far end'])
    simulation.run(200_000)
    expect(closed).toEqual([initiator, responder])
    expect(initiator.deadline).toBe(Number.POSITIVE_INFINITY)
    expect(responder.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('in order without an answer: 90 s', () => {
    const peer = new RawPeer()
    peer.session.close()
    peer.wait(89_000)
    const sent = types(peer)
    expect(sent.length).toBe(18)
    expect(new Set(sent)).toEqual(new Set([ChunkType.SessionCloseRequest]))
    expect(peer.isClosed).toBe(false)
    peer.wait(1_000)
    expect(peer.isClosed).toBe(true)
  })

  it('of the far end, in order: each request is answered, for a while', () => {
    const peer = new RawPeer()
    const ends = endsOf(peer)
    for (let count = 0; count < 3; count += 1) peer.send(writeCloseRequest)
    expect(ends).toEqual(['closed by the far end'])
    expect(types(peer)).toEqual(Array.from({ length: 3 }, () => ChunkType.SessionCloseAcknowledgement))
    peer.wait(18_999)
    expect(peer.isClosed).toBe(false)
    peer.wait(1)
    expect(peer.isClosed).toBe(true)
  })

  it('at once: both ends say it once', () => {
    const peer = new RawPeer()
    const ends = endsOf(peer)
    peer.send(writeCloseAcknowledgement)
    expect(ends).toEqual(['closed by the far end'])
    expect(types(peer)).toEqual([ChunkType.SessionCloseAcknowledgement])
    expect(peer.isClosed).toBe(true)
    const other = new RawPeer()
    other.session.destroy()
    other.session.destroy()
    expect(types(other)).toEqual([ChunkType.SessionCloseAcknowledgement])
    expect(other.send(writeCloseRequest)).toBe(false)
  })

  it('of what is not used', () => {
    const peer = new RawPeer({ idleLimit: 30_000 })
    const ends = endsOf(peer)
    const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 5 })
    peer.wait(60_000)
    expect(ends).toEqual([])
    flow.close()
    peer.run()
    peer.send(writer =>
      writeAcknowledgement(writer, { flowId: flow.id, bufferAvailable: 65_536, cumulative: 1, ranges: [] }),
    )
    peer.wait(29_000)
    expect(ends).toEqual([])
    peer.wait(1_000)
    expect(ends).toEqual(['idle'])
    expect(types(peer)).toContain(ChunkType.SessionCloseRequest)
  })

  it('of what is never acknowledged', () => {
    const peer = new RawPeer({ retransmitLimit: 30_000 })
    const ends = endsOf(peer)
    const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 5 })
    flow.write([Buffer.from('x')])
    peer.wait(29_999)
    // At 3 s, and each time later by the square root of two, up to 10 s.
    expect(types(peer)).toHaveLength(5)
    expect(ends).toEqual([])
    peer.wait(1)
    expect(ends).toEqual(['no acknowledgement'])
  })
})

it('answers a packet full of requests to close once', () => {
  const peer = new RawPeer()
  peer.send(writer => {
    for (let count = 0; count < 100; count += 1) writeCloseRequest(writer)
  })
  expect(types(peer)).toEqual([ChunkType.SessionCloseAcknowledgement])
  peer.send(writer => {
    for (let count = 0; count < 100; count += 1) writeCloseAcknowledgement(writer)
  })
  expect(types(peer)).toEqual([])
  expect(peer.isClosed).toBe(true)
})
