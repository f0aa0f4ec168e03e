import { FlowOption, Fragment, type RtmfpSessionKeys, type UserData } from '@rtmpipe/transport-rtmfp/wire'
import { describe, expect, it } from 'vitest'
import { FlowDump } from '../src/rtmfp/flow-dump.ts'
import { pcapFile, udp } from './support/capture-file.ts'
import { ofKind, recordsOf } from './support/dump.ts'
import { ack, sealedPackets } from './support/rtmfp.ts'

const server = { address: '10.0.0.2', port: 1935 }
const place = ({ address, port }: { readonly address: string; readonly port: number }) => `${address}:${port}`

const protection = (side: number, seed: number) => {
  const key = Buffer.alloc(32)
  key.writeUInt32BE(seed)
  key[4] = side
  return { aesKey: key.subarray(0, 16), hmac: { key, length: 10 }, isNumbered: true }
}

/** Keys of a session that a client opened from this address and port, under an id that it chose. */
function session(
  seed: number,
  initiator: { readonly address: string; readonly port: number },
  id = 2,
): RtmfpSessionKeys {
  return {
    initiator: { ...initiator, sessionId: id },
    responder: { ...server, sessionId: 1_000 + seed },
    initiatorToResponder: protection(1, seed),
    responderToInitiator: protection(2, seed),
  }
}

describe('thousands of sessions whose clients chose the same id', () => {
  const hostile = { address: '10.0.0.66', port: 6_000 }
  const honest = { address: '10.0.0.1', port: 40_000 }
  const many = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => session(first + index, hostile))

  it('take a bounded number of tries for each packet that none of them opens', () => {
    let tries = 0
    const keys = many(0, 2_000).map(each => ({
      ...each,
      get responderToInitiator() {
        tries += 1
        return each.responderToInitiator
      },
    }))
    const { server: seal } = sealedPackets(session(9_999, hostile))
    const packets = Array.from({ length: 100 }, () => udp(place(server), place(hostile), seal(ack(2, 4, 1))))
    const records = recordsOf(pcapFile(packets), { rtmfpKeys: keys })
    expect(ofKind(records, 'packet').filter(({ opened }) => !opened)).toHaveLength(100)
    expect(tries).toBeGreaterThan(0)
    expect(tries / packets.length).toBeLessThanOrEqual(48)
  })

  it('hide no session of another client, of whom the server is heard first', () => {
    const keys = session(5_000, honest)
    const { server: seal } = sealedPackets(keys)
    const packets = [udp(place(server), place(honest), seal(ack(2, 4, 1)))]
    const records = recordsOf(pcapFile(packets), { rtmfpKeys: [...many(0, 100), keys, ...many(100, 100)] })
    expect(ofKind(records, 'packet').map(({ opened, from }) => [opened, from])).toEqual([[true, 'server']])
  })

  it('hide no session whose addresses are others in the capture, once its client is heard', () => {
    const keys = session(5_000, honest)
    const { client, server: seal } = sealedPackets(keys)
    const [inside, outside] = ['192.168.0.5:40000', '192.168.0.9:1935']
    const packets = [udp(inside, outside, client(ack(2, 4, 1))), udp(outside, inside, seal(ack(2, 4, 1)))]
    const records = recordsOf(pcapFile(packets), { rtmfpKeys: [keys, ...many(0, 100)] })
    expect(ofKind(records, 'packet').map(({ opened, from }) => [opened, from])).toEqual([
      [true, 'client'],
      [true, 'server'],
    ])
  })

  it('and a session with one id for both ends is read in both directions', () => {
    const keys = { ...session(1, honest), responder: { ...server, sessionId: 2 } }
    const { client, server: seal } = sealedPackets(keys)
    const packets = [
      udp(place(server), place(honest), seal(ack(2, 4, 1))),
      udp(place(honest), place(server), client(ack(2, 4, 1))),
    ]
    const records = recordsOf(pcapFile(packets), { rtmfpKeys: [keys] })
    expect(ofKind(records, 'packet').map(({ opened, from }) => [opened, from])).toEqual([
      [true, 'server'],
      [true, 'client'],
    ])
  })
})

describe('parts of messages in an order that nobody sends them in', () => {
  const metadata = [{ type: FlowOption.Metadata, value: Buffer.from('54430400', 'hex') }]
  const part = (sequence: number, fragment: Fragment, forwardSequence = 0): UserData => ({
    flowId: 2,
    sequence,
    forwardSequence,
    fragment,
    isAbandoned: false,
    isFinal: false,
    options: metadata,
    data: Buffer.of(1),
  })

  /** A flow, and what it told: where messages begin, and gaps. */
  function flow() {
    const dump = new FlowDump()
    const told: (number | 'gap')[] = []
    const reader = {
      message: (_bytes: Buffer, _streamId: number, offset: number) => void told.push(offset),
      gap: () => void told.push('gap'),
    }
    return { told, push: (data: UserData, offset: number) => dump.push(data, offset, reader) }
  }

  it('are given up when very many wait, and what comes then is read', () => {
    const { told, push } = flow()
    const first = 20_000
    for (let sequence = first; sequence > 1; sequence -= 1) push(part(sequence, Fragment.Middle), 0)
    expect(told).toEqual(['gap'])
    push(part(first + 1, Fragment.Whole), 7)
    expect(told).toEqual(['gap', 7])
  })

  it('do not shift the places of messages that come while one waits for ever', () => {
    const { told, push } = flow()
    push(part(1_000_000, Fragment.Whole), 1)
    const count = 110_000
    for (let sequence = 1; sequence <= count; sequence += 1) push(part(sequence, Fragment.Whole), 2)
    push(part(count + 1, Fragment.Begin), 3)
    push(part(count + 2, Fragment.End), 4)
    expect(told).toHaveLength(count + 1)
    expect(told.at(-1)).toBe(3)
  })

  it('nor of those that come after very many that were begun and never ended', () => {
    const { told, push } = flow()
    push(part(1_000_000, Fragment.Whole), 1)
    const count = 110_000
    for (let sequence = 1; sequence <= count; sequence += 1) push(part(sequence, Fragment.Begin), 2)
    push(part(count + 1, Fragment.Begin), 3)
    push(part(count + 2, Fragment.End), 4)
    expect(told.filter(each => each !== 'gap')).toEqual([3])
  })
})
