const packetSize = 188
const headSize = 4
const stuffing = 0xff

/** What stands in the adaptation field of a frame's first packet. */
export interface FrameMark {
  /** Units of 90 kHz; undefined for none. */
  readonly clock?: number
  /** Whether decoding can begin here. */
  readonly isKey: boolean
}

/** Puts tables and frames into packets of MPEG-TS (ISO/IEC 13818-1 §2.4.3). */
export class TsPackets {
  readonly #counters = new Map<number, number>()
  #packets: Buffer[] = []

  /** A table, which has to fit into a packet. */
  addTable(pid: number, table: Buffer): void {
    const packet = Buffer.alloc(packetSize, stuffing)
    this.#writeHead(packet, pid, true, 1)
    packet.writeUInt8(0, headSize)
    table.copy(packet, headSize + 1)
    this.#packets.push(packet)
  }

  /** A packetized frame. */
  addFrame(pid: number, frame: Buffer, mark: FrameMark): void {
    let field = fieldOf(mark)
    const first = packetSize - headSize - field.length
    const count = frame.length <= first ? 1 : 1 + Math.ceil((frame.length - first) / (packetSize - headSize))
    const packets = Buffer.alloc(count * packetSize, stuffing)
    let at = 0
    for (let place = 0; place < count; place += 1) {
      const packet = packets.subarray(place * packetSize, (place + 1) * packetSize)
      const rest = frame.length - at
      const room = packetSize - headSize - field.length
      if (rest < room) field = stuffed(field, room - rest)
      this.#writeHead(packet, pid, place === 0, field.length > 0 ? 3 : 1)
      field.copy(packet, headSize)
      at += frame.copy(packet, headSize + field.length, at, at + packetSize - headSize - field.length)
      field = none
    }
    this.#packets.push(packets)
  }

  /** All that was added since the last time. */
  take(): Buffer {
    const all = Buffer.concat(this.#packets)
    this.#packets = []
    return all
  }

  /** @param content 1 is payload, 3 is an adaptation field and payload */
  #writeHead(packet: Buffer, pid: number, isStart: boolean, content: 1 | 3): void {
    const counter = this.#counters.get(pid) ?? 0
    this.#counters.set(pid, (counter + 1) & 0xf)
    packet.writeUInt32BE(0x4700_0000 + (isStart ? 0x40_0000 : 0) + pid * 0x100 + content * 0x10 + counter)
  }
}

const none = Buffer.alloc(0)

/** §2.4.3.4: its length, flags, and the clock that frames are shown by. */
function fieldOf({ clock, isKey }: FrameMark): Buffer {
  if (clock === undefined && !isKey) return none
  const flags = (isKey ? 0x40 : 0) | (clock === undefined ? 0 : 0x10)
  if (clock === undefined) return Buffer.of(1, flags)
  const field = Buffer.alloc(8)
  field.writeUInt8(7, 0)
  field.writeUInt8(flags, 1)
  // 33 bits, 6 that are reserved, and 9 of an extension.
  field.writeUInt32BE(Math.floor(clock / 2), 2)
  field.writeUInt16BE((clock % 2) * 0x8000 + 0x7e00, 6)
  return field
}

/** @param count bytes by which it has to grow */
function stuffed(field: Buffer, count: number): Buffer {
  if (field.length === 0) {
    if (count === 1) return Buffer.of(0)
    const grown = Buffer.alloc(count, stuffing)
    grown.writeUInt8(count - 1, 0)
    grown.writeUInt8(0, 1)
    return grown
  }
  const grown = Buffer.concat([field, Buffer.alloc(count, stuffing)])
  grown.writeUInt8(grown.length - 1, 0)
  return grown
}
