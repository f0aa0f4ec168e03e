import type { FileHandle } from 'node:fs/promises'
import type { AmfObject } from '@rtmpipe/amf'
import { isCodedAudio, isCodedVideo, isKeyframe, metadataOf } from '@rtmpipe/flv'
import type { FlvFacts } from './flv-metadata.ts'
import { KeyframeIndex } from './keyframe-index.ts'
import { Timeline } from './timeline.ts'

/** What is in an FLV file, as far as it is whole. */
export interface FlvScan extends FlvFacts {
  readonly hasAudio: boolean
  /** Audio and video frames. */
  readonly frames: number
  readonly timeline: Timeline
  /** The first tag, if it is metadata: where it is, how long, and what it says. */
  readonly metadata: { readonly position: number; readonly length: number; readonly properties: AmfObject } | undefined
  /** Bytes in the file; those after `fileSize` are no whole tag. */
  readonly bytes: number
}

const windowSize = 256 * 1024
const headSize = 11
const audio = 8
const video = 9
const script = 18
const scriptAmf3 = 15
/** Enough of a body to tell what it is, ModEx packets included. */
const roleSize = 4096

/** Reads tag by tag, the heads of them only, up to the first that is not whole. Undefined if it is no FLV file. */
export async function scanFlv(handle: FileHandle, capacity: number): Promise<FlvScan | undefined> {
  const { size } = await handle.stat()
  const window = new FileWindow(handle)
  const header = await window.read(0, 13)
  if (header.length < 9 || header.toString('latin1', 0, 3) !== 'FLV') return undefined
  const keyframes = new KeyframeIndex(capacity)
  const timeline = new Timeline()
  let [position, frames, lastTimestamp, hasAudio, hasVideo] = [header.readUInt32BE(5) + 4, 0, 0, false, false]
  let metadata: FlvScan['metadata']
  for (const first = position; position + headSize <= size; ) {
    const head = await window.read(position, headSize)
    const type = head[0] ?? 0
    const length = head.readUIntBE(1, 3)
    const end = position + headSize + length + 4
    const isTag = [audio, video, script, scriptAmf3].includes(type) && head.readUIntBE(8, 3) === 0
    if (!isTag || end > size) break
    const body = await window.read(position + headSize, Math.min(length, position === first ? length : roleSize))
    if (position === first && type === script) {
      const properties = metadataOf(Buffer.from(body))
      if (properties !== undefined) metadata = { position, length: end - position, properties }
    }
    const isSound = type === audio && isCodedAudio(body)
    const isPicture = type === video && isCodedVideo(body)
    if (isSound || isPicture) {
      const time = head.readUIntBE(4, 3) + (head[7] ?? 0) * 0x100_0000
      timeline.add(String(type), time)
      lastTimestamp = Math.max(lastTimestamp, time)
      frames += 1
      if (isPicture && isKeyframe(body)) keyframes.add(position, time)
    }
    hasAudio ||= type === audio
    hasVideo ||= type === video
    position = end
  }
  const { duration } = timeline
  const fileSize = Math.min(position, size)
  return {
    duration,
    lastTimestamp,
    fileSize,
    hasAudio,
    hasVideo,
    keyframes,
    frames,
    timeline,
    metadata,
    bytes: size,
  }
}

/** Reads of a file that mostly go forward. */
class FileWindow {
  readonly #handle: FileHandle
  #bytes: Buffer = Buffer.alloc(0)
  #position = 0

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Valid until the next read; shorter at the end of the file. */
  async read(position: number, length: number): Promise<Buffer> {
    const start = position - this.#position
    if (start < 0 || start + length > this.#bytes.length) {
      const buffer = Buffer.allocUnsafe(Math.max(windowSize, length))
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await this.#handle.read(buffer, filled, buffer.length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      this.#bytes = buffer.subarray(0, filled)
      this.#position = position
    }
    return this.#bytes.subarray(position - this.#position, position - this.#position + length)
  }
}
