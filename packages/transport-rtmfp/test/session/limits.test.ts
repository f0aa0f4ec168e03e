import { expect, it } from 'vitest'
import type { ReceiveFlow } from '../../src/contract/flow.ts'
import { defaultSessionLimits } from '../../src/session/limits.ts'
import { readAcknowledgementRanges, writeAcknowledgement } from '../../src/wire/acknowledgement.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { Fragment } from '../../src/wire/user-data.ts'
import { writeBufferProbe } from '../../src/wire/session-chunks.ts'
import { RawPeer } from '../support/raw-peer.ts'

const FLOW = 3

function types(peer: RawPeer): number[] {
  return peer.seen().map(({ type }) => type)
}

function lastAcknowledgement(peer: RawPeer) {
  const chunk = peer.seen().findLast(({ type }) => type === ChunkType.AcknowledgementRanges)
  return readAcknowledgementRanges(new ByteReader(chunk?.payload as Buffer))
}

function taking(peer: RawPeer): ReceiveFlow[] {
  const flows: ReceiveFlow[] = []
  peer.session.onFlow = flow => {
    flows.push(flow)
    return true
  }
  return flows
}

it('the limits have these defaults', () => {
  expect(defaultSessionLimits).toEqual({
    maxReceiveFlows: 128,
    maxEndedFlows: 256,
    maxSequenceSpan: 65_536,
    maxRanges: 256,
    maxFragments: 4_096,
    maxMessageLength: 8_388_608,
    maxBuffered: 33_554_432,
    maxMetadata: 512,
    sendBuffer: 262_144,
    maxInFlight: 1_048_576,
    maxPings: 50,
    maxFalseAcknowledgements: 100,
    retransmitLimit: 30_000,
    idleLimit: 120_000,
    keepAlive: 15_000,
  })
})

it('flows that are open: one more is rejected', () => {
  const peer = new RawPeer({ maxReceiveFlows: 3 })
  const flows = taking(peer)
  for (let flowId = 1; flowId <= 4; flowId += 1) peer.sendData({ flowId, sequence: 1 })
  expect(flows).toHaveLength(3)
  expect(types(peer).filter(type => type === ChunkType.FlowException)).toHaveLength(1)
  flows[0]?.reject()
  peer.sendData({ flowId: 5, sequence: 1 })
  expect(flows).toHaveLength(4)
})

it('flows that are over: too many end the session, old ones are forgotten', () => {
  const peer = new RawPeer({ maxEndedFlows: 4, idleLimit: 1e9 })
  const ends: string[] = []
  peer.session.onEnd = why => ends.push(why)
  for (let flowId = 1; flowId <= 4; flowId += 1) peer.sendData({ flowId, sequence: 1 })
  peer.wait(125_001)
  for (let flowId = 5; flowId <= 8; flowId += 1) peer.sendData({ flowId, sequence: 1 })
  expect(ends).toEqual([])
  peer.sendData({ flowId: 9, sequence: 1 })
  expect(ends).toEqual(['too many flows'])
})

it('flows that are over: more than are remembered, one after the other, are what an honest far end may have', () => {
  const peer = new RawPeer({ maxEndedFlows: 4, idleLimit: 1e9 })
  const ends: string[] = []
  peer.session.onEnd = why => ends.push(why)
  for (let flowId = 1; flowId <= 40; flowId += 1) {
    peer.sendData({ flowId, sequence: 1 })
    peer.wait(4_000)
    expect(peer.session.flowCount).toBeLessThanOrEqual(5)
  }
  expect(ends).toEqual([])
})

it('numbers too far ahead are not taken', () => {
  const peer = new RawPeer({ maxSequenceSpan: 100 })
  taking(peer)
  peer.sendData({ flowId: FLOW, sequence: 101 })
  expect(lastAcknowledgement(peer)).toMatchObject({ cumulative: 0, ranges: [] })
  peer.sendData({ flowId: FLOW, sequence: 100 })
  expect(lastAcknowledgement(peer)).toMatchObject({ cumulative: 0, ranges: [{ first: 100, last: 100 }] })
  // Unless all before them is settled.
  peer.sendData({ flowId: FLOW, sequence: 2 ** 40, forwardSequence: 2 ** 40 - 1 })
  expect(lastAcknowledgement(peer)).toMatchObject({ cumulative: 2 ** 40, ranges: [] })
})

