import type { SharedFile } from './shared-file.ts'

/** What stands before a tag's body (FLV 10.1 §E.4.1), and the beginning of the body. */
export interface FlvTagHead {
  readonly type: number
  /** Of the body, bytes. */
  readonly size: number
  /** Milliseconds, unsigned. */
  readonly timestamp: number
  /** Up to 64 bytes of the body: enough to tell what it is. */
  readonly beginning: Buffer
}

/** Bytes of a tag around its body: head and back pointer. */
export const tagOverhead = 15
const headSize = 11
const beginningSize = 64

/** Bytes that {@link parseTagHead} has to be given. */
export const tagHeadSize: number = headSize + beginningSize

/** Undefined when the file ends before. */
export async function readTagHead(file: SharedFile, position: number): Promise<FlvTagHead | undefined> {
  return parseTagHead(await file.read(position, tagHeadSize))
}

export function parseTagHead(bytes: Buffer): FlvTagHead | undefined {
  if (bytes.length < headSize) return undefined
  const size = bytes.readUIntBE(1, 3)
  return {
    type: bytes.readUInt8(0),
    size,
    timestamp: bytes.readUIntBE(4, 3) + bytes.readUInt8(7) * 0x100_0000,
    beginning: bytes.subarray(headSize, headSize + Math.min(size, beginningSize)),
  }
}
