import { type ByteOrder, uint16, uint32 } from './byte-order.ts'
import { ByteWindow } from './byte-window.ts'
import { CaptureError, type CapturedPacket, type CaptureReader } from './captured-packet.ts'

const BlockType = { SectionHeader: 0x0a0d0d0a, InterfaceDescription: 1, SimplePacket: 3, EnhancedPacket: 6 } as const
/** Any block but packets may be as long as its writer likes. */
const maxBlock = 16 * 1024 * 1024
const maxInterfaces = 1_024
const timeResolutionOption = 9

interface Interface {
  readonly linkType: number
  readonly snapLength: number
  /** Parts of a second. */
  readonly ticks: number
}

/** Whether a file that begins with these four bytes is a pcapng. */
export function isPcapng(start: Buffer): boolean {
  return start.readUInt32BE(0) === BlockType.SectionHeader
}

/** Reads a pcapng file: its sections, interfaces and packets; everything else is passed over. */
export class PcapngReader implements CaptureReader {
  readonly #in = new ByteWindow()
  #order: ByteOrder = 'little'
  #interfaces: Interface[] = []

  get inside(): boolean {
    return this.#in.length > 0
  }

  get position(): number {
    return this.#in.position
  }

  push(bytes: Buffer, emit: (packet: CapturedPacket) => void): void {
    this.#in.push(bytes)
    for (;;) {
      const head = this.#in.peek(12)
      if (head === undefined) return
      // The same in both byte orders.
      if (head.readUInt32BE(0) === BlockType.SectionHeader) this.#section(head)
      const length = uint32(head, 4, this.#order)
      if (length < 12 || length % 4 !== 0 || length > maxBlock) throw new CaptureError(`a block of ${length} bytes`)
      const position = this.#in.position
      const block = this.#in.take(length)
      if (block === undefined) return
      this.#block(uint32(block, 0, this.#order), block.subarray(8, length - 4), position, emit)
    }
  }

  #section(head: Buffer): void {
    const mark = head.readUInt32BE(8)
    if (mark !== 0x1a2b3c4d && mark !== 0x4d3c2b1a) throw new CaptureError('a section of no known byte order')
    this.#order = mark === 0x1a2b3c4d ? 'big' : 'little'
    this.#interfaces = []
  }

  #block(type: number, body: Buffer, position: number, emit: (packet: CapturedPacket) => void): void {
    if (type === BlockType.InterfaceDescription) {
      if (body.length < 8) throw new CaptureError('an interface description that is too short')
      if (this.#interfaces.length === maxInterfaces) throw new CaptureError(`more than ${maxInterfaces} interfaces`)
      this.#interfaces.push({
        linkType: uint16(body, 0, this.#order),
        snapLength: uint32(body, 4, this.#order),
        ticks: this.#ticksPerSecond(body.subarray(8)),
      })
    } else if (type === BlockType.EnhancedPacket) {
      if (body.length < 20) throw new CaptureError('a packet block that is too short')
      const from = this.#interface(uint32(body, 0, this.#order))
      const ticks = uint32(body, 4, this.#order) * 0x1_0000_0000 + uint32(body, 8, this.#order)
      const length = uint32(body, 12, this.#order)
      if (length > body.length - 20) throw new CaptureError(`a packet of ${length} bytes in a block of ${body.length}`)
      emit({
        linkType: from.linkType,
        time: ticks / from.ticks,
        data: body.subarray(20, 20 + length),
        position,
      })
    } else if (type === BlockType.SimplePacket) {
      if (body.length < 4) throw new CaptureError('a packet block that is too short')
      const { linkType, snapLength } = this.#interface(0)
      const length = Math.min(uint32(body, 0, this.#order), snapLength || Infinity, body.length - 4)
      emit({ linkType, time: undefined, data: body.subarray(4, 4 + length), position })
    }
  }

  #interface(index: number): Interface {
    const found = this.#interfaces[index]
    if (found === undefined) throw new CaptureError(`a packet of interface ${index}, which is not described`)
    return found
  }

  /** A power of ten, or of two with the top bit; microseconds if it is not told. */
  #ticksPerSecond(options: Buffer): number {
    for (let at = 0; at + 4 <= options.length; ) {
      const code = uint16(options, at, this.#order)
      const length = uint16(options, at + 2, this.#order)
      const value = options[at + 4]
      if (code === 0) break
      if (code === timeResolutionOption && length === 1 && value !== undefined) {
        return value & 0x80 ? 2 ** (value & 0x7f) : 10 ** value
      }
      at += 4 + Math.ceil(length / 4) * 4
    }
    return 1e6
  }
}
