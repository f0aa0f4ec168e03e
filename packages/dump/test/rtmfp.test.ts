import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parseKeyLog, type RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp/wire'
import { describe, expect, it } from 'vitest'
import {
  recordedSessions,
  rtmfpCapture,
  rtmfpKeys,
  type RtmfpRecording,
} from '../../../test/support/rtmfp-recordings.ts'
import { RecordText } from '../src/record-text.ts'
import type { DumpRecord, MessageRecord, RtmfpChunkRecord } from '../src/record.ts'
import { pcapFile, udp } from './support/capture-file.ts'
import { complaintsOf, ofKind, recordsOf } from './support/dump.ts'
import { ack, close, sealedPackets, startupPacket, userData } from './support/rtmfp.ts'

const capture = (name: RtmfpRecording): Buffer => readFileSync(rtmfpCapture(name))
const keysOf = (name: RtmfpRecording): RtmfpSessionKeys[] => parseKeyLog(readFileSync(rtmfpKeys(name), 'utf8'))
const of = <Kind extends { readonly connection: number }>(records: readonly Kind[], connection: number): Kind[] =>
  records.filter(record => record.connection === connection)

/** Messages of each flow, in its order: between flows there is none. */
function byFlow(messages: readonly (Omit<Partial<MessageRecord>, 'from'> & { readonly from: unknown })[]) {
  const flows: Record<string, unknown[]> = {}
  for (const { from, flowId, messageStreamId, messageTypeId, timestamp, length } of messages)
    (flows[`${String(from)} ${flowId}`] ??= []).push([messageStreamId, messageTypeId, timestamp, length])
  return flows
}

function counts(chunks: readonly RtmfpChunkRecord[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { typeId } of chunks) found[`0x${typeId.toString(16)}`] = (found[`0x${typeId.toString(16)}`] ?? 0) + 1
  return found
}

const textOf = (records: readonly DumpRecord[]): string[] => {
  const text = new RecordText()
  return records.flatMap(record => text.line(record) ?? [])
}

