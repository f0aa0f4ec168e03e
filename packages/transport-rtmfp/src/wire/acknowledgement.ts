import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { ChunkType } from './chunk-type.ts'
import { writeChunk } from './packet.ts'
import { vluLength } from './vlu.ts'
import { WireError } from './wire-error.ts'

/** Sequence numbers from one to another, both included. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** What has been received of a flow, and how much more its receiver can take (§2.3.13, §2.3.14). */
export interface Acknowledgement {
  readonly flowId: number
  /** Bytes; on the wire blocks of 1,024. */
  readonly bufferAvailable: number
  /** Everything up to this number has come. */
  readonly cumulative: number
  /** What has come beyond that, in ascending order. */
  readonly ranges: readonly Range[]
}

const BLOCK = 1024
/** Ranges that are read of one chunk; a datagram has no room for more. */
const MAX_RANGES = 600

/** A range that is cut off is left out, all before it counts (§2.3.14). @throws WireError for less than the fixed part */
export function readAcknowledgementRanges(reader: ByteReader): Acknowledgement {
  const head = readHead(reader)
  if (reader.left === 0) return head
  const ranges: Range[] = []
  let { cumulative: last } = head
  try {
    while (reader.left > 0 && ranges.length < MAX_RANGES) {
      const first = last + reader.vlu() + 2
      last = first + reader.vlu()
      if (!Number.isSafeInteger(last)) break
      ranges.push({ first, last })
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
  return { ...head, ranges }
}

/** The other form: a bit for each number, the first for the one after the first hole. @throws WireError */
export function readAcknowledgementBitmap(reader: ByteReader): Acknowledgement {
  const head = readHead(reader)
  const ranges: { first: number; last: number }[] = []
  let number = head.cumulative + 2
  for (const byte of reader.rest()) {
    for (let bit = 0; bit < 8; bit += 1, number += 1) {
      if ((byte & (1 << bit)) === 0) continue
      const range = ranges.at(-1)
      if (range?.last === number - 1) range.last = number
      else if (ranges.length < MAX_RANGES) ranges.push({ first: number, last: number })
    }
  }
  return { ...head, ranges }
}

const noRanges: readonly Range[] = []

function readHead(reader: ByteReader): Acknowledgement {
  const flowId = reader.vlu()
  const blocks = reader.vlu()
  const bufferAvailable = Math.min(blocks * BLOCK, Number.MAX_SAFE_INTEGER)
  return { flowId, bufferAvailable, cumulative: reader.vlu(), ranges: noRanges }
}

/** Writes as many ranges as there is room for. Returns false, and writes nothing, where not even the rest fits. */
export function writeAcknowledgement(writer: ByteWriter, acknowledgement: Acknowledgement): boolean {
  const { flowId, bufferAvailable, cumulative, ranges } = acknowledgement
  const blocks = Math.ceil(bufferAvailable / BLOCK)
  if (writer.room < 3 + vluLength(flowId) + vluLength(blocks) + vluLength(cumulative)) return false
  writeChunk(writer, ChunkType.AcknowledgementRanges, chunk => {
    chunk.vlu(flowId).vlu(blocks).vlu(cumulative)
    let before = cumulative
    for (const { first, last } of ranges) {
      const holes = first - before - 2
      if (chunk.room < vluLength(holes) + vluLength(last - first)) break
      chunk.vlu(holes).vlu(last - first)
      before = last
    }
  })
  return true
}
