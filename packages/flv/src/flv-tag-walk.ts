import { type FlvTagHead, flvTagHeadSize, flvTagProbeSize, parseFlvTagHead } from './flv-tag-head.ts'

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
  /** What stands before it: the size of the tag before, if that is right. */
  readonly backPointer: number
  /** Which file it belongs to, from 0: files that were put behind one another are read like one. */
  readonly file: number
}

/** "FLV". */
const signature = 0x464c56
/** Bytes of a back pointer, which stands between the tags (FLV 10.1 §E.3). */
const pointerSize = 4
const probeSize = pointerSize + flvTagProbeSize

/**
 * Goes through the tags of a file by their heads, exactly as a `FlvDemuxer` does: a tag is as long as it says, whatever
 * its type, its stream id and its back pointer are, and headers of further files are passed over.
 *
 * @param first position of the first tag
 * @param visit is told every tag whose body is whole, of unknown types too; false ends it
 * @returns where the last of them ends, with its back pointer, which may be missing at the end of the file
 */
export async function walkFlvTags(
  source: FlvSource,
  first: number,
  visit: (tag: FlvTag) => boolean | void,
): Promise<number> {
  const window = new Window(source)
  let [file, end] = [0, first]
  // From back pointer to back pointer: one may be missing before the header of a further file.
  for (let at = first - pointerSize; ; ) {
    const probe = window.probe(at) ?? (await window.read(at))
    const header = isHeader(probe, 0) ? 0 : isHeader(probe, pointerSize) ? pointerSize : undefined
    if (header !== undefined) {
      if (probe.length < header + 9) return end
      at += header + Math.max(9, probe.readUInt32BE(header + 5))
      file += 1
      continue
    }
    const head = parseFlvTagHead(probe.subarray(pointerSize))
    const position = at + pointerSize
    if (head === undefined || position + flvTagHeadSize + head.size > source.size) return end
    at = position + flvTagHeadSize + head.size
    end = at + pointerSize
    if (visit({ ...head, position, backPointer: probe.readUInt32BE(0), file }) === false) return end
  }
}

/** Allocates nothing: a film has half a million tags. */
function isHeader(bytes: Buffer, at: number): boolean {
  return bytes.length >= at + 3 && bytes.readUIntBE(at, 3) === signature
}

/** Where the first tag is, behind the file's header; undefined if it has none (FLV 10.1 §E.2). */
export function firstFlvTag(header: Buffer): number | undefined {
  if (header.length < 9 || !isHeader(header, 0)) return undefined
  return Math.max(9, header.readUInt32BE(5)) + pointerSize
}

/** The bytes of a file around the place that is looked at. */
class Window {
  readonly #source: FlvSource
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0

  constructor(source: FlvSource) {
    this.#source = source
  }

  /** A back pointer and the head of a tag; undefined if they are not at hand. */
  probe(at: number): Buffer | undefined {
    const from = at - this.#start
    if (from < 0 || from + pointerSize + flvTagHeadSize > this.#bytes.length) return undefined
    const needed = pointerSize + flvTagHeadSize + this.#bytes.readUIntBE(from + pointerSize + 1, 3)
    if (from + Math.min(needed, probeSize) > this.#bytes.length) return undefined
    return this.#bytes.subarray(from, from + probeSize)
  }

  async read(at: number): Promise<Buffer> {
    this.#bytes = await this.#source.rest(at)
    this.#start = at
    const probe = this.probe(at)
    if (probe !== undefined) return probe
    // Only what reaches into the next block is read apart.
    this.#bytes = await this.#source.read(at, probeSize)
    return this.#bytes
  }
}