describe('sessions of real programs, with their keys', () => {
  it.each(['rtmfp-cpp-bad-line', 'librtmfp-publish'] as const)('%s: every packet, chunk and message', name => {
    const records = recordsOf(capture(name), { rtmfpKeys: keysOf(name) })
    const sessions = recordedSessions(name)
    expect(ofKind(records, 'connection')).toHaveLength(sessions.length)
    expect(ofKind(records, 'gap')).toEqual([])
    for (const [index, { packets, chunks, messages }] of sessions.entries()) {
      const told = of(ofKind(records, 'packet'), index + 1)
      expect([told.length, told.filter(({ opened }) => !opened).length]).toEqual([packets, 0])
      const inSession = of(ofKind(records, 'rtmfp-chunk'), index + 1).filter(({ startup }) => !startup)
      expect(counts(inSession)).toEqual(chunks)
      expect(byFlow(of(ofKind(records, 'message'), index + 1))).toEqual(byFlow(messages))
      const ends = of(ofKind(records, 'end'), index + 1)
      expect(ends.map(({ inside, unopened }) => [inside, unopened])).toEqual([
        [null, 0],
        [null, 0],
      ])
      expect(ends.reduce((sum, end) => sum + (end.packets ?? 0), 0)).toBe(packets)
      expect(ends.reduce((sum, end) => sum + end.messages, 0)).toBe(messages.length)
    }
  })

  it('shows what the sender repeated, and what the receiver says is missing', () => {
    const records = recordsOf(capture('rtmfp-cpp-bad-line'), { rtmfpKeys: keysOf('rtmfp-cpp-bad-line') })
    const chunks = ofKind(records, 'rtmfp-chunk')
    // The line took 14 parts of messages. The last one was not sent again: the session had ended before.
    const repeated = chunks.filter(({ body }) => body['repeated'] === true)
    expect(repeated).toHaveLength(13)
    const first = repeated[0]?.body
    expect(chunks.some(({ body, type }) => type === 'UserData' && body['sequence'] === first?.['sequence'])).toBe(true)
    const missing = chunks.filter(({ body }) => Array.isArray(body['missing']) && body['missing'].length > 0)
    expect(missing.length).toBeGreaterThan(0)
    expect(textOf(missing)[0]).toMatch(/AckRanges .* cumulative \d+, ranges \[\[.*missing \[\[\d+, \d+\]\]$/)
    // No mistake of anybody.
    expect(complaintsOf(records)).toEqual([])
  })

  it('librtmfp asks with transaction 0, which is complained of', () => {
    const records = recordsOf(capture('librtmfp-publish'), { rtmfpKeys: keysOf('librtmfp-publish') })
    expect(ofKind(records, 'complaint').map(({ code, from }) => `${from} ${code}`)).toEqual([
      'client command-form',
      'server command-state',
      'client command-form',
      'server command-state',
    ])
  })
})

describe('Flash Player', () => {
  const records = recordsOf(capture('flash-player'), { rtmfpKeys: keysOf('flash-player') })
  const chunks = ofKind(records, 'rtmfp-chunk')

  it('opens a session: every field of start-up', () => {
    expect(ofKind(records, 'connection')).toEqual([
      {
        kind: 'connection',
        connection: 1,
        client: '192.168.202.99:55655',
        server: '192.168.137.183:1935',
        capturedAt: 0,
        protocol: 'rtmfp',
      },
      expect.objectContaining({ connection: 2, server: '198.51.100.1:1935' }),
    ])
    const startup = of(chunks, 1).filter(it => it.startup)
    expect(startup.map(({ type, from, body }) => [type, from, body])).toEqual([
      [
        'IHello',
        'client',
        { discriminator: { url: 'rtmfp://192.168.137.183/' }, tag: '2175b73f525fa0dd1f75ae339a706cc3' },
      ],
      [
        'RHello',
        'server',
        {
          tag: '2175b73f525fa0dd1f75ae339a706cc3',
          cookieLength: 64,
          certificate: {
            fingerprint: '86241000ea4d58784f613f40f28bc022b475d8682d2091c5ed8a1af5bf0aa0c4',
            keys: 'ephemeral',
            groups: [2, 5, 14],
            acceptsAncillaryData: true,
          },
        },
      ],
      [
        'IIKeying',
        'client',
        {
          sessionId: '02000000',
          cookieLength: 64,
          certificate: {
            fingerprint: '9210df7cb656cad82a607efd810e6c3f922a062ec7dae6df0f39e8a7248dcbf8',
            keys: 'static',
            groups: [2],
            acceptsAncillaryData: false,
          },
          keying: { selectedGroup: 2, hmac: ['sendsOnRequest'], hmacLength: 10, sequence: ['sendsOnRequest'] },
          signatureLength: 1,
        },
      ],
      [
        'RIKeying',
        'server',
        {
          sessionId: '00000001',
          keying: { ephemeralGroup: 2, hmac: [], hmacLength: 0, sequence: [] },
          signatureLength: 1,
        },
      ],
    ])
  })

  it('connects: packets, chunks and messages, as lines', () => {
    const lines = textOf(records.filter(record => !('connection' in record) || record.connection === 1))
    expect(lines.slice(9, 15)).toEqual([
      '   0.040000  #1 client      376  packet  276 bytes, session 00000001, initiator, timestamp 7792, echo 25681, time critical',
      '   0.040000  #1 client      376  chunk  UserData  253 bytes  flowId 2, sequence 1, forwardSequence 0, fragment whole, dataLength 242, options [{type: "metadata", streamId: 0, isUnordered: false}]',
      expect.stringMatching(
        /^ {3}0\.040000 {2}#1 client {6}376 {7}0 ms {2}flow 2 {2}stream 0 {2}CommandAmf0 {2}237 bytes {2}connect\(1\) \{app: "", flashVer: "WIN 11,7,700,202"/,
      ) as string,
      '   0.050000  #1 server      344  packet  196 bytes, session 02000000, responder, timestamp 25685, echo 7792, time critical reverse',
      '   0.050000  #1 server      344  chunk  AckRanges  3 bytes  flowId 2, bufferAvailable 130048, cumulative 1',
      '   0.050000  #1 server      344  chunk  UserData  165 bytes  flowId 1, sequence 1, forwardSequence 0, fragment whole, dataLength 151, options [{type: "metadata", streamId: 0, isUnordered: false}, {type: "returnAssociation", flowId: 2}]',
    ])
    expect(lines.find(line => line.includes('setPeerInfo'))).toMatch(
      / 130 ms {2}flow 2 {2}stream 0 {2}CommandAmf3 {2}70 bytes {2}setPeerInfo\(0\) null, "192\.168\.137\.1:55655", "192\.168\.202\.99:55655"$/,
    )
    expect(lines.slice(-5)).toEqual([
      '   0.100000  #1 client      792  packet  20 bytes, session 00000001, initiator, timestamp 8333, echo 26221',
      '   0.100000  #1 client      792  chunk  SessionCloseAck  0 bytes',
      '   0.100000  #1 client      812  end  2 messages in 7 packets',
      '   0.100000  #1 server      592  end  2 messages in 4 packets',
      '2 RTMP connections; the capture ends at byte 2792',
    ])
  })

  it('asks Cirrus, whose session nobody has the keys of', () => {
    expect(of(chunks, 2).map(({ type }) => type)).toEqual(['IHello', 'RHello', 'IIKeying', 'RIKeying'])
    expect(of(chunks, 2)[0]?.body).toMatchObject({ discriminator: { url: 'rtmfp://cc.rtmfp.net' } })
    expect(of(chunks, 2)[3]?.body).toMatchObject({ sessionId: '45020000' })
  })
})

describe('without keys', () => {
  it('says of each packet whose it is and how long, and once what to do', () => {
    const records = recordsOf(capture('flash-player'))
    const packets = of(ofKind(records, 'packet'), 1)
    expect(packets.map(({ sessionId, length, opened }) => [sessionId, length, opened])).toEqual([
      ['00000000', 68, true],
      ['00000000', 180, true],
      ['00000000', 308, true],
      ['02000000', 164, true],
      ['00000001', 276, false],
      ['02000000', 196, false],
      ['00000001', 20, false],
      ['00000001', 100, false],
      ['02000000', 52, false],
      ['00000001', 20, false],
      ['00000001', 20, false],
    ])
    expect(ofKind(records, 'message')).toEqual([])
    const complaints = ofKind(records, 'complaint')
    expect(complaints.map(({ code, fatal }) => [code, fatal])).toEqual([['encrypted', false]])
    expect(complaints[0]?.text).toMatch(/serve --rtmfp-keylog FILE .* --rtmfp-keys FILE/)
    expect(textOf(of(ofKind(records, 'packet'), 1).slice(0, 5)).at(-1)).toMatch(
      /276 bytes, session 00000001, not opened$/,
    )
  })

  it('and with those of other sessions the same', () => {
    const records = recordsOf(capture('flash-player'), { rtmfpKeys: keysOf('rtmfp-cpp-bad-line').slice(1) })
    // Their initiators have the same id: the keys are tried, and do not open its packets.
    expect(ofKind(records, 'packet').filter(({ opened }) => opened)).toHaveLength(8)
    expect(ofKind(records, 'complaint').map(({ code }) => code)).toEqual(['encrypted'])
  })

  it('finds it at other ports by its start-up, and leaves other UDP alone', () => {
    const dns = udp('10.0.0.1:5353', '10.0.0.9:53', Buffer.from('1234010000010000', 'hex'))
    const [first] = ofKind(recordsOf(capture('rtmfp-cpp-bad-line')), 'connection')
    expect(first).toMatchObject({ client: '127.0.0.1:50001', server: '127.0.0.1:23936' })
    expect(recordsOf(pcapFile([dns, dns])).map(({ kind }) => kind)).toEqual(['capture-end'])
  })
})

const [keys] = keysOf('rtmfp-cpp-bad-line') as [RtmfpSessionKeys, RtmfpSessionKeys]
const client = '10.0.0.1:40000'
const server = '10.0.0.2:1935'
const dump = (...datagrams: readonly Buffer[]) => recordsOf(pcapFile(datagrams), { rtmfpKeys: [keys] })
const sent = (datagram: Buffer, from = client) => udp(from, from === server ? client : server, datagram)

describe('chunks, bytes as RFC 7016 §2.3 has them', () => {
  const chunk = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
  const fingerprint = '9210df7cb656cad82a607efd810e6c3f922a062ec7dae6df0f39e8a7248dcbf8'

  it.each([
    ['IHello', `30 0025 22 21 0f ${fingerprint} 4142`, { discriminator: { fingerprint }, tag: '4142' }],
    [
      'Redirect',
      '71 001c 01 41 02 c0000207 078f 81 20010db8000000000000000000000007 0010',
      {
        tag: '41',
        destinations: [
          { address: '192.0.2.7:1935', origin: 'observed' },
          { address: '[2001:db8::7]:16', origin: 'reported' },
        ],
      },
    ],
    ['RHelloCookieChange', '79 0006 02 0102 030405', { oldCookieLength: 2, cookieLength: 3 }],
    ['PacketFragment', '7f 0005 80 07 01 aabb', { packetId: 7, fragment: 1, dataLength: 2, more: true }],
  ])('%s, of start-up', (type, text, body) => {
    const records = dump(sent(startupPacket(0, chunk(text))))
    expect(complaintsOf(records)).toEqual([])
    expect(ofKind(records, 'rtmfp-chunk')).toMatchObject([{ type, startup: true, body }])
  })

  it.each([
    [
      'FIHello',
      `0f 002d 22 21 0f ${fingerprint} 02 c0000207 078f 414243`,
      { discriminator: { fingerprint }, reply: { address: '192.0.2.7:1935', origin: 'observed' }, tag: '414243' },
    ],
    ['Ping', '01 0002 4d01', {}],
    ['PingReply', '41 0002 4d01', {}],
    ['SessionClose', '0c 0000', {}],
    ['SessionCloseAck', '4c 0000', {}],
    ['BufferProbe', '18 0001 05', { flowId: 5 }],
    ['FlowException', '5e 0003 05 8100', { flowId: 5, code: 128 }],
    // Up to 4, not 5, from 6 to 7, not 8, and 9.
    [
      'AckRanges',
      '51 0007 05 02 04 00 01 00 00',
      {
        flowId: 5,
        bufferAvailable: 2048,
        cumulative: 4,
        ranges: [
          [6, 7],
          [9, 9],
        ],
        missing: [
          [5, 5],
          [8, 8],
        ],
      },
    ],
    [
      'AckBitmap',
      '50 0004 05 02 04 0b',
      {
        flowId: 5,
        bufferAvailable: 2048,
        cumulative: 4,
        ranges: [
          [6, 7],
          [9, 9],
        ],
        missing: [
          [5, 5],
          [8, 8],
        ],
      },
    ],
    ['Chunkec', 'ec 0001 07', {}],
  ])('%s, of a session', (type, text, body) => {
    const records = dump(sent(sealedPackets(keys).server(chunk(text)), server))
    expect(complaintsOf(records)).toEqual([])
    expect(ofKind(records, 'rtmfp-chunk').map(it => [it.type, it.from, it.body])).toEqual([[type, 'server', body]])
    expect(ofKind(records, 'connection')).toMatchObject([{ client, server }])
  })

  it('user data that goes on in the same packet, with options of any kind', () => {
    const options = '050054430400020a07035501'.concat('02')
    const first = userData({ flowId: 2, sequence: 1, forward: 0, fragment: 0x10, options, data: Buffer.of(20) })
    const records = dump(sent(sealedPackets(keys).client(first, chunk('11 0002 20 01'))))
    expect(ofKind(records, 'rtmfp-chunk').map(({ type, body }) => [type, body])).toEqual([
      [
        'UserData',
        {
          flowId: 2,
          sequence: 1,
          forwardSequence: 0,
          fragment: 'begin',
          dataLength: 1,
          abandoned: false,
          final: false,
          repeated: false,
          options: [
            { type: 'metadata', streamId: 0, isUnordered: false },
            { type: 'returnAssociation', flowId: 7 },
            { type: 'Option85', length: 2 },
          ],
        },
      ],
      ['NextUserData', expect.objectContaining({ flowId: 2, sequence: 2, fragment: 'end', dataLength: 1 })],
    ])
  })
})

describe('what is wrong with packets', () => {
  const packets = sealedPackets(keys)
  const metadata = '050054430400'
  const message = (text: string) => Buffer.concat([Buffer.of(18, 0, 0, 0, 7), Buffer.from(`0200${text}`, 'hex')])
  const whole = (sequence: number, forward: number, text: string, options = metadata) =>
    userData({ flowId: 2, sequence, forward, options, data: message(text) })
  const one = '0361626305'

  it('is shown, and ends nothing', () => {
    const good = packets.client(whole(1, 0, one))
    const forged = Buffer.from(good)
    forged[20] = (forged[20] as number) ^ 1
    const records = dump(
      sent(Buffer.of(1, 2, 3)),
      sent(Buffer.alloc(36, 7)),
      sent(good),
      sent(forged),
      sent(startupPacket(0, Buffer.from('30 0003 21 0f 01'.replaceAll(' ', ''), 'hex'))),
      sent(
        packets.client(
          Buffer.from('4d000161', 'hex'),
          userData({ flowId: 2, sequence: 3, forward: 9, data: message(one) }),
        ),
      ),
      sent(packets.client(whole(2, 1, one))),
    )
    expect(ofKind(records, 'packet').map(({ opened }) => opened)).toEqual([false, false, true, false, true, true, true])
    expect(ofKind(records, 'complaint').map(({ code }) => code)).toEqual([
      'rtmfp-packet',
      'encrypted',
      'rtmfp-packet',
      'rtmfp-chunk-form',
      'rtmfp-chunk-form',
    ])
    expect(ofKind(records, 'message').map(({ flowId, timestamp }) => [flowId, timestamp])).toEqual([
      [2, 7],
      [2, 7],
    ])
    const chunks = ofKind(records, 'rtmfp-chunk')
    expect(chunks.map(({ type, body }) => [type, Object.keys(body).length > 0])).toEqual([
      ['UserData', true],
      ['IHello', false],
      ['Chunk4d', false],
      ['UserData', false],
      ['UserData', true],
    ])
    expect(ofKind(records, 'end').map(({ packets: all, unopened }) => [all, unopened])).toEqual([
      [7, 3],
      [0, 0],
    ])
  })

  it('a copy of a packet, and one from another address', () => {
    const first = packets.client(whole(1, 0, one))
    const moved = '10.0.0.7:5000'
    const records = dump(sent(first), sent(first), udp(moved, server, packets.client(ack(1, 4, 1))))
    expect(ofKind(records, 'connection')).toHaveLength(1)
    const told = ofKind(records, 'packet')
    expect(told.map(({ copy, address }) => [copy, address])).toEqual([
      [false, undefined],
      [true, undefined],
      [false, moved],
    ])
    expect(ofKind(records, 'message')).toHaveLength(1)
    expect(textOf(told)[2]).toContain(`from ${moved}, number`)
  })

  it('parts that come late are put in order, and what is given up is a gap', () => {
    const data = message(`04${'61'.repeat(4)}`)
    const part = (sequence: number, fragment: number, bytes: Buffer, forward = 0) =>
      userData({ flowId: 2, sequence, forward, fragment, options: metadata, data: bytes })
    const records = dump(
      sent(packets.client(part(3, 0x20, data.subarray(9)))),
      sent(packets.client(part(1, 0x10, data.subarray(0, 4)))),
      sent(packets.client(part(2, 0x30, data.subarray(4, 9)))),
      // The fifth comes, the fourth is given up.
      sent(packets.client(whole(5, 3, one))),
      sent(packets.client(userData({ flowId: 2, sequence: 4, forward: 4, flags: 0x02, data: Buffer.alloc(0) }))),
      sent(
        packets.client(close(), userData({ flowId: 2, sequence: 6, forward: 5, flags: 0x03, data: Buffer.alloc(0) })),
      ),
    )
    expect(complaintsOf(records)).toEqual([])
    const kinds = records.flatMap(it => (it.kind === 'message' || it.kind === 'gap' ? [it] : []))
    expect(kinds.map(({ kind, flowId }) => [kind, flowId])).toEqual([
      ['message', 2],
      ['gap', 2],
      ['message', 2],
    ])
    // It stands where its first part is.
    const [, second] = ofKind(records, 'packet')
    expect(kinds[0]?.offset).toBe(second?.offset)
    expect(textOf(kinds)[1]).toMatch(/gap {2}flow 2 {2}stream 0 {2}messages were given up, or are not in the capture$/)
  })

  it('a flow that begins before the capture, or is too short for a message, says so', () => {
    const records = dump(
      sent(packets.client(whole(9, 8, one, ''))),
      sent(packets.client(userData({ flowId: 3, sequence: 1, forward: 0, options: metadata, data: Buffer.of(20, 0) }))),
    )
    expect(ofKind(records, 'complaint').map(({ code, text }) => [code, text.slice(0, 30)])).toEqual([
      ['capture-joined', 'flow 2 begins before the captu'],
      ['rtmfp-message-form', 'a message of 2 bytes has no ty'],
    ])
  })

  it('never throws for packets of any content', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 90 })), {
          maxLength: 6,
        }),
        content => {
          const datagrams = content.map(([isStartup, isClient, bytes]) => {
            const chunks = Buffer.from(bytes)
            if (isStartup) return sent(startupPacket(0, chunks))
            return isClient ? sent(packets.client(chunks)) : sent(packets.server(chunks), server)
          })
          for (const line of textOf(dump(...datagrams))) {
            if (/\p{Cc}/u.test(line)) throw new Error(`a line is ${JSON.stringify(line)}`)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('never throws for captures with some bytes changed', () => {
    const file = capture('rtmfp-cpp-bad-line').subarray(0, 40_000)
    const options = { rtmfpKeys: keysOf('rtmfp-cpp-bad-line') }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        changes => {
          const bytes = Buffer.from(file)
          for (const [at, value] of changes) bytes[at] = value
          expect(textOf(recordsOf(bytes, options)).length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 20 },
    )
  })
})
