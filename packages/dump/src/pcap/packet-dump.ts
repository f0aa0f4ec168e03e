import type { ComplaintCode } from '../complaint-code.ts'
import type { DumpOptions } from '../options.ts'
import { printable } from '../printable.ts'
import type { DumpRecord } from '../record.ts'
import { CaptureError, type CapturedPacket, type CaptureReader } from './captured-packet.ts'
import { rtmfpPort, RtmfpSessions } from '../rtmfp/rtmfp-sessions.ts'
import { ConnectionCount } from './connection-count.ts'
import { endpoint, type IpPacket, parseIpPacket } from './ip-packet.ts'
import { ipPacketOf } from './link-layer.ts'
import { TcpConnections } from './tcp-connections.ts'
import { parseTcpSegment } from './tcp-segment.ts'
import { parseUdpDatagram } from './udp-datagram.ts'

const tcp = 6
const udp = 17

/** Finds the RTMP connections in captured packets. Complaints about the file itself are of connection 0. */
export class PacketDump {
  readonly #reader: CaptureReader
  readonly #emit: (record: DumpRecord) => void
  readonly #numbers = new ConnectionCount()
  readonly #connections: TcpConnections
  readonly #sessions: RtmfpSessions
  #firstTime: number | undefined
  #damaged = false
  readonly #told = new Set<string>()

  constructor(reader: CaptureReader, options: DumpOptions, emit: (record: DumpRecord) => void) {
    this.#reader = reader
    this.#emit = emit
    this.#connections = new TcpConnections(options, this.#numbers, emit)
    this.#sessions = new RtmfpSessions(options, this.#numbers, emit)
  }

  push(bytes: Buffer): void {
    if (this.#damaged) return
    try {
      this.#reader.push(bytes, packet => this.#packet(packet))
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
      this.#damaged = true
      this.#complain('capture-damaged', `the capture is damaged: ${error.message}`, this.#reader.position, true)
    }
  }

  end(): void {
    this.#connections.end()
    this.#sessions.end()
    const inside = this.#damaged ? 'lost' : this.#reader.inside ? 'packet' : null
    this.#emit({
      kind: 'capture-end',
      position: this.#reader.position,
      connections: this.#numbers.count,
      inside,
    })
  }

  #packet({ linkType, time, data, position }: CapturedPacket): void {
    this.#firstTime ??= time
    const capturedAt = time === undefined ? undefined : microseconds(time - (this.#firstTime as number))
    const ip = ipPacketOf(linkType, data)
    if (ip === 'unknown') return this.#once(`packets of link type ${linkType} can not be read`, position)
    const packet = ip && parseIpPacket(ip)
    if (packet?.protocol === udp) return this.#datagram(packet, capturedAt, position)
    if (packet?.protocol !== tcp) return
    if (packet.fragment) return this.#once('fragments of IP packets are not put together', position)
    const segment = parseTcpSegment(packet)
    if (segment === undefined) return this.#once('a TCP header is cut short', position)
    if (segment.payload.length < segment.length) this.#once('packets are cut short (snaplen)', position)
    this.#connections.push(packet, segment, capturedAt)
  }

  #datagram(packet: IpPacket, capturedAt: number | undefined, position: number): void {
    const datagram = parseUdpDatagram(packet)
    if (datagram === undefined) return
    const { sourcePort, destinationPort, payload, length } = datagram
    const isAtPort = sourcePort === rtmfpPort || destinationPort === rtmfpPort
    // Other parts than the first have no ports.
    if (packet.fragment)
      return isAtPort ? this.#once('fragments of IP packets are not put together', position) : undefined
    const source = endpoint(packet.source, sourcePort)
    const destination = endpoint(packet.destination, destinationPort)
    const isRtmfp = this.#sessions.push({ payload, source, capturedAt }, destination, isAtPort)
    if (isRtmfp && payload.length < length) this.#once('packets are cut short (snaplen)', position)
  }

  #once(text: string, position: number): void {
    if (this.#told.has(text)) return
    this.#told.add(text)
    this.#complain('capture-packet', text, position, false)
  }

  #complain(code: ComplaintCode, text: string, offset: number, fatal: boolean): void {
    this.#emit({ kind: 'complaint', connection: 0, from: null, offset, code, text: printable(text), fatal })
  }
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6
}
