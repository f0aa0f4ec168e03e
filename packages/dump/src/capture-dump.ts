import { singleDirection } from './connection-dump.ts'
import type { DirectionDump } from './direction-dump.ts'
import type { DumpOptions } from './options.ts'
import { PacketDump } from './pcap/packet-dump.ts'
import { isPcap, PcapReader } from './pcap/pcap-reader.ts'
import { isPcapng, PcapngReader } from './pcap/pcapng-reader.ts'
import type { DumpRecord } from './record.ts'

const magicLength = 4

/**
 * Tells a capture record by record: pcap, pcapng, or the bytes that one side of one connection sent, from C0 or S0 on.
 * Bytes may come in pieces and end anywhere. Never throws for what is in them: whatever is wrong is a complaint.
 */
export class CaptureDump {
  readonly #options: DumpOptions
  readonly #emit: (record: DumpRecord) => void
  #start: Buffer = Buffer.alloc(0)
  #dump: DirectionDump | PacketDump | undefined

  constructor(options: DumpOptions, emit: (record: DumpRecord) => void) {
    this.#options = options
    this.#emit = emit
  }

  /** Reads the next bytes of the capture; its records are told before this returns. */
  push(bytes: Buffer): void {
    if (this.#dump !== undefined) return this.#dump.push(bytes)
    this.#start = Buffer.concat([this.#start, bytes])
    if (this.#start.length >= magicLength) this.#begin().push(this.#start)
  }

  /** No more bytes. */
  end(): void {
    if (this.#dump === undefined) this.#begin().push(this.#start)
    this.#dump?.end()
  }

  #begin(): DirectionDump | PacketDump {
    this.#dump = this.#choose()
    return this.#dump
  }

  #choose(): DirectionDump | PacketDump {
    if (this.#options.noHandshake !== true && this.#start.length >= magicLength) {
      if (isPcap(this.#start)) return new PacketDump(new PcapReader(), this.#options, this.#emit)
      if (isPcapng(this.#start)) return new PacketDump(new PcapngReader(), this.#options, this.#emit)
    }
    return singleDirection(this.#options, this.#emit)
  }
}
