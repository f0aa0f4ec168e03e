import { type FlvTagHead, flvTagHeadSize, flvTagOverhead, flvTagProbeSize, parseFlvTagHead } from './flv-tag-head.ts'
import { TagType } from './tag-type.ts'

/** A file to look into; wherever its bytes come from. */
export interface FlvSource {
  /** Bytes. */
  readonly size: number
  /** As many bytes as there are, up to `length`. They are not written into, and need not last beyond the next read. */
  read(position: number, length: number): Promise<Buffer>
  /** The bytes from a position on, as many as are at hand; none at the end of the file. As lasting as those of `read`. */
  rest(position: number): Promise<Buffer>
}

/** A whole tag of a file. */
export interface FlvTag extends FlvTagHead {
  /** Of its head, bytes from the beginning of the file. */
  readonly position: number
  /** Which file it belongs to, from 0: files that were put behind one another are read like one. */
  readonly file: number
}

const signature = Buffer.from('FLV')
const known: ReadonlySet<number> = new Set(Object.values(TagType))

/**
 * Goes through the tags of a file by their heads, and passes over what a `FlvDemuxer` passes over: unknown and encrypted tags,
 * and headers of further files. Tags whose stream id is not 0 are passed over as well: in a damaged file, bytes that were never
 * a tag may look like one.
 *
 * @param first position of the first tag
 * @param visit is told every whole tag of a known type; false ends it
 * @returns where the last of them ends, with its back pointer
 */
export async function walkFlvTags(
  source: FlvSource,
  first: number,
  visit: (tag: FlvTag) => boolean | void,
): Promise<number> {
  let [bytes, start] = [await source.rest(first), first]
  let [file, end] = [0, first]
  for (let position = first; ; ) {
    if (position - start >= bytes.length) [bytes, start] = [await source.rest(position), position]
    let probe = bytes.subarray(position - start, position - start + flvTagProbeSize)
    let head = parseFlvTagHead(probe)
    if (head === undefined || head.beginning.length < Math.min(head.size, flvTagProbeSize - flvTagHeadSize)) {
      if (start < position) {
        ;[bytes, start] = [await source.rest(position), position]
        continue
      }
      // Only what reaches into the next block is read apart.
      bytes = probe = await source.read(position, flvTagProbeSize)
      head = parseFlvTagHead(probe)
    }
    if (head === undefined) return end
    if (probe.subarray(0, 3).equals(signature)) {
      position += Math.max(9, probe.readUInt32BE(5)) + 4
      file += 1
      continue
    }
    const next = position + head.size + flvTagOverhead
    if (known.has(head.type) && head.streamId === 0) {
      if (next > source.size) return end
      end = next
      if (visit({ ...head, position, file }) === false) return end
    }
    position = next
  }
}

/** Where the first tag is, behind the file's header; undefined if it has none (FLV 10.1 §E.2). */
export function firstFlvTag(header: Buffer): number | undefined {
  if (header.length < 9 || !header.subarray(0, 3).equals(signature)) return undefined
  return Math.max(9, header.readUInt32BE(5)) + 4
}
