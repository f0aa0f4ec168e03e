import type { AmfObject } from '@rtmpipe/amf'
import {
  type FlvFacts,
  FlvMuxer,
  type FlvScan,
  flvCompletion,
  flvMetadataTag,
  isFrame,
  KeyframeList,
  scanFlv,
  TagType,
  Timeline,
} from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { FileWindow } from './file-window.ts'
import { finishFlv } from './finish-flv.ts'
import { PartFile } from './part-file.ts'
import type { RecordingWriter } from './recording-writer.ts'
import { MainTrack } from './main-track.ts'

/** Milliseconds of media that a crash may lose, apart from the caches of the disk. */
const flushInterval = 1_000

/** An FLV file whose metadata are completed in place when it ends. */
export class FlvWriter implements RecordingWriter {
  readonly isOutdated = false
  readonly postponed: readonly never[] = []
  readonly #muxer = new FlvMuxer()
  readonly #mainTrack = new MainTrack()
  readonly #file: PartFile
  readonly #timeline: Timeline
  readonly #keyframes: KeyframeList
  readonly #metadata: FlvScan['metadata']
  #hasAudio = false
  #hasVideo = false
  #lastTimestamp = 0
  #flushed = 0

  private constructor(
    file: PartFile,
    metadata: FlvScan['metadata'],
    known: Pick<FlvScan, 'timeline' | 'keyframes' | 'hasAudio' | 'hasVideo' | 'lastTimestamp'>,
  ) {
    this.#file = file
    this.#metadata = metadata
    this.#timeline = known.timeline
    this.#keyframes = known.keyframes
    this.#hasAudio = known.hasAudio
    this.#hasVideo = known.hasVideo
    this.#lastTimestamp = this.#flushed = known.lastTimestamp
  }

  /** @param capacity keyframes to have room for */
  static async create(name: string, properties: AmfObject, capacity: number): Promise<FlvWriter> {
    const file = await PartFile.create(name)
    const known = {
      timeline: new Timeline(),
      keyframes: keyframesOf(capacity),
      hasAudio: false,
      hasVideo: false,
      lastTimestamp: 0,
    }
    const header = new FlvMuxer().header()
    const facts: FlvFacts = { ...known, hasVideo: true, duration: 0, fileSize: 0 }
    const tag = flvMetadataTag(properties, facts)
    file.append(header)
    file.append(tag)
    return new FlvWriter(file, { position: header.length, length: tag.length, properties }, known)
  }

  /**
   * Goes on with a complete file. What was not written in full at its end is kept beside it. Undefined if it is no FLV
   * file.
   *
   * @throws RecordError `RTMP_ERR_RECORD_DAMAGED` for a file that does not end with a tag; then it is as it was
   */
  static async append(name: string, capacity: number): Promise<FlvWriter | undefined> {
    const file = await PartFile.reopen(name)
    try {
      const scan = await scanFlv(await FileWindow.of(file.handle), () => keyframesOf(capacity))
      if (scan !== undefined) {
        await finishFlv(file.handle, name, scan, name)
        file.beginAt(scan.fileSize)
        return new FlvWriter(file, scan.metadata, scan)
      }
    } catch (error) {
      await file.finish()
      throw error
    }
    await file.finish()
    return undefined
  }

  get name(): string {
    return this.#file.name
  }

  get size(): number {
    return this.#file.size
  }

  get duration(): number {
    return this.#timeline.duration
  }

  /** FLV takes everything, and sequence headers in between. */
  fits(): boolean {
    return true
  }

  async write(message: RtmpMessage, time: number): Promise<void> {
    if (message.messageTypeId === TagType.Audio) this.#hasAudio = true
    if (message.messageTypeId === TagType.Video) this.#hasVideo = true
    if (this.#mainTrack.isKeyframe(message)) this.#keyframes.add(this.#file.size, time)
    if (isFrame(message)) {
      this.#timeline.add(String(message.messageTypeId), time)
      this.#lastTimestamp = Math.max(this.#lastTimestamp, time)
    }
    this.#file.append(this.#muxer.tag({ ...message, timestamp: time }))
    if (!this.#file.isFull && time - this.#flushed < flushInterval) return
    this.#flushed = time
    await this.#file.flush()
  }

  async finish(): Promise<string> {
    await this.#file.flush()
    const patches = flvCompletion(this.#metadata, {
      duration: this.duration,
      lastTimestamp: this.#lastTimestamp,
      fileSize: this.size,
      keyframes: this.#keyframes,
      hasAudio: this.#hasAudio,
      hasVideo: this.#hasVideo,
    })
    for (const { position, bytes } of patches) await this.#file.patch(position, bytes)
    return this.#file.finish()
  }

  /** Leaves the file as `.part`. Resolves with its path. */
  async abandon(): Promise<string> {
    await this.#file.close()
    return this.#file.path
  }
}

/**
 * The index has the first keyframe of every second, because some readers (FFmpeg 5) know whole seconds only and would
 * find a later one.
 */
export function keyframesOf(capacity: number): KeyframeList {
  return new KeyframeList(capacity, 1_000)
}
