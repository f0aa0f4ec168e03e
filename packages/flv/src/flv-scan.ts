import type { FlvFacts, FlvMetadataTag } from './flv-file-metadata.ts'
import { type FlvSource, firstFlvTag, walkFlvTags } from './flv-tag-walk.ts'
import { flvTagHeadSize, flvTagOverhead } from './flv-tag-head.ts'
import { type FlvTail, flvTailOf, isZero } from './flv-tail.ts'
import type { KeyframeList } from './keyframe-list.ts'
import { isFrame } from './message-kind.ts'
import { mendedMetadata } from './mended-metadata.ts'
import { metadataOf } from './metadata-of.ts'
import { TagType } from './tag-type.ts'
import { Timeline } from './timeline.ts'
import { isKeyframe } from './video-role.ts'

/** What is in an FLV file, as far as it is whole. */
export interface FlvScan extends FlvFacts {
  /** Audio and video frames; encrypted tags of them count as well. */
  readonly frames: number
  /** How long the tracks last; frames may be added to it. */
  readonly timeline: Timeline
  /** The first tag, if it is metadata. */
  readonly metadata: FlvMetadataTag | undefined
  /** Bytes in the file, at present. */
  readonly bytes: number
  /** What those after `fileSize` are. */
  readonly tail: FlvTail
  /** The back pointer of the last tag, if it is missing or not whole; it belongs at the end of `fileSize`. */
  readonly backPointer: Buffer | undefined
}

/** The bit that means encryption, and the type (FLV 10.1 §E.4.1). */
const [filterBit, typeBits] = [0x20, 0x1f]

/**
 * Reads a file tag by tag, the heads of them only, and finds where the last whole one ends. Undefined if it is no FLV file.
 *
 * @param keyframes makes an empty list for its index
 */
export async function scanFlv(source: FlvSource, keyframes: () => KeyframeList): Promise<FlvScan | undefined> {
  const first = firstFlvTag(await source.read(0, 9))
  if (first === undefined) return undefined
  const known = await readTags(source, first, keyframes())
  const { last, types, hasPointers, metadataSize, ...facts } = known
  const fileSize = last === undefined ? Math.min(first, source.size) : last.end
  const pointer = last && (await pointerOf(source, last))
  if (last !== undefined && pointer === 'zero' && hasPointers) {
    // What is left of its body after a power cut ends in zeroes, too.
    const isLost = isZero(await source.read(last.end - 5, 1))
    const before = isLost ? await scanFlv(upTo(source, last.position), keyframes) : undefined
    if (before !== undefined) return { ...before, bytes: source.size, tail: 'unfinished' }
  }
  const tail = await flvTailOf(source, fileSize, types)
  // Where a back pointer is wrong that is right elsewhere, what follows may be no tag.
  const isOff = pointer === 'wrong' && hasPointers && tail === 'unfinished'
  const body = await source.read(first + flvTagHeadSize, metadataSize)
  const properties = metadataSize > 0 ? metadataOf(mendedMetadata(body) ?? body) : undefined
  return {
    ...facts,
    duration: facts.timeline.duration,
    fileSize,
    metadata: properties && { position: first, length: metadataSize + flvTagOverhead, properties },
    bytes: source.size,
    tail: isOff ? 'unknown' : tail,
    backPointer: last !== undefined && (pointer === 'short' || pointer === 'zero') ? pointerTo(last) : undefined,
  }
}

/** Where a tag is; its end is that of its back pointer. */
interface Place {
  readonly position: number
  readonly end: number
}

async function readTags(source: FlvSource, first: number, keyframes: KeyframeList) {
  const timeline = new Timeline()
  const types = new Set<number>()
  let last: Place | undefined
  let [frames, lastTimestamp, hasAudio, hasVideo, metadataSize, hasPointers] = [0, 0, false, false, 0, false]
  await walkFlvTags(source, first, ({ type, size, timestamp, beginning, position, backPointer, file }) => {
    // What a power cut leaves looks like tags of nothing.
    if (type === 0 && size === 0) return
    hasPointers ||= last !== undefined && backPointer === last.end - 4 - last.position
    last = { position, end: position + size + flvTagOverhead }
    types.add(type)
    const kind = (type & filterBit) === 0 ? type : type & typeBits
    const isMedia = kind === TagType.Audio || kind === TagType.Video
    if (type === kind ? isFrame({ messageTypeId: type, payload: beginning }) : isMedia) {
      timeline.add(String(kind), timestamp)
      lastTimestamp = Math.max(lastTimestamp, timestamp)
      frames += 1
      // Time begins anew in a file behind the file.
      if (type === TagType.Video && file === 0 && isKeyframe(beginning)) keyframes.add(position, timestamp)
    }
    hasAudio ||= kind === TagType.Audio
    hasVideo ||= kind === TagType.Video
    if (position === first && type === TagType.Script) metadataSize = size
  })
  return { last, types, hasPointers, metadataSize, timeline, frames, lastTimestamp, hasAudio, hasVideo, keyframes }
}

async function pointerOf(source: FlvSource, tag: Place): Promise<'right' | 'short' | 'zero' | 'wrong'> {
  const bytes = await source.read(tag.end - 4, 4)
  if (bytes.length < 4) return 'short'
  if (isZero(bytes)) return 'zero'
  return pointerTo(tag).equals(bytes) ? 'right' : 'wrong'
}

function pointerTo({ position, end }: Place): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(end - 4 - position)
  return bytes
}

function upTo(source: FlvSource, size: number): FlvSource {
  return {
    size,
    read: (position, length) => source.read(position, Math.max(0, Math.min(length, size - position))),
    rest: async position => (await source.rest(position)).subarray(0, Math.max(0, size - position)),
  }
}
