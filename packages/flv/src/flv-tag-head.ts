/** What stands before a tag's body (FLV 10.1 §E.4.1), and the beginning of the body. */
export interface FlvTagHead {
  /** As it stands there: one of `TagType`, or another one with or without the bits that mean encryption. */
  readonly type: number
  /** Of the body, bytes. */
  readonly size: number
  /** Milliseconds, unsigned. */
  readonly timestamp: number
  /** 0 in every tag; another number tells that it is none. */
  readonly streamId: number
  /** Up to 4,096 bytes of the body: enough to tell what it is, ModEx packets included. */
  readonly beginning: Buffer
}

/** Bytes before a tag's body. */
export const flvTagHeadSize = 11
/** Bytes of a tag around its body: head and back pointer. */
export const flvTagOverhead = 15
const beginningSize = 4_096
/** Bytes to give {@link parseFlvTagHead}, so that nothing of the beginning is missing. */
export const flvTagProbeSize: number = flvTagHeadSize + beginningSize

/** The tag that these bytes begin with; undefined if its head is not whole. */
export function parseFlvTagHead(bytes: Buffer): FlvTagHead | undefined {
  if (bytes.length < flvTagHeadSize) return undefined
  const size = bytes.readUIntBE(1, 3)
  return {
    type: bytes.readUInt8(0),
    size,
    timestamp: bytes.readUIntBE(4, 3) + bytes.readUInt8(7) * 0x100_0000,
    streamId: bytes.readUIntBE(8, 3),
    beginning: bytes.subarray(flvTagHeadSize, flvTagHeadSize + Math.min(size, beginningSize)),
  }
}
