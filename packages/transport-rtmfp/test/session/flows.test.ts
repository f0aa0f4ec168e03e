import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutgoingMessage, Priority, SendFlowOptions } from '../../src/contract/flow.ts'
import { writeAcknowledgement } from '../../src/wire/acknowledgement.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { writeChunk } from '../../src/wire/packet.ts'
import { Fragment, readNextUserData, readUserData, type UserData } from '../../src/wire/user-data.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { sessionPair } from '../support/session-pair.ts'

/** Chunks of flows that were sent, one list for each packet. */
function userData(peer: RawPeer): UserData[] {
  let before: UserData | undefined
  return peer.seen().flatMap(({ type, payload }) => {
    if (type === ChunkType.UserData) before = readUserData(new ByteReader(payload))
    else if (type === ChunkType.NextUserData) before = readNextUserData(new ByteReader(payload), before)
    else return []
    return [before]
  })
}

function open(peer: RawPeer, over: Partial<SendFlowOptions> = {}) {
  return peer.session.openFlow({ metadata: Buffer.from('m'), priority: 5, ...over })
}

function acknowledge(peer: RawPeer, flowId: number, cumulative: number): void {
  peer.send(writer => writeAcknowledgement(writer, { flowId, bufferAvailable: 1 << 20, cumulative, ranges: [] }))
}

