import { describe, expect, it } from 'vitest'
import { recordings, rtmpBytes } from '../../../test/support/recordings.ts'
import type { DumpRecord } from '../src/record.ts'
import { ipv4, ipv6, pcapFile, pcapngFile, type TestSegment } from './support/capture-file.ts'
import { complaintsOf, ofKind, recordsOf } from './support/dump.ts'

const bytesOf = (file: string): Buffer => {
  const recording = recordings().find(it => it.file === file)
  if (recording === undefined) throw new Error(`no recording ${file}`)
  return rtmpBytes(recording)
}
const client = bytesOf('gstreamer-publish-rtmp.client.bin')
const server = bytesOf('gstreamer-publish-rtmp.server.bin')
const essence = (records: readonly DumpRecord[], from: 'client' | 'server') =>
  ofKind(records, 'message')
    .filter(record => record.from === from)
    .map(({ offset, messageTypeId, timestamp, length }) => [offset, messageTypeId, timestamp, length])
const expected = { client: allOf(client), server: allOf(server) }

function allOf(bytes: Buffer): unknown[] {
  const records = ofKind(recordsOf(bytes), 'message')
  return records.map(({ offset, messageTypeId, timestamp, length }) => [offset, messageTypeId, timestamp, length])
}

function cut(from: 'client' | 'server', bytes: Buffer, size: number): TestSegment[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => ({
    from,
    at: 1 + i * size,
    payload: bytes.subarray(i * size, (i + 1) * size),
  }))
}

const opening: TestSegment[] = [
  { from: 'client', at: 0, flags: 'S' },
  { from: 'server', at: 0, flags: 'SA' },
]
// All that the server says comes between two parts of what the client says.
const c = cut('client', client, 1_000)
const s = cut('server', server, 1_000)
const [c0, ...cRest] = c as [TestSegment, ...TestSegment[]]
const connection: TestSegment[] = [
  ...opening,
  c0,
  ...cRest.slice(0, 4),
  ...s,
  ...cRest.slice(4),
  { from: 'client', at: 1 + client.length, flags: 'F' },
  { from: 'server', at: 1 + server.length, flags: 'F' },
]

function expectWhole(records: readonly DumpRecord[]): void {
  expect(essence(records, 'client')).toEqual(expected.client)
  expect(essence(records, 'server')).toEqual(expected.server)
  expect(ofKind(records, 'end').map(({ from, offset, inside }) => [from, offset, inside])).toEqual([
    ['client', client.length, null],
    ['server', server.length, null],
  ])
}

const cooked = (packet: Buffer) => Buffer.concat([Buffer.alloc(14), Buffer.of(0x08, 0x00), packet])
const cooked2 = (packet: Buffer) => Buffer.concat([Buffer.of(0x08, 0x00), Buffer.alloc(18), packet])
const ethernet = (packet: Buffer) => Buffer.concat([Buffer.alloc(12), Buffer.of(0x08, 0x00), packet])
const vlan = (packet: Buffer) => Buffer.concat([Buffer.alloc(12), Buffer.from('810000070800', 'hex'), packet])
const loopback = (packet: Buffer) => Buffer.concat([Buffer.of(2, 0, 0, 0), packet])
const ethernet6 = (packet: Buffer) => Buffer.concat([Buffer.alloc(12), Buffer.of(0x86, 0xdd), packet])

