import { flvTagHeadSize, flvTagOverhead, parseFlvTagHead } from './flv-tag-head.ts'
import type { FlvSource } from './flv-tag-walk.ts'
import { TagType } from './tag-type.ts'

/**
 * What is behind the last whole tag of a file: `nothing`, `zeroes` that a power cut leaves, `unfinished` for a tag with
 * fewer bytes than it says, or `unknown` for what may be anything, among it a file that is damaged in the middle.
 */
export type FlvTail = 'nothing' | 'zeroes' | 'unfinished' | 'unknown'

/** Bytes to read at a time. */
const blockSize = 1024 * 1024
const maxTagSize = 0xff_ffff
const known: ReadonlySet<number> = new Set(Object.values(TagType))

/** @param seen types that whole tags of the file have, beside the known ones */
export async function flvTailOf(source: FlvSource, end: number, seen: ReadonlySet<number>): Promise<FlvTail> {
  const size = source.size - end
  if (size <= 0) return 'nothing'
  if (await isZeroes(source, end)) return 'zeroes'
  if (size > maxTagSize + flvTagOverhead) return 'unknown'
  const tail = Buffer.from(await source.read(end, size))
  return isUnfinishedTag(tail, seen) && !hasWholeTag(tail) ? 'unfinished' : 'unknown'
}

async function isZeroes(source: FlvSource, from: number): Promise<boolean> {
  for (let at = from; at < source.size; ) {
    const bytes = await source.read(at, blockSize)
    if (bytes.length === 0) return false
    if (!isZero(bytes)) return false
    at += bytes.length
  }
  return true
}

/** True if all bytes are 0. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0)
}

function isUnfinishedTag(tail: Buffer, seen: ReadonlySet<number>): boolean {
  const type = tail.readUInt8(0)
  // The bit above the five of the type means encryption.
  const isTag = known.has(type & ~0x20) || seen.has(type)
  const head = parseFlvTagHead(tail)
  return isTag && (head === undefined || (head.streamId === 0 && flvTagHeadSize + head.size > tail.length))
}

/** True if a tag is in there, behind the first byte, whose back pointer says the same as its head. */
function hasWholeTag(tail: Buffer): boolean {
  for (let at = 1; at + flvTagOverhead < tail.length; at += 1) {
    if (!known.has(tail.readUInt8(at)) || tail.readUIntBE(at + 8, 3) !== 0) continue
    const end = at + flvTagHeadSize + tail.readUIntBE(at + 1, 3)
    if (end > at + flvTagHeadSize && end + 4 <= tail.length && tail.readUInt32BE(end) === end - at) return true
  }
  return false
}