it('ranges: what would make one more is not taken', () => {
  const peer = new RawPeer({ maxRanges: 3 })
  taking(peer)
  for (const sequence of [2, 4, 6, 8]) peer.sendData({ flowId: FLOW, sequence })
  expect(lastAcknowledgement(peer).ranges.map(({ last }) => last)).toEqual([2, 4, 6])
  peer.sendData({ flowId: FLOW, sequence: 1 })
  peer.sendData({ flowId: FLOW, sequence: 8 })
  expect(lastAcknowledgement(peer)).toMatchObject({ cumulative: 2 })
})

it('a message that is too long: its flow is rejected, the session goes on', () => {
  const peer = new RawPeer({ maxMessageLength: 5_000 })
  const flows = taking(peer)
  const ends: boolean[] = []
  peer.sendData({ flowId: FLOW, sequence: 1, fragment: Fragment.Begin, data: Buffer.alloc(1_000) })
  if (flows[0] !== undefined) flows[0].onEnd = finished => ends.push(finished)
  for (let sequence = 2; sequence <= 5; sequence += 1)
    peer.sendData({ flowId: FLOW, sequence, fragment: Fragment.Middle, data: Buffer.alloc(1_000) })
  expect(types(peer)).not.toContain(ChunkType.FlowException)
  peer.sendData({ flowId: FLOW, sequence: 6, fragment: Fragment.Middle, data: Buffer.alloc(1_000) })
  expect(types(peer)).toEqual([ChunkType.FlowException, ChunkType.AcknowledgementRanges])
  expect(ends).toEqual([false])
  expect(peer.session.isOpen).toBe(true)
})

it('what waits out of order has room for the longest message and some, and what has none is not acknowledged', () => {
  const peer = new RawPeer({ maxMessageLength: 10_000 })
  taking(peer)
  for (let sequence = 2; sequence <= 200; sequence += 1)
    peer.sendData({ flowId: FLOW, sequence, data: Buffer.alloc(1_000) })
  const { ranges, bufferAvailable } = lastAcknowledgement(peer)
  expect(ranges).toHaveLength(1)
  const taken = (ranges[0]?.last ?? 0) - 1
  expect(taken).toBeGreaterThan(60)
  expect(taken).toBeLessThan(76)
  expect(bufferAvailable).toBe(1_024)
  // The one that was missing has room in any case.
  peer.sendData({ flowId: FLOW, sequence: 1, data: Buffer.alloc(1_000) })
  expect(lastAcknowledgement(peer).cumulative).toBe(taken + 1)
})

it.each([0, 1])('a message of crumbs takes memory, too: %i bytes each', length => {
  const peer = new RawPeer({ maxMessageLength: 10_000 })
  const flows = taking(peer)
  let count = 1
  peer.sendData({ flowId: FLOW, sequence: 1, fragment: Fragment.Begin, data: Buffer.alloc(length) })
  const ends: boolean[] = []
  if (flows[0] !== undefined) flows[0].onEnd = finished => ends.push(finished)
  while (ends.length === 0 && count < 2_000) {
    count += 1
    peer.sendData({ flowId: FLOW, sequence: count, fragment: Fragment.Middle, data: Buffer.alloc(length) })
  }
  // 128 bytes for each, of those of the longest message and some.
  expect(count).toBeLessThan(620)
  expect(types(peer)).toContain(ChunkType.FlowException)
  expect(peer.session.receivedBytes).toBe(0)
})

it('fragments that wait for one before them: of one more nothing is kept, nor acknowledged', () => {
  const peer = new RawPeer({ maxFragments: 5 })
  taking(peer)
  for (let sequence = 2; sequence <= 9; sequence += 1) peer.sendData({ flowId: FLOW, sequence })
  expect(lastAcknowledgement(peer)).toMatchObject({ cumulative: 0, ranges: [{ first: 2, last: 6 }] })
  peer.sendData({ flowId: FLOW, sequence: 1 })
  peer.wait(200)
  expect(lastAcknowledgement(peer)).toMatchObject({ cumulative: 6, ranges: [] })
})

it('all flows of a session together', () => {
  const peer = new RawPeer({ maxBuffered: 20_000, maxMessageLength: 10_000 })
  const flows = taking(peer)
  for (let flowId = 1; flowId <= 4; flowId += 1)
    for (let sequence = 1; sequence <= 8; sequence += 1) {
      const fragment = sequence === 1 ? Fragment.Begin : Fragment.Middle
      peer.sendData({ flowId, sequence, fragment, data: Buffer.alloc(1_000) })
    }
  expect(flows).toHaveLength(4)
  expect(types(peer).filter(type => type === ChunkType.FlowException).length).toBeGreaterThan(0)
})