describe('capture files', () => {
  const raw = connection.map(ipv4)
  it.each<[string, Buffer]>([
    ['pcap, little-endian, raw IP', pcapFile(raw)],
    ['pcap, big-endian', pcapFile(raw, { order: 'big' })],
    ['pcap with nanoseconds', pcapFile(raw, { nanoseconds: true })],
    ['Ethernet', pcapFile(raw.map(ethernet), { linkType: 1 })],
    [
      'Ethernet with padding and VLAN',
      pcapFile(
        raw.map(it => Buffer.concat([vlan(it), Buffer.alloc(6)])),
        { linkType: 1 },
      ),
    ],
    ['Linux cooked', pcapFile(raw.map(cooked), { linkType: 113 })],
    ['Linux cooked v2', pcapFile(raw.map(cooked2), { linkType: 276 })],
    ['loopback', pcapFile(raw.map(loopback), { linkType: 0 })],
    ['pcapng, little-endian', pcapngFile(raw)],
    ['pcapng, big-endian, time in powers of two', pcapngFile(raw, { order: 'big', binaryTime: true })],
    ['two sections', Buffer.concat([pcapngFile(raw.slice(0, 9)), pcapngFile(raw.slice(9), { order: 'big' })])],
  ])('%s', (_name, file) => {
    for (const pieces of [
      [file],
      Array.from({ length: Math.ceil(file.length / 7) }, (_, i) => file.subarray(7 * i, 7 * i + 7)),
    ]) {
      const records = recordsOf(pieces)
      expect(complaintsOf(records)).toEqual([])
      expectWhole(records)
      expect(records[0]).toEqual({
        kind: 'connection',
        connection: 1,
        client: '10.0.0.1:40000',
        server: '10.0.0.2:1935',
        capturedAt: expect.closeTo(0.002, 3) as number,
      })
      expect(records.at(-1)).toEqual({ kind: 'capture-end', position: file.length, connections: 1, inside: null })
    }
  })

  it('IPv6', () => {
    const records = recordsOf(pcapFile(connection.map(ipv6).map(ethernet6), { linkType: 1 }))
    expectWhole(records)
    expect(records[0]).toMatchObject({ client: '[2001:db8::1]:40000', server: '[2001:db8::2]:1935' })
  })

  it('that end anywhere say where', () => {
    const file = pcapFile(raw)
    for (let length = 4; length < 6_000; length += 97) {
      const records = recordsOf(file.subarray(0, length))
      expect(complaintsOf(records)).toEqual([])
      const last = records.at(-1)
      expect(last?.kind).toBe('capture-end')
      if (last?.kind === 'capture-end') expect(last.position).toBeLessThanOrEqual(length)
    }
    expect(recordsOf(file.subarray(0, file.length - 1)).at(-1)).toMatchObject({ inside: 'packet' })
  })

  it('that are damaged are read up to there', () => {
    const whole = pcapFile(raw.slice(0, 12))
    const records = recordsOf(Buffer.concat([whole, Buffer.alloc(32, 0xff)]))
    expect(complaintsOf(records)).toEqual([`capture-damaged@${whole.length}`])
    expect(ofKind(records, 'message').length).toBeGreaterThan(0)
    const ng = pcapngFile(raw.slice(0, 12))
    expect(complaintsOf(recordsOf(Buffer.concat([ng, Buffer.alloc(32, 0xff)])))).toEqual([
      `capture-damaged@${ng.length}`,
    ])
  })

  it('with fragments of IP packets say so, once, and go on', () => {
    const fragment = Buffer.from(raw[2] as Buffer)
    // More fragments follow.
    fragment[6] = 0x20
    const records = recordsOf(pcapFile([fragment, fragment, ...raw]))
    expect(complaintsOf(records)).toEqual(['capture-packet@24'])
    expectWhole(records)
  })

  it('in pcapng without times or interfaces of their own', () => {
    // Simple packet blocks: only the length on the network, which here is all of it.
    const simple = raw.map(packet => {
      const padding = (4 - (packet.length % 4)) % 4
      const block = Buffer.alloc(16 + packet.length + padding)
      block.writeUInt32LE(3, 0)
      block.writeUInt32LE(block.length, 4)
      block.writeUInt32LE(packet.length, 8)
      packet.copy(block, 12)
      block.writeUInt32LE(block.length, block.length - 4)
      return block
    })
    const records = recordsOf(Buffer.concat([pcapngFile([]), ...simple]))
    expect(complaintsOf(records)).toEqual([])
    expectWhole(records)
    expect(records.some(record => 'capturedAt' in record)).toBe(false)
  })

  it('in pcapng with a packet of no known interface are damaged', () => {
    const file = pcapngFile(raw.slice(0, 1))
    // The interface of the packet block, which is the last.
    file.writeUInt32LE(7, file.length - (12 + 20 + Math.ceil((raw[0] as Buffer).length / 4) * 4) + 8)
    expect(complaintsOf(recordsOf(file))).toEqual([`capture-damaged@${file.length}`])
  })

  it('of a network that is not known say so, once', () => {
    expect(complaintsOf(recordsOf(pcapFile(raw, { linkType: 147 })))).toEqual(['capture-packet@24'])
  })

  it('whose packets are cut short say so, and what is lost', () => {
    const records = recordsOf(pcapFile(raw, { snapLength: 600 }))
    expect(complaintsOf(records)).toEqual(
      ['capture-packet@174', 'capture-lost@556', 'capture-lost@556'].map(
        it => expect.stringContaining(it.split('@')[0] as string) as string,
      ),
    )
  })
})

