import { type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { CaptureDump } from '../../src/capture-dump.ts'
import type { DumpOptions } from '../../src/options.ts'
import type { ComplaintRecord, DumpRecord } from '../../src/record.ts'

/** The records of a capture that comes in these pieces. */
export function recordsOf(pieces: Buffer | readonly Buffer[], options: DumpOptions = {}): DumpRecord[] {
  const records: DumpRecord[] = []
  const dump = new CaptureDump(options, record => records.push(record))
  for (const piece of Buffer.isBuffer(pieces) ? [pieces] : pieces) dump.push(piece)
  dump.end()
  return records
}

export function ofKind<Kind extends DumpRecord['kind']>(
  records: readonly DumpRecord[],
  kind: Kind,
): Extract<DumpRecord, { kind: Kind }>[] {
  return records.filter((record): record is Extract<DumpRecord, { kind: Kind }> => record.kind === kind)
}

/** Complaints as `code@offset`. */
export function complaintsOf(records: readonly DumpRecord[]): string[] {
  return ofKind(records, 'complaint').map(({ code, offset }: ComplaintRecord) => `${code}@${offset}`)
}

/** C0, C1 and C2 of a simple handshake; S0, S1 and S2 look the same. */
export const handshake: Buffer = Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)])

/** A message with a full header (RTMP 1.0 §5.3.1.2.1), in chunks of 128 bytes. */
export function chunk(
  chunkStreamId: number,
  messageTypeId: number,
  messageStreamId: number,
  payload: Buffer | string,
  timestamp = 0,
): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload.replaceAll(' ', ''), 'hex') : payload
  const header = Buffer.alloc(12)
  header[0] = chunkStreamId
  header.writeUIntBE(timestamp, 1, 3)
  header.writeUIntBE(body.length, 4, 3)
  header[7] = messageTypeId
  header.writeUInt32LE(messageStreamId, 8)
  const parts = [header, body.subarray(0, 128)]
  for (let at = 128; at < body.length; at += 128)
    parts.push(Buffer.of(0xc0 | chunkStreamId), body.subarray(at, at + 128))
  return Buffer.concat(parts)
}

/** A command, on chunk stream 3. */
export function command(messageStreamId: number, name: string, transactionId: number, ...values: AmfValue[]): Buffer {
  return chunk(3, 20, messageStreamId, encodeAmf0(name, transactionId, ...values))
}
