import { type ByteOrder, uint32 } from './byte-order.ts'
import { ByteWindow } from './byte-window.ts'
import { CaptureError, type CapturedPacket, type CaptureReader } from './captured-packet.ts'

/** Far above what capture programs keep of a packet, 262,144. */
const maxPacket = 16 * 1024 * 1024
const fileHeaderLength = 24
const packetHeaderLength = 16

/** By the first four bytes: byte order, and how many parts of a second there are. */
const magics = new Map<number, { readonly order: ByteOrder; readonly ticks: number }>([
  [0xa1b2c3d4, { order: 'big', ticks: 1e6 }],
  [0xd4c3b2a1, { order: 'little', ticks: 1e6 }],
  [0xa1b23c4d, { order: 'big', ticks: 1e9 }],
  [0x4d3cb2a1, { order: 'little', ticks: 1e9 }],
])

/** Whether a file that begins with these four bytes is a classic pcap. */
export function isPcap(start: Buffer): boolean {
  return magics.has(start.readUInt32BE(0))
}

/** Reads a classic pcap file. */
export class PcapReader implements CaptureReader {
  readonly #in = new ByteWindow()
  #order: ByteOrder = 'big'
  #ticks = 1e6
  #linkType: number | undefined

  get inside(): boolean {
    return this.#in.length > 0
  }

  get position(): number {
    return this.#in.position
  }

  push(bytes: Buffer, emit: (packet: CapturedPacket) => void): void {
    this.#in.push(bytes)
    if (this.#linkType === undefined && !this.#fileHeader()) return
    for (;;) {
      const position = this.#in.position
      const header = this.#in.peek(packetHeaderLength)
      if (header === undefined) return
      const length = uint32(header, 8, this.#order)
      if (length > maxPacket) throw new CaptureError(`a packet of ${length} bytes`)
      const time = uint32(header, 0, this.#order) + uint32(header, 4, this.#order) / this.#ticks
      const packet = this.#in.take(packetHeaderLength + length)
      if (packet === undefined) return
      emit({ linkType: this.#linkType as number, time, data: packet.subarray(packetHeaderLength), position })
    }
  }

  #fileHeader(): boolean {
    const header = this.#in.take(fileHeaderLength)
    if (header === undefined) return false
    const magic = magics.get(header.readUInt32BE(0))
    if (magic === undefined) throw new CaptureError('not a pcap file')
    this.#order = magic.order
    this.#ticks = magic.ticks
    // The upper bits tell of a checksum at the end of frames.
    this.#linkType = uint32(header, 20, magic.order) & 0x0fffffff
    return true
  }
}
