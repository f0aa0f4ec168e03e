import type { AmfObject } from '@rtmpipe/amf'
import { FlvMuxer } from '@rtmpipe/flv'
import type { MediaRole, RtmpMessage } from '@rtmpipe/session'
import { type FlvFacts, metadataTag } from './flv-metadata.ts'
import { type FlvScan, scanFlv } from './flv-scan.ts'
import { KeyframeIndex } from './keyframe-index.ts'
import { PartFile } from './part-file.ts'
import type { RecordingWriter } from './recording-writer.ts'
import { isFrame, isMainKeyframe } from './frame.ts'
import { Timeline } from './timeline.ts'

/** Milliseconds of media that may be lost in a crash, beside the disk's own caches. */
const flushInterval = 1_000
const flagsPosition = 4
const audio = 8
const video = 9

/** An FLV file whose metadata are completed in place when it ends. */
export class FlvWriter implements RecordingWriter {
  readonly isOutdated = false
  readonly #muxer = new FlvMuxer()
  readonly #file: PartFile
  readonly #timeline: Timeline
  readonly #keyframes: KeyframeIndex
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
      keyframes: new KeyframeIndex(capacity),
      hasAudio: false,
      hasVideo: false,
      lastTimestamp: 0,
    }
    const header = new FlvMuxer().header()
    const facts: FlvFacts = { ...known, hasVideo: true, duration: 0, fileSize: 0 }
    const tag = metadataTag(properties, facts) as Buffer
    file.append(header)
    file.append(tag)
    return new FlvWriter(file, { position: header.length, length: tag.length, properties }, known)
  }

  /** Goes on with a file that was complete. Undefined if it is none. */
  static async append(name: string, capacity: number): Promise<FlvWriter | undefined> {
    const file = await PartFile.reopen(name)
    try {
      const scan = await scanFlv(file.handle, capacity)
      if (scan !== undefined) {
        await file.truncate(scan.fileSize)
        return new FlvWriter(file, scan.metadata, scan)
      }
    } catch (error) {
      await file.finish()
      throw error
    }
    await file.finish()
    return undefined
  }

  get size(): number {
    return this.#file.size
  }

  get duration(): number {
    return this.#timeline.duration
  }

  async write(message: RtmpMessage, role: MediaRole, time: number): Promise<void> {
    if (message.messageTypeId === audio) this.#hasAudio = true
    if (message.messageTypeId === video) this.#hasVideo = true
    if (isMainKeyframe(message, role)) this.#keyframes.add(this.#file.size, time)
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
    await complete(this.#file, this.#metadata, {
      duration: this.duration,
      lastTimestamp: this.#lastTimestamp,
      fileSize: this.size,
      keyframes: this.#keyframes,
      hasAudio: this.#hasAudio,
      hasVideo: this.#hasVideo,
    })
    return this.#file.finish()
  }

  /** What there is stays as `.part`. Resolves with its path. */
  async abandon(): Promise<string> {
    await this.#file.close()
    return this.#file.path
  }
}

/** Says in the file's header and metadata what it holds; metadata that have no place for it stay as they are. */
export async function complete(
  file: { patch(position: number, bytes: Buffer): Promise<void> },
  metadata: FlvScan['metadata'],
  facts: FlvFacts & Pick<FlvScan, 'hasAudio'>,
): Promise<void> {
  const { hasAudio, hasVideo } = facts
  const flags = new FlvMuxer().header({ hasAudio, hasVideo }).subarray(flagsPosition, flagsPosition + 1)
  await file.patch(flagsPosition, flags)
  if (metadata === undefined) return
  const tag = metadataTag(metadata.properties, facts, metadata.length)
  if (tag !== undefined) await file.patch(metadata.position, tag)
}
