import type { FlvFacts, FlvMetadataTag } from './flv-file-metadata.ts'
import { type FlvSource, firstFlvTag, walkFlvTags } from './flv-tag-walk.ts'
import { flvTagHeadSize, flvTagOverhead } from './flv-tag-head.ts'
import type { KeyframeList } from './keyframe-list.ts'
import { isFrame } from './message-kind.ts'
import { mendedMetadata } from './mended-metadata.ts'
import { metadataOf } from './metadata-of.ts'
import { TagType } from './tag-type.ts'
import { Timeline } from './timeline.ts'
import { isKeyframe } from './video-role.ts'

/** What is in an FLV file, as far as it is whole. */
export interface FlvScan extends FlvFacts {
  /** Audio and video frames. */
  readonly frames: number
  /** How long the tracks last; frames may be added to it. */
  readonly timeline: Timeline
  /** The first tag, if it is metadata. */
  readonly metadata: FlvMetadataTag | undefined
  /** Bytes in the file; those after `fileSize` are no whole tag. */
  readonly bytes: number
}

/**
 * Reads a file tag by tag, the heads of them only, and finds where the last whole one ends. Undefined if it is no FLV file.
 *
 * @param keyframes an empty list for its index
 */
export async function scanFlv(source: FlvSource, keyframes: KeyframeList): Promise<FlvScan | undefined> {
  const first = firstFlvTag(await source.read(0, 9))
  if (first === undefined) return undefined
  const timeline = new Timeline()
  let [frames, lastTimestamp, hasAudio, hasVideo, metadataSize] = [0, 0, false, false, 0]
  const end = await walkFlvTags(source, first, ({ type, size, timestamp, beginning, position }) => {
    if (isFrame({ messageTypeId: type, payload: beginning })) {
      timeline.add(String(type), timestamp)
      lastTimestamp = Math.max(lastTimestamp, timestamp)
      frames += 1
      if (type === TagType.Video && isKeyframe(beginning)) keyframes.add(position, timestamp)
    }
    hasAudio ||= type === TagType.Audio
    hasVideo ||= type === TagType.Video
    if (position === first && type === TagType.Script) metadataSize = size
  })
  const body = await source.read(first + flvTagHeadSize, metadataSize)
  const properties = metadataSize > 0 ? metadataOf(mendedMetadata(body) ?? body) : undefined
  return {
    duration: timeline.duration,
    lastTimestamp,
    fileSize: Math.min(end, source.size),
    hasAudio,
    hasVideo,
    keyframes,
    frames,
    timeline,
    metadata: properties && { position: first, length: metadataSize + flvTagOverhead, properties },
    bytes: source.size,
  }
}