it('acknowledgements of what was never sent', () => {
  const peer = new RawPeer({ maxFalseAcknowledgements: 10 })
  const ends: string[] = []
  peer.session.onEnd = why => ends.push(why)
  const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 5 })
  const message = flow.write([Buffer.from('x')])
  peer.run()
  const ranges = [{ first: 5, last: 9 }]
  for (let count = 0; count < 9; count += 1)
    peer.send(writer =>
      writeAcknowledgement(writer, { flowId: flow.id, bufferAvailable: 65_536, cumulative: 1, ranges }),
    )
  expect(message.state).toBe('sending')
  expect(ends).toEqual([])
  peer.send(writer =>
    writeAcknowledgement(writer, { flowId: flow.id, bufferAvailable: 65_536, cumulative: 2, ranges: [] }),
  )
  expect(ends).toEqual(['false acknowledgements'])
})

it('a flow has no room above its buffer, and tells when it has again', () => {
  const peer = new RawPeer({ sendBuffer: 1_000 })
  let rooms = 0
  const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 5, onRoom: () => (rooms += 1) })
  flow.write([Buffer.alloc(600)])
  expect(flow.hasRoom).toBe(true)
  flow.write([Buffer.alloc(600)])
  expect(flow.hasRoom).toBe(false)
  expect(flow.bufferedBytes).toBe(1_200)
  peer.run()
  peer.send(writer =>
    writeAcknowledgement(writer, { flowId: flow.id, bufferAvailable: 65_536, cumulative: 1, ranges: [] }),
  )
  expect(flow.bufferedBytes).toBe(600)
  expect(rooms).toBe(1)
})

it('a flow that is held takes some more, then none, until it is not', () => {
  const peer = new RawPeer()
  const flows = taking(peer)
  const received: number[] = []
  peer.sendData({ flowId: FLOW, sequence: 1, data: Buffer.alloc(1_000, 1) })
  const flow = flows[0] as ReceiveFlow
  flow.onMessage = message => {
    received.push(message[0] as number)
    if (message[0] === 3) flow.isHeld = true
  }
  flow.isHeld = true
  for (let sequence = 2; sequence <= 100; sequence += 1)
    peer.sendData({ flowId: FLOW, sequence, data: Buffer.alloc(1_000, sequence) })
  const { bufferAvailable, cumulative } = lastAcknowledgement(peer)
  expect(cumulative).toBeLessThan(70)
  expect(bufferAvailable).toBeLessThanOrEqual(1_024)
  expect(received).toEqual([])
  flow.isHeld = false
  expect(received).toEqual([2, 3])
  flow.isHeld = false
  peer.run()
  expect(received).toHaveLength(cumulative - 1)
  expect(lastAcknowledgement(peer).bufferAvailable).toBeGreaterThan(4_000_000)
})

it('asks for the window of a far end that has none, less and less often', () => {
  const peer = new RawPeer({ retransmitLimit: 1e9 })
  const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 5 })
  flow.write([Buffer.from('x')])
  peer.run()
  const acknowledge = (bufferAvailable: number, cumulative: number) =>
    peer.send(writer => writeAcknowledgement(writer, { flowId: flow.id, bufferAvailable, cumulative, ranges: [] }))
  acknowledge(0, 1)
  const second = flow.write([Buffer.from('y')])
  peer.seen()
  peer.wait(1_999)
  expect(types(peer)).toEqual([])
  peer.wait(30_000)
  const probes = peer.seen()
  expect(new Set(probes.map(({ type }) => type))).toEqual(new Set([ChunkType.BufferProbe]))
  expect(probes.length).toBeGreaterThan(3)
  expect(probes.length).toBeLessThan(8)
  expect(probes[0]?.payload).toEqual(Buffer.of(flow.id))
  acknowledge(65_536, 1)
  expect(second.state).toBe('sending')
})

it('answers such a question at once', () => {
  const peer = new RawPeer()
  taking(peer)
  peer.sendData({ flowId: FLOW, sequence: 1 })
  peer.seen()
  peer.send(writer => writeBufferProbe(writer, FLOW))
  expect(types(peer)).toEqual([ChunkType.AcknowledgementRanges])
})
