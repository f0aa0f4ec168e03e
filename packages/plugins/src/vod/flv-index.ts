import type { AmfObject } from '@rtmpipe/amf'
import { isCodedAudio, isKeyframe, TagType } from '@rtmpipe/flv'
import { parseTagHead, readTagHead, tagHeadSize, tagOverhead } from './flv-tag-head.ts'
import { isHeader } from './header.ts'
import { KeyframeList } from './keyframe-list.ts'
import type { SharedFile } from './shared-file.ts'

/** Where playing can begin in an FLV file. */
export interface FlvIndex {
  /** Bytes from the beginning of the file, ascending. */
  readonly positions: readonly number[]
  /** Milliseconds. */
  readonly times: readonly number[]
  /** Positions of sequence headers, ascending; undefined where only those at the beginning are known. */
  readonly headers: readonly number[] | undefined
}

/** Keyframes in an index; of more, every second one is left out. */
const capacity = 65_536
const maxHeaders = 256
/** Milliseconds between places to begin at in a file without pictures. */
const audioInterval = 1_000

/** The index that the metadata holds. Undefined if there is none, or if it makes no sense. */
export function indexOfMetadata(properties: AmfObject | undefined, size: number): FlvIndex | undefined {
  const keyframes = properties?.['keyframes']
  if (typeof keyframes !== 'object' || keyframes === null) return undefined
  const { filepositions: positions, times } = keyframes as {
    readonly filepositions?: unknown
    readonly times?: unknown
  }
  if (!isAscending(positions) || !isAscending(times) || positions.length !== times.length) return undefined
  if (positions.length === 0 || positions.length > capacity || (positions.at(-1) ?? 0) >= size) return undefined
  return { positions, times: times.map(seconds => Math.round(seconds * 1000)), headers: undefined }
}

/** Reads the whole file once, tag by tag, up to the first that is none. */
export async function scanIndex(file: SharedFile, first: number, hasVideo: boolean): Promise<FlvIndex> {
  const keyframes = new KeyframeList(capacity)
  const headers: number[] = []
  let lastTime = -Infinity
  let [bytes, start] = [await file.rest(first), first]
  for (let position = first; ; ) {
    if (position - start >= bytes.length) [bytes, start] = [await file.rest(position), position]
    let head = parseTagHead(bytes.subarray(position - start, position - start + tagHeadSize))
    // Only a head that reaches into the next block is read apart.
    if (bytes.length - (position - start) < tagHeadSize) head = await readTagHead(file, position)
    if (head === undefined || head.type === fileSignature) break
    const { type, size, timestamp, beginning } = head
    if (isHeader({ messageTypeId: type, payload: beginning })) {
      if (headers.length < maxHeaders) headers.push(position)
    } else if (type === TagType.Video && isKeyframe(beginning)) {
      keyframes.add(position, timestamp)
    } else if (
      !hasVideo &&
      type === TagType.Audio &&
      isCodedAudio(beginning) &&
      timestamp >= lastTime + audioInterval
    ) {
      keyframes.add(position, timestamp)
      lastTime = timestamp
    }
    position += size + tagOverhead
  }
  return { positions: keyframes.positions, times: keyframes.times, headers }
}

/** `F` of another file's header. */
const fileSignature = 0x46

/** Place of the last that is not greater; -1 if all are. */
export function lastAtMost(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

function isAscending(values: unknown): values is readonly number[] {
  return (
    Array.isArray(values) &&
    values.every(
      (value, index) =>
        typeof value === 'number' && value >= 0 && (index === 0 || value >= (values[index - 1] as number)),
    )
  )
}
