import { defaultProtection, MAX_PACKET_LENGTH, PacketOpener, PacketSealer } from '../crypto/packet-cipher.ts'
import { ticksOf } from '../session/round-trip.ts'
import type { Endpoint } from '../wire/address.ts'
import type { ByteReader } from '../wire/byte-reader.ts'
import type { ByteWriter } from '../wire/byte-writer.ts'
import { forEachChunk, Mode, readHeader, writeHeader } from '../wire/packet.ts'
import { WireError } from '../wire/wire-error.ts'

const BLOCK = 16
const SESSION_ID = 4

/** Packets under the key that everybody has (RFC 7425 §4.1): those of start-up, and no others. */
export class StartupPackets {
  readonly #send: (datagram: Buffer, to: Endpoint) => void
  readonly #sealer = new PacketSealer(defaultProtection)
  readonly #opener = new PacketOpener(defaultProtection)

  constructor(send: (datagram: Buffer, to: Endpoint) => void) {
    this.#send = send
  }

  /** A datagram of what `write` writes; undefined for one of more than `most` bytes. */
  seal(
    sessionId: number,
    now: number,
    write: (writer: ByteWriter) => void,
    most: number = MAX_PACKET_LENGTH,
  ): Buffer | undefined {
    const writer = this.#sealer.begin(MAX_PACKET_LENGTH)
    writeHeader(writer, { mode: Mode.Startup, timestamp: ticksOf(now) })
    write(writer)
    if (SESSION_ID + Math.ceil(writer.position / BLOCK) * BLOCK > most) return undefined
    return this.#sealer.seal(sessionId, writer)
  }

  /** Sends one. False when it would have more than `most` bytes. */
  send(to: Endpoint, sessionId: number, now: number, write: (writer: ByteWriter) => void, most?: number): boolean {
    const datagram = this.seal(sessionId, now, write, most)
    if (datagram !== undefined) this.#send(datagram, to)
    return datagram !== undefined
  }

  /** Sends one that was made before. */
  forward(datagram: Buffer, to: Endpoint): void {
    this.#send(datagram, to)
  }

  /** Gives the chunks of a start-up packet; false for what is none. */
  read(datagram: Buffer, take: (type: number, chunk: ByteReader) => void): boolean {
    const reader = this.#opener.open(datagram)
    return reader !== undefined && StartupPackets.readPlain(reader, take)
  }

  /** The same, of a packet that is not encrypted any more. */
  static readPlain(reader: ByteReader, take: (type: number, chunk: ByteReader) => void): boolean {
    try {
      if (readHeader(reader).mode !== Mode.Startup) return false
    } catch (error) {
      if (error instanceof WireError) return false
      throw error
    }
    forEachChunk(reader, take)
    return true
  }
}
