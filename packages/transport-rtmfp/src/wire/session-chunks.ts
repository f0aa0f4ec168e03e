import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { ChunkType } from './chunk-type.ts'
import { writeChunk } from './packet.ts'

/** The receiver wants no more of a flow (§2.3.16). */
export interface FlowException {
  readonly flowId: number
  readonly code: number
}

export function writePing(writer: ByteWriter, message: Uint8Array): void {
  writeChunk(writer, ChunkType.Ping, chunk => chunk.put(message))
}

export function writePingReply(writer: ByteWriter, message: Uint8Array): void {
  writeChunk(writer, ChunkType.PingReply, chunk => chunk.put(message))
}

export function writeCloseRequest(writer: ByteWriter): void {
  writeChunk(writer, ChunkType.SessionCloseRequest, () => {})
}

export function writeCloseAcknowledgement(writer: ByteWriter): void {
  writeChunk(writer, ChunkType.SessionCloseAcknowledgement, () => {})
}

/** Asks how much the receiver of a flow can take (§2.3.15). */
export function writeBufferProbe(writer: ByteWriter, flowId: number): void {
  writeChunk(writer, ChunkType.BufferProbe, chunk => chunk.vlu(flowId))
}

/** @throws WireError */
export function readBufferProbe(reader: ByteReader): number {
  return reader.vlu()
}

export function writeFlowException(writer: ByteWriter, { flowId, code }: FlowException): void {
  writeChunk(writer, ChunkType.FlowException, chunk => chunk.vlu(flowId).vlu(code))
}

/** @throws WireError */
export function readFlowException(reader: ByteReader): FlowException {
  return { flowId: reader.vlu(), code: reader.vlu() }
}
