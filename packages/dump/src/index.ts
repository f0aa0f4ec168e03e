/**
 * Reads captures of RTMP, record by record: handshakes, messages, chunks, and a complaint for everything that is not as
 * it should be.
 *
 * @example
 * ```ts
 * const capture = new CaptureDump({}, record => console.log(record))
 * for await (const bytes of createReadStream('stream.pcap')) capture.push(bytes)
 * capture.end()
 * ```
 *
 * @packageDocumentation
 */
export { CaptureDump } from './capture-dump.ts'
export { type ComplaintCode, complaints } from './complaint-code.ts'
export { dump } from './command/dump.ts'
export { DumpError } from './command/dump-error.ts'
export type { DumpCommandOptions } from './command/options.ts'
export type { DumpOptions } from './options.ts'
export type { PlainValue } from './plain-value.ts'
export type {
  CaptureEndRecord,
  ChunkRecord,
  ComplaintRecord,
  ConnectionRecord,
  DumpRecord,
  EndRecord,
  GapRecord,
  HandshakeRecord,
  MessageGroup,
  MessageRecord,
  PacketRecord,
  Place,
  RtmfpChunkRecord,
  Sender,
} from './record.ts'
export { RecordText } from './record-text.ts'
