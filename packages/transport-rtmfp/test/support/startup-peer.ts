import { PacketOpener, sessionIdOf } from '../../src/crypto/packet-cipher.ts'
import { StartupPackets } from '../../src/startup/startup-packets.ts'
import type { Endpoint } from '../../src/wire/address.ts'
import type { ByteWriter } from '../../src/wire/byte-writer.ts'
import type { PacketHeader } from '../../src/wire/packet.ts'
import { forEachChunk, readHeader } from '../../src/wire/packet.ts'
import { defaultProtection } from '../../src/crypto/packet-cipher.ts'
import type { Network } from './network.ts'

/** A start-up packet as it came. */
export interface SeenPacket {
  readonly sessionId: number
  readonly header: PacketHeader
  readonly type: number
  readonly payload: Buffer
  readonly datagram: Buffer
}

/** Somebody who sends start-up packets as a test wants them, and answers nothing by itself. */
export class StartupPeer {
  readonly address: Endpoint
  seen: SeenPacket[] = []
  readonly #network: Network
  readonly #packets = new StartupPackets(() => {})

  constructor(network: Network, address: Endpoint) {
    this.#network = network
    this.address = address
    network.attach(address, datagram => {
      const packet = startupPacketOf(datagram)
      if (packet !== undefined) this.seen.push(packet)
    })
  }

  datagram(write: (writer: ByteWriter) => void, sessionId = 0): Buffer {
    return this.#packets.seal(sessionId, this.#network.now, write) as Buffer
  }

  send(to: Endpoint, write: (writer: ByteWriter) => void, sessionId = 0): void {
    this.#network.send(this.datagram(write, sessionId), this.address, to)
    this.#network.wait(50)
  }
}

/** The first chunk of a start-up packet; undefined for what is none. */
export function startupPacketOf(datagram: Buffer): SeenPacket | undefined {
  const reader = new PacketOpener(defaultProtection).open(datagram)
  if (reader === undefined) return undefined
  const header = readHeader(reader)
  let found: SeenPacket | undefined
  forEachChunk(reader, (type, chunk) => {
    found ??= { sessionId: sessionIdOf(datagram) ?? 0, header, type, payload: Buffer.from(chunk.rest()), datagram }
  })
  return found
}