describe('what is sent', () => {
  it('has the options of a flow until it is known to the far end', () => {
    const peer = new RawPeer()
    const flow = open(peer, { association: 300 })
    flow.write([Buffer.from('a')])
    flow.write([Buffer.from('b')])
    peer.run()
    const [first, second] = userData(peer)
    expect(first?.options?.map(({ type, value }) => [type, value.toString('hex')])).toEqual([
      [0x00, '6d'],
      [0x0a, '822c'],
    ])
    // Once in each packet.
    expect(second?.options).toBeUndefined()
    flow.write([Buffer.from('c')])
    peer.run()
    expect(userData(peer)[0]?.options).toHaveLength(2)
    acknowledge(peer, flow.id, 1)
    flow.write([Buffer.from('d')])
    peer.run()
    expect(userData(peer)[0]?.options).toBeUndefined()
  })

  it('fills packets: small messages share one, a long one is cut', () => {
    const peer = new RawPeer()
    const flow = open(peer)
    for (let count = 0; count < 20; count += 1) flow.write([Buffer.alloc(40, count)])
    peer.run()
    expect(peer.headers).toHaveLength(1)
    const types = peer.chunks.map(({ type }) => type)
    expect(types[0]).toBe(ChunkType.UserData)
    expect(new Set(types.slice(1))).toEqual(new Set([ChunkType.NextUserData]))
    expect(userData(peer).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    flow.write([Buffer.alloc(3_000)])
    peer.run()
    const parts = userData(peer)
    expect(parts.map(({ fragment }) => fragment)).toEqual([Fragment.Begin, Fragment.Middle, Fragment.End])
    expect(parts.reduce((sum, { data }) => sum + data.length, 0)).toBe(3_000)
    expect(parts[0]?.data.length).toBeGreaterThan(1_150)
  })

  it('comes in the order of priorities, and in turn where they are the same', () => {
    const peer = new RawPeer()
    const flows = ([3, 5, 5, 4] as Priority[]).map(priority => open(peer, { priority }))
    for (const flow of flows) for (let count = 0; count < 3; count += 1) flow.write([Buffer.alloc(2)])
    peer.run()
    const [vod, first, second, video] = flows.map(({ id }) => id)
    expect(userData(peer).map(({ flowId }) => flowId)).toEqual([
      first,
      second,
      first,
      second,
      first,
      second,
      video,
      video,
      video,
      vod,
      vod,
      vod,
    ])
    expect(peer.headers[0]?.timeCritical).toBe(true)
  })

  it('is not marked as time critical where nothing is', () => {
    const peer = new RawPeer()
    open(peer, { priority: 3 }).write([Buffer.from('a')])
    peer.run()
    expect(peer.headers[0]?.timeCritical).toBe(false)
  })

  it('tells the end with the last fragment, or after it with one that has no message', () => {
    const peer = new RawPeer()
    const flow = open(peer)
    flow.write([Buffer.from('a')])
    flow.close()
    peer.run()
    expect(userData(peer)).toMatchObject([{ isFinal: true, isAbandoned: false }])
    let completed = 0
    const other = open(peer, { onComplete: () => (completed += 1) })
    other.write([Buffer.from('a')])
    peer.run()
    userData(peer)
    other.close()
    peer.run()
    expect(userData(peer)).toMatchObject([{ sequence: 2, isFinal: true, isAbandoned: true, fragment: Fragment.Whole }])
    acknowledge(peer, other.id, 2)
    expect(completed).toBe(1)
  })

  it('is sent again from the bitmap form of acknowledgements too', () => {
    const peer = new RawPeer()
    const flow = open(peer)
    const messages: OutgoingMessage[] = []
    for (let count = 0; count < 4; count += 1) {
      messages.push(flow.write([Buffer.of(count)]))
      peer.run()
    }
    userData(peer)
    // 1, 3 and 4 have come.
    peer.send(writer =>
      writeChunk(writer, ChunkType.AcknowledgementBitmap, chunk => chunk.vlu(flow.id).vlu(64).vlu(1).u8(0b0000_0011)),
    )
    expect(messages.map(({ state }) => state)).toEqual(['delivered', 'sending', 'delivered', 'delivered'])
    peer.wait(200)
    expect(userData(peer).map(({ sequence }) => sequence)).toEqual([2])
  })
})

it('a flow that is refused gives everything up, says so, and ends', () => {
  const { simulation, initiator, responder } = sessionPair({ delay: 10, loss: 0.1, seed: 5 })
  const received: string[] = []
  responder.onFlow = flow => {
    flow.onMessage = message => {
      received.push(message.toString())
      if (received.length === 3) flow.reject(7)
    }
    return true
  }
  const events: string[] = []
  const flow = initiator.openFlow({
    metadata: Buffer.from('m'),
    priority: 5,
    onException: code => events.push(`exception ${code}`),
    onComplete: () => events.push('complete'),
  })
  const messages: OutgoingMessage[] = []
  for (let count = 0; count < 50; count += 1)
    simulation.at(count * 20, () => messages.push(flow.write([Buffer.from(String(count))])))
  simulation.run(10_000)
  expect(received).toEqual(['0', '1', '2'])
  expect(events).toEqual(['exception 7', 'complete'])
  expect(flow.isOpen).toBe(false)
  expect(flow.bufferedBytes).toBe(0)
  expect(messages.every(({ state }) => state === 'delivered' || state === 'abandoned')).toBe(true)
  expect(messages.at(-1)?.state).toBe('abandoned')
})

it('nothing that a far end with the right keys sends makes a session throw, or send without end', () => {
  const types = fc.oneof(fc.constantFrom(...Object.values(ChunkType)), fc.integer({ min: 0, max: 255 }))
  const small = fc.uint8Array({ maxLength: 12 })
  const chunk = fc.record({ type: types, payload: fc.oneof(small, fc.uint8Array({ maxLength: 60 })) })
  const packet = fc.record({ chunks: fc.array(chunk, { maxLength: 12 }), wait: fc.integer({ min: 0, max: 3_000 }) })
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 12 }), packets => {
      const peer = new RawPeer()
      peer.session.onFlow = flow => {
        flow.isUnordered = flow.id % 2 === 0
        return true
      }
      const flow = open(peer)
      flow.write([Buffer.alloc(20_000)])
      for (const { chunks, wait } of packets) {
        peer.send(writer => {
          for (const { type, payload } of chunks) writeChunk(writer, type, out => out.put(payload))
        })
        peer.wait(wait)
      }
      expect(peer.headers.length).toBeLessThan(30 * (packets.length + 1))
    }),
    { numRuns: 500 },
  )
})
