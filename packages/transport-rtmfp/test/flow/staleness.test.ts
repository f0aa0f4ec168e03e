import { expect, it } from 'vitest'
import type { OutgoingMessage } from '../../src/contract/flow.ts'
import { writeAcknowledgement } from '../../src/wire/acknowledgement.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { readUserData } from '../../src/wire/user-data.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { Bottleneck } from '../support/lossy-link.ts'
import { sessionPair } from '../support/session-pair.ts'

it('what is too late to begin is never sent, and the far end sees that something is missing', () => {
  const { simulation, initiator, responder } = sessionPair({ delay: 20 })
  const received: string[] = []
  responder.onFlow = flow => {
    flow.onMessage = message => received.push(message.toString('utf8', 0, 1))
    flow.onGap = () => received.push('gap')
    flow.onEnd = () => received.push('end')
    return true
  }
  const settled: OutgoingMessage[] = []
  const flow = initiator.openFlow({
    metadata: Buffer.from('m'),
    priority: 4,
    onSettled: message => settled.push(message),
  })
  const first = flow.write([Buffer.alloc(30_000, 'a')])
  const late = flow.write([Buffer.alloc(10, 'b')], { startWithin: 5 })
  const last = flow.write([Buffer.from('c')])
  expect(late.state).toBe('queued')
  flow.close()
  simulation.run(5_000)
  expect(received).toEqual(['a', 'gap', 'c', 'end'])
  expect([first.state, late.state, last.state]).toEqual(['delivered', 'abandoned', 'delivered'])
  expect(settled).toEqual([late, first, last])
  expect(flow.bufferedBytes).toBe(0)
})

it('nothing comes late over a line that is too slow', () => {
  const { simulation, initiator, responder } = sessionPair({
    delay: 30,
    loss: 0.02,
    bottleneck: new Bottleneck(0.5, 20_000),
  })
  const [delays, gaps]: [number[], number[]] = [[], []]
  responder.onFlow = flow => {
    flow.onMessage = message => delays.push(simulation.now - message.readDoubleBE(0))
    flow.onGap = () => gaps.push(simulation.now)
    return true
  }
  const flow = initiator.openFlow({ metadata: Buffer.from('m'), priority: 4 })
  const messages: OutgoingMessage[] = []
  simulation.every(40, 20_000, () => {
    const bytes = Buffer.alloc(5_000)
    bytes.writeDoubleBE(simulation.now)
    const message = flow.write([bytes], { startWithin: 500, finishWithin: 600 })
    messages.push(message)
    simulation.at(simulation.now + 500.1, () => expect(message.state).not.toBe('queued'))
    simulation.at(simulation.now + 600.1, () => expect(['delivered', 'abandoned']).toContain(message.state))
  })
  simulation.run(25_000)
  const delivered = messages.filter(({ state }) => state === 'delivered').length
  expect(messages.filter(({ state }) => state === 'abandoned').length).toBe(messages.length - delivered)
  // Half of what was written has no room.
  expect(delays.length).toBeGreaterThan(messages.length / 4)
  expect(delays.length).toBeLessThan(messages.length * 0.6)
  expect(gaps.length).toBeGreaterThan(10)
  // What was on its way at its deadline may still come, or what a lost one holds back: a round trip, 320 ms of it queue, and
  // as much again.
  expect(Math.max(...delays)).toBeLessThan(600 + 2 * (30 + 30 + 320))
  expect(flow.bufferedBytes).toBe(0)
})

it('what can not be understood without another is given up with it', () => {
  const peer = new RawPeer()
  const settled: OutgoingMessage[] = []
  const flow = peer.session.openFlow({
    metadata: Buffer.from('m'),
    priority: 4,
    onSettled: message => settled.push(message),
  })
  const group: OutgoingMessage[] = []
  for (let index = 0; index < 250; index += 1) group.push(flow.write([Buffer.from('x')], { after: group.at(-1) }))
  const other = flow.write([Buffer.from('y')])
  group[1]?.abandon()
  expect(group.map(({ state }) => state)).toEqual(['queued', ...Array.from({ length: 249 }, () => 'abandoned')])
  expect(other.state).toBe('queued')
  expect(settled).toHaveLength(249)
  // Nobody is told of what comes back so at once.
  expect(flow.write([Buffer.from('x')], { after: group[5] }).state).toBe('abandoned')
  flow.close()
  expect(flow.write([Buffer.from('x')]).state).toBe('abandoned')
  expect(settled).toHaveLength(249)
  expect(flow.bufferedBytes).toBe(2)
})

it('a deadline can be made nearer, not farther', () => {
  const peer = new RawPeer()
  const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 4 })
  const message = flow.write([Buffer.from('x')])
  peer.run()
  message.finishWithin(100)
  message.finishWithin(1_000)
  peer.wait(99)
  expect(message.state).toBe('sending')
  peer.wait(1)
  expect(message.state).toBe('abandoned')
})

it('a nearer deadline leaves what it has in any case', () => {
  const peer = new RawPeer()
  const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 4 })
  const message = flow.write([Buffer.from('x')])
  peer.run()
  peer.wait(200)
  message.finishWithin(100, 1_000)
  peer.wait(799)
  expect(message.state).toBe('sending')
  peer.wait(1)
  expect(message.state).toBe('abandoned')
})

it('says with four bytes that what it had sent is given up', () => {
  const peer = new RawPeer()
  const flow = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 4 })
  const first = flow.write([Buffer.from('first')])
  peer.run()
  peer.send(writer =>
    writeAcknowledgement(writer, { flowId: flow.id, bufferAvailable: 65_536, cumulative: 1, ranges: [] }),
  )
  expect(first.state).toBe('delivered')
  const second = flow.write([Buffer.from('second')])
  peer.run()
  second.abandon()
  peer.seen()
  // Its only transmission was lost.
  peer.wait(4_000)
  const updates = peer.seen().filter(({ type }) => type === ChunkType.UserData)
  expect(updates[0]?.payload.toString('hex')).toBe(`02${flow.id.toString(16).padStart(2, '0')}0200`)
  const { sequence, forwardSequence, isAbandoned } = readUserData(new ByteReader(updates[0]?.payload as Buffer))
  expect({ sequence, forwardSequence, isAbandoned }).toEqual({ sequence: 2, forwardSequence: 2, isAbandoned: true })
  peer.send(writer =>
    writeAcknowledgement(writer, { flowId: flow.id, bufferAvailable: 65_536, cumulative: 2, ranges: [] }),
  )
  peer.seen()
  peer.wait(4_000)
  expect(peer.seen()).toEqual([])
})