describe('TCP', () => {
  const dump = (segments: readonly TestSegment[]) => recordsOf(pcapFile(segments.map(ipv4)))
  const [first, second, third, ...rest] = connection.slice(2) as [
    TestSegment,
    TestSegment,
    TestSegment,
    ...TestSegment[],
  ]

  it('repeats segments, whole, in part and overlapping', () => {
    const overlapping = { from: 'client', at: 501, payload: client.subarray(500, 1_700) } as const
    const records = dump([...opening, ...opening, first, first, overlapping, second, ...opening, third, ...rest, third])
    expect(complaintsOf(records)).toEqual([])
    expectWhole(records)
  })

  it('sends out of order', () => {
    const records = dump([...opening, third, second, first, second, ...rest])
    expect(complaintsOf(records)).toEqual([])
    expectWhole(records)
  })

  it('loses segments: that direction ends there, the other goes on', () => {
    const records = dump([...opening, first, second, ...rest])
    expect(complaintsOf(records)).toEqual(['capture-lost@2000'])
    expect(essence(records, 'server')).toEqual(expected.server)
    expect(ofKind(records, 'end')).toMatchObject([
      { from: 'server', inside: null },
      { from: 'client', inside: 'lost', offset: client.length - 1_000 },
    ])
  })

  it('ends by reset, and begins again between the same ports', () => {
    const records = dump([...opening, first, { from: 'server', at: 1, flags: 'R' }, ...connection])
    expect(complaintsOf(records)).toEqual([])
    expect(ofKind(records, 'connection').map(it => it.connection)).toEqual([1, 2])
    expectWhole(records.filter(record => record.kind !== 'capture-end' && record.connection === 2))
    const again = dump([...opening, first, ...connection.map(it => ({ ...it, at: it.at + 5 }))])
    expect(ofKind(again, 'connection')).toHaveLength(2)
    expectWhole(again.filter(record => record.kind !== 'capture-end' && record.connection === 2))
  })

  it('has several connections at a time, and others that are not RTMP', () => {
    const other = connection.map(it => ({ ...it, clientPort: 40_001, serverPort: 2_000 }))
    const http: TestSegment[] = [
      ...opening,
      { from: 'client', at: 1, payload: Buffer.from('GET / HTTP/1.1\r\n\r\n') },
      { from: 'server', at: 1, payload: Buffer.from('HTTP/1.1 200 OK\r\n\r\n') },
    ].map(it => ({ ...it, clientPort: 40_002, serverPort: 80 }) as TestSegment)
    const mixed = connection.flatMap((it, i) => [
      it,
      other[i] as TestSegment,
      ...(http[i] === undefined ? [] : [http[i]]),
    ])
    const records = dump(mixed)
    expect(complaintsOf(records)).toEqual([])
    expect(ofKind(records, 'connection')).toMatchObject([{ server: '10.0.0.2:1935' }, { server: '10.0.0.2:2000' }])
    for (const number of [1, 2]) {
      expectWhole(records.filter(record => record.kind !== 'capture-end' && record.connection === number))
    }
  })

  it('at port 1935 is told of when it is not RTMP, or was joined late', () => {
    const text = { from: 'client', at: 1, payload: Buffer.from('GET / HTTP/1.1\r\n\r\n') } as const
    expect(complaintsOf(dump([...opening, text]))).toEqual(['not-rtmp@0'])
    const late = dump([{ from: 'server', at: 900, payload: Buffer.of(0x44, 1, 2, 3) }, text])
    expect(complaintsOf(late)).toEqual(['capture-joined@0', 'capture-joined@0'])
    expect(ofKind(late, 'connection')).toMatchObject([{ client: '10.0.0.1:40000' }])
  })

  it('goes on with the next connection after one that is broken', () => {
    const broken = {
      from: 'client',
      at: 1,
      payload: Buffer.concat([client.subarray(0, 3073), Buffer.alloc(9, 0xff)]),
    } as const
    const records = dump([...[...opening, broken].map(it => ({ ...it, clientPort: 50_000 })), ...connection])
    expect(complaintsOf(records)).toEqual(['RTMP_ERR_CHUNK_HEADER@3073'])
    expectWhole(records.filter(record => record.kind !== 'capture-end' && record.connection === 2))
  })
})
