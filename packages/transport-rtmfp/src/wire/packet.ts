import { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { WireError } from './wire-error.ts'

/** Who sends a packet (RFC 7016 §2.2.4). */
export const Mode = { Forbidden: 0, Initiator: 1, Responder: 2, Startup: 3 } as const
export type Mode = (typeof Mode)[keyof typeof Mode]

/** What stands before the chunks of a packet. */
export interface PacketHeader {
  readonly mode: Mode
  /** Something in it is time critical. */
  readonly timeCritical?: boolean
  /** Its sender receives time critical data in another session. */
  readonly timeCriticalReverse?: boolean
  /** Ticks of the sender's clock, 4 ms each, modulo 65,536. */
  readonly timestamp?: number | undefined
  /** The newest timestamp that its sender has received, plus the ticks since then. */
  readonly timestampEcho?: number | undefined
}

const TIME_CRITICAL = 0x80
const TIME_CRITICAL_REVERSE = 0x40
const TIMESTAMP = 0x08
const TIMESTAMP_ECHO = 0x04
const MODE = 0x03

/** Bytes of a header with all that it may have. */
export const MAX_HEADER_LENGTH = 5

export function writeHeader(writer: ByteWriter, header: PacketHeader): void {
  const { mode, timeCritical, timeCriticalReverse, timestamp, timestampEcho } = header
  writer.u8(
    mode |
      (timeCritical === true ? TIME_CRITICAL : 0) |
      (timeCriticalReverse === true ? TIME_CRITICAL_REVERSE : 0) |
      (timestamp === undefined ? 0 : TIMESTAMP) |
      (timestampEcho === undefined ? 0 : TIMESTAMP_ECHO),
  )
  if (timestamp !== undefined) writer.u16(timestamp)
  if (timestampEcho !== undefined) writer.u16(timestampEcho)
}

/** @throws WireError for less bytes than it has, and for the mode that no packet may have */
export function readHeader(reader: ByteReader): PacketHeader {
  const flags = reader.u8()
  const mode = (flags & MODE) as Mode
  if (mode === Mode.Forbidden) throw new WireError('a packet of no mode')
  return {
    mode,
    timeCritical: (flags & TIME_CRITICAL) !== 0,
    timeCriticalReverse: (flags & TIME_CRITICAL_REVERSE) !== 0,
    timestamp: (flags & TIMESTAMP) === 0 ? undefined : reader.u16(),
    timestampEcho: (flags & TIMESTAMP_ECHO) === 0 ? undefined : reader.u16(),
  }
}

/** Type and length. */
export const CHUNK_HEADER_LENGTH = 3

/**
 * Gives the chunks of a packet one after the other, up to what is no chunk any more: less than three bytes, or a length that
 * does not fit, which is what padding has (§2.2.4). `take` may throw WireError: only that chunk is lost (§2.3).
 */
export function forEachChunk(reader: ByteReader, take: (type: number, payload: ByteReader) => void): void {
  while (reader.left >= CHUNK_HEADER_LENGTH) {
    const type = reader.u8()
    const length = reader.u16()
    if (length > reader.left) return
    const payload = new ByteReader(reader.bytes, reader.position, reader.position + length)
    reader.position += length
    try {
      take(type, payload)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
    }
  }
}

/** Writes a chunk whose payload is not known in length before it is written. */
export function writeChunk(writer: ByteWriter, type: number, write: (writer: ByteWriter) => unknown): void {
  const start = writer.position
  writer.u8(type).u16(0)
  write(writer)
  writer.bytes.writeUInt16BE(writer.position - start - CHUNK_HEADER_LENGTH, start + 1)
}

/** A chunk that everybody passes over. */
const FILLER = 0x00

/** Makes a packet longer. */
export function writeFiller(writer: ByteWriter, length: number): void {
  writeChunk(writer, FILLER, chunk => chunk.put(Buffer.alloc(Math.max(0, length - CHUNK_HEADER_LENGTH))))
}
