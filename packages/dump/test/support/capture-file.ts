/** A TCP segment to be captured. Client and server have fixed addresses; sequence numbers begin at those given. */
export interface TestSegment {
  readonly from: 'client' | 'server'
  /** Bytes of this side before it, SYN included: SYN is 0, the first byte is 1. */
  readonly at: number
  readonly payload?: Buffer
  readonly flags?: 'S' | 'SA' | 'A' | 'F' | 'R'
  /** Default 40000. */
  readonly clientPort?: number
  /** Default 1935. */
  readonly serverPort?: number
}

const flagBits = { S: 0x02, SA: 0x12, A: 0x18, F: 0x11, R: 0x04 }
/** So that sequence numbers wrap in every test. */
const initialSequence = 0xffffff00

/** An IPv4 packet. */
export function ipv4(segment: TestSegment): Buffer {
  const content = tcp(segment)
  const [source, destination] = sides(segment, [10, 0, 0, 1], [10, 0, 0, 2])
  const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, ...source, ...destination])
  header.writeUInt16BE(header.length + content.length, 2)
  return Buffer.concat([header, content])
}

/** An IPv6 packet with a hop-by-hop header. */
export function ipv6(segment: TestSegment): Buffer {
  const content = Buffer.concat([Buffer.of(6, 0, 1, 4, 0, 0, 0, 0), tcp(segment)])
  const address = (last: number) => [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), last]
  const [source, destination] = sides(segment, address(1), address(2))
  const header = Buffer.from([0x60, 0, 0, 0, 0, 0, 0, 64, ...source, ...destination])
  header.writeUInt16BE(content.length, 4)
  return Buffer.concat([header, content])
}

function sides(segment: TestSegment, client: number[], server: number[]): [number[], number[]] {
  return segment.from === 'client' ? [client, server] : [server, client]
}

function tcp({ from, at, payload, flags = 'A', clientPort = 40_000, serverPort = 1935 }: TestSegment): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt16BE(from === 'client' ? clientPort : serverPort, 0)
  header.writeUInt16BE(from === 'client' ? serverPort : clientPort, 2)
  header.writeUInt32BE((initialSequence + at) >>> 0, 4)
  // Four bytes of options.
  header[12] = 0x60
  header[13] = flagBits[flags]
  return Buffer.concat([header, payload ?? Buffer.alloc(0)])
}

export interface PcapOptions {
  /** Default 101, raw IP. */
  readonly linkType?: number
  readonly order?: 'little' | 'big'
  readonly nanoseconds?: boolean
  /** Bytes kept of every packet. */
  readonly snapLength?: number
}

/** A classic pcap file; packets are a millisecond apart. */
export function pcapFile(packets: readonly Buffer[], options: PcapOptions = {}): Buffer {
  const { linkType = 101, order = 'little', nanoseconds = false, snapLength = 65_535 } = options
  const header = Buffer.concat([
    uint32s(order, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    order === 'little' ? Buffer.of(2, 0, 4, 0) : Buffer.of(0, 2, 0, 4),
    uint32s(order, 0, 0, snapLength, linkType),
  ])
  const records = packets.map((packet, index) => {
    const kept = packet.subarray(0, snapLength)
    const part = index * 1_000 * (nanoseconds ? 1_000 : 1)
    return Buffer.concat([uint32s(order, 1_700_000_000, part, kept.length, packet.length), kept])
  })
  return Buffer.concat([header, ...records])
}

/** A pcapng file with one interface; packets are a millisecond apart, in microseconds or in `2^-10` s. */
export function pcapngFile(
  packets: readonly Buffer[],
  { order = 'little', binaryTime = false }: { readonly order?: 'little' | 'big'; readonly binaryTime?: boolean } = {},
): Buffer {
  const option = binaryTime
    ? [Buffer.from(order === 'little' ? '09000100' : '00090001', 'hex'), Buffer.of(0x8a, 0, 0, 0), Buffer.alloc(4)]
    : []
  const idb = Buffer.concat([
    Buffer.from(order === 'little' ? '65000000' : '00650000', 'hex'),
    uint32s(order, 0),
    ...option,
  ])
  const version = Buffer.from(order === 'little' ? '01000000' : '00010000', 'hex')
  return Buffer.concat([
    block(order, 0x0a0d0d0a, Buffer.concat([uint32s(order, 0x1a2b3c4d), version, Buffer.alloc(8, 0xff)])),
    block(order, 1, idb),
    // Name resolution, which nobody reads here.
    block(order, 4, Buffer.alloc(4)),
    ...packets.map((packet, index) => {
      const ticks = binaryTime ? index : index * 1_000
      const padding = Buffer.alloc((4 - (packet.length % 4)) % 4)
      return block(
        order,
        6,
        Buffer.concat([uint32s(order, 0, 0, ticks, packet.length, packet.length), packet, padding]),
      )
    }),
  ])
}

function block(order: 'little' | 'big', type: number, body: Buffer): Buffer {
  const length = 12 + body.length
  return Buffer.concat([uint32s(order, type, length), body, uint32s(order, length)])
}

function uint32s(order: 'little' | 'big', ...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => {
    if (order === 'little') bytes.writeUInt32LE(value, 4 * i)
    else bytes.writeUInt32BE(value, 4 * i)
  })
  return bytes
}

/** A UDP datagram in an IPv4 packet, between `address:port`s. */
export function udp(from: string, to: string, payload: Buffer): Buffer {
  const [source, destination] = [placeOf(from), placeOf(to)]
  const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, ...source.address, ...destination.address])
  header.writeUInt16BE(header.length + 8 + payload.length, 2)
  const head = Buffer.alloc(8)
  head.writeUInt16BE(source.port, 0)
  head.writeUInt16BE(destination.port, 2)
  head.writeUInt16BE(8 + payload.length, 4)
  return Buffer.concat([header, head, payload])
}

function placeOf(text: string): { readonly address: readonly number[]; readonly port: number } {
  const [address = '', port] = text.split(':')
  return { address: address.split('.').map(Number), port: Number(port) }
}
