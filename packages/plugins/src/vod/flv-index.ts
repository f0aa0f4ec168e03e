import { isKeyframe, isMediaHeader, isSound, type FlvKeyframes, KeyframeList, TagType, walkFlvTags } from '@rtmpipe/flv'
import type { SharedFile } from './shared-file.ts'

/** Where playing can begin in an FLV file. */
export interface FlvIndex extends FlvKeyframes {
  /** Positions of sequence headers, ascending; undefined where only those at the beginning are known. */
  readonly headers: readonly number[] | undefined
}

/** Most keyframes in an index; of more, every second one is left out. */
const capacity = 65_536
const maxHeaders = 256
/** Milliseconds between places to begin at in a file without pictures. */
const audioInterval = 1_000

/** Reads the whole file once, tag by tag, up to the first bytes that are no tag. */
export async function scanIndex(file: SharedFile, first: number, hasVideo: boolean): Promise<FlvIndex> {
  const keyframes = new KeyframeList(capacity)
  const headers: number[] = []
  let lastTime = -Infinity
  await walkFlvTags(file, first, ({ type, timestamp, beginning, position, file: number }) => {
    // Time begins anew in a file behind the file.
    if (number > 0) return false
    const tag = { messageTypeId: type, payload: beginning }
    if (isMediaHeader(tag)) {
      if (headers.length < maxHeaders) headers.push(position)
    } else if (type === TagType.Video && isKeyframe(beginning)) {
      keyframes.add(position, timestamp)
    } else if (!hasVideo && isSound(tag) && timestamp >= lastTime + audioInterval) {
      keyframes.add(position, timestamp)
      lastTime = timestamp
    }
    return true
  })
  return { positions: keyframes.positions, times: keyframes.times, headers }
}

/** Index of the last number that is not greater; -1 if all are greater. */
export function lastAtMost(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}
