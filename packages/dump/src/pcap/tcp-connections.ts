import { ConnectionDump } from '../connection-dump.ts'
import type { DirectionDump } from '../direction-dump.ts'
import type { DumpOptions } from '../options.ts'
import type { DumpRecord } from '../record.ts'
import type { ConnectionCount } from './connection-count.ts'
import { endpoint, type IpPacket } from './ip-packet.ts'
import { TcpOrder } from './tcp-order.ts'
import type { TcpSegment } from './tcp-segment.ts'

const rtmpPort = 1935
/** C0 of RTMP and RTMPE. */
const rtmpVersions: readonly number[] = [3, 6, 8, 9]
/** Connections that are followed at a time; of more, those that began first are over. */
const maxConnections = 10_000

type Side = 'client' | 'server'

/** Follows the TCP connections of a capture, and dumps those that are RTMP. */
export class TcpConnections {
  readonly #options: DumpOptions
  readonly #emit: (record: DumpRecord) => void
  readonly #open = new Map<string, TcpConnection>()
  readonly #numbers: ConnectionCount

  constructor(options: DumpOptions, numbers: ConnectionCount, emit: (record: DumpRecord) => void) {
    this.#options = options
    this.#numbers = numbers
    this.#emit = emit
  }

  push(packet: IpPacket, segment: TcpSegment, capturedAt: number | undefined): void {
    const source = endpoint(packet.source, segment.sourcePort)
    const destination = endpoint(packet.destination, segment.destinationPort)
    const key = [source, destination].sort().join(' ')
    let connection = this.#open.get(key)
    // A SYN without ACK begins a connection, unless it is the same one again.
    if (segment.syn && !segment.ack && connection?.isSame(segment) === false) {
      connection.end(capturedAt)
      this.#open.delete(key)
      connection = undefined
    }
    if (connection === undefined) {
      if (segment.rst || (!segment.syn && segment.length === 0)) return
      connection = this.#begin(key, source, destination, segment)
    }
    // One that has ended stays: segments may be repeated after it.
    connection.push(source, segment, capturedAt)
  }

  /** No more packets. */
  end(): void {
    for (const connection of this.#open.values()) connection.end(undefined)
    this.#open.clear()
  }

  #begin(key: string, source: string, destination: string, segment: TcpSegment): TcpConnection {
    const [first] = this.#open
    if (this.#open.size === maxConnections && first !== undefined) {
      first[1].end(undefined)
      this.#open.delete(first[0])
    }
    const fromServer = segment.syn
      ? segment.ack
      : segment.sourcePort === rtmpPort ||
        (segment.destinationPort !== rtmpPort && segment.sourcePort < segment.destinationPort)
    const [client, server] = fromServer ? [destination, source] : [source, destination]
    const isRtmpPort = segment.sourcePort === rtmpPort || segment.destinationPort === rtmpPort
    const connection = new TcpConnection(client, isRtmpPort, segment, capturedAt => {
      return new ConnectionDump(this.#numbers.next(), { client, server }, capturedAt, this.#options, this.#emit)
    })
    this.#open.set(key, connection)
    return connection
  }
}

class TcpConnection {
  readonly #client: string
  readonly #synSequence: number | undefined
  readonly #isRtmpPort: boolean
  readonly #begin: (capturedAt: number | undefined) => ConnectionDump
  readonly #order: Record<Side, TcpOrder>
  /** Over is also what is not RTMP. */
  #dump: ConnectionDump | 'undecided' | 'over' = 'undecided'
  #capturedAt: number | undefined

  constructor(
    client: string,
    isRtmpPort: boolean,
    first: TcpSegment,
    begin: (capturedAt: number | undefined) => ConnectionDump,
  ) {
    this.#client = client
    this.#isRtmpPort = isRtmpPort
    this.#synSequence = first.syn ? first.sequence : undefined
    this.#begin = begin
    this.#order = { client: this.#direction('client'), server: this.#direction('server') }
  }

  /** Whether a SYN is a repetition of the one that began it. */
  isSame(syn: TcpSegment): boolean {
    return syn.sequence === this.#synSequence && !this.#ended
  }

  get #ended(): boolean {
    return this.#order.client.ended && this.#order.server.ended
  }

  push(source: string, segment: TcpSegment, capturedAt: number | undefined): void {
    this.#capturedAt = capturedAt
    if (segment.rst) return this.end(capturedAt)
    if (this.#dump === 'over') return
    this.#order[source === this.#client ? 'client' : 'server'].push(segment)
    if (this.#ended) this.#dump = 'over'
  }

  end(capturedAt: number | undefined): void {
    this.#capturedAt = capturedAt
    this.#order.client.end()
    this.#order.server.end()
    this.#dump = 'over'
  }

  #direction(side: Side): TcpOrder {
    return new TcpOrder({
      bytes: bytes => this.#direct(side, bytes)?.push(bytes, this.#capturedAt),
      lost: count => this.#known(side)?.lost(count, this.#capturedAt),
      end: () => this.#known(side)?.end(),
    })
  }

  #known(side: Side): DirectionDump | undefined {
    return typeof this.#dump === 'string' ? undefined : this.#dump[side]
  }

  /** The first bytes say whether it is RTMP; at its own port it is taken to be. */
  #direct(side: Side, bytes: Buffer): DirectionDump | undefined {
    if (this.#dump !== 'undecided') {
      const known = this.#known(side)
      if (this.#order[side === 'client' ? 'server' : 'client'].waiting) known?.peerIsBehind()
      return known
    }
    const isRtmp = rtmpVersions.includes(bytes[0] as number)
    if (!isRtmp && !this.#isRtmpPort) {
      this.#dump = 'over'
      return undefined
    }
    const dump = this.#begin(this.#capturedAt)
    this.#dump = dump
    if (!isRtmp && this.#synSequence === undefined) {
      for (const each of [dump.client, dump.server]) {
        each.fail('capture-joined', 'the capture begins inside of the connection', 0)
      }
    }
    return dump[side]
  }
}
