import { boxHead, boxSize, longBoxHead, typeOf } from './box.ts'
import { Mp4Error } from './errors.ts'
import type { ByteFile } from './movie.ts'

/** A box that is in no other one. */
export interface TopBox {
  readonly type: string
  readonly position: number
  /** With its head; may lead beyond the end of the file. */
  readonly size: number
}

/** Bytes to look at together: small boxes may follow one another. */
const windowSize = 4_096
/** A day of a fragment for each of 24 pictures a second: what has more is made to keep somebody busy. */
const maxBoxes = 4_194_304

/**
 * The boxes that a file is made of, up to its end or to what is no box.
 *
 * @throws Mp4Error for more than there can be, whatever the file throws
 */
export async function* topBoxes(file: ByteFile): AsyncGenerator<TopBox, void> {
  let [bytes, start, at] = [Buffer.alloc(0) as Buffer, 0, 0]
  for (let count = 0; at + boxHead <= file.size; count += 1) {
    if (count === maxBoxes) throw new Mp4Error(`more than ${maxBoxes} boxes`)
    if (at + longBoxHead > start + bytes.length) [bytes, start] = [await file.peek(at, windowSize), at]
    const head = bytes.subarray(at - start, at - start + longBoxHead)
    const size = boxSize(head, file.size - at)
    if (size === undefined || size < boxHead || !isType(head)) return
    yield { type: typeOf(head), position: at, size }
    at += size
  }
}

function isType(head: Buffer): boolean {
  return head.subarray(4, boxHead).every(byte => byte >= 0x20 && byte < 0x7f)
}
