import { Mp4Error } from './errors.ts'

/** A box of an MP4 file (ISO/IEC 14496-12 §4.2) inside another one that is in memory. */
export interface Box {
  readonly type: string
  /** What is in it, without its head. */
  readonly body: Buffer
}

/** Bytes of a box's head; boxes of 4 GiB and more have twice as many. */
export const boxHead = 8
export const longBoxHead = 16

/** Boxes in one: tracks, fragments of tracks and their runs are the most there are. */
const maxBoxes = 4_096

/**
 * The boxes that follow one another in these bytes. One that is longer than them is cut; what is no box ends them.
 *
 * @throws Mp4Error for more than anybody needs
 */
export function boxesIn(bytes: Buffer): Box[] {
  const found: Box[] = []
  for (let at = 0; at + boxHead <= bytes.length; ) {
    const size = boxSize(bytes.subarray(at, at + longBoxHead), bytes.length - at)
    const head = bytes.readUInt32BE(at) === 1 ? longBoxHead : boxHead
    if (size === undefined || size < head) break
    if (found.length === maxBoxes) throw new Mp4Error(`more than ${maxBoxes} boxes in one`)
    found.push({ type: typeOf(bytes, at), body: bytes.subarray(at + head, at + size) })
    at += size
  }
  return found
}

/** What is in the first box at the end of a path. */
export function bodyAt(bytes: Buffer, ...path: readonly string[]): Buffer | undefined {
  let body: Buffer | undefined = bytes
  for (const type of path) body = body && boxesIn(body).find(box => box.type === type)?.body
  return body
}

export function typeOf(bytes: Buffer, at = 0): string {
  return bytes.toString('latin1', at + 4, at + 8)
}

/**
 * Bytes of a box with its head: 1 means that 64 bits follow, 0 up to the end. Undefined while the head is not there.
 *
 * @param rest bytes up to the end of the file or of the box around it
 */
export function boxSize(head: Buffer, rest: number): number | undefined {
  if (head.length < boxHead) return undefined
  const size = head.readUInt32BE(0)
  if (size === 0) return rest
  if (size !== 1) return size
  return head.length < longBoxHead ? undefined : Number(head.readBigUInt64BE(8))
}

/** A box in bytes. */
export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const size = parts.reduce((sum, { length }) => sum + length, boxHead)
  return Buffer.concat([uint32(size), Buffer.from(type, 'latin1'), ...parts], size)
}

/** A box with version and flags (§4.2). */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  return box(type, uint32(version * 0x100_0000 + flags), ...parts)
}

export function uint8(...values: readonly number[]): Buffer {
  return Buffer.from(values)
}

export function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [place, value] of values.entries()) bytes.writeUInt16BE(value, place * 2)
  return bytes
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [place, value] of values.entries()) bytes.writeUInt32BE(value, place * 4)
  return bytes
}

export function uint64(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8)
  for (const [place, value] of values.entries()) bytes.writeBigUInt64BE(BigInt(value), place * 8)
  return bytes
}
