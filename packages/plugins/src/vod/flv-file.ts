import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import {
  type FlvTagHead,
  flvKeyframesOf,
  flvTagHeadSize,
  flvTagProbeSize,
  isKeyframe,
  isMediaHeader,
  isMetadata,
  mediaHeaderKey,
  type MediaMessage,
  parseFlvTagHead,
  TagType,
} from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { type FlvHead, readFlvHead } from './flv-head.ts'
import { type FlvIndex, lastAtMost, scanIndex } from './flv-index.ts'
import { flvMessages } from './flv-messages.ts'
import type { MediaFile, Start } from './media-file.ts'
import type { SharedFile } from './shared-file.ts'

interface FlvStart extends Start {
  /** Position of a tag. */
  readonly position: number
  /** Headers that a decoder needs before it; none at the beginning of the file, where they come by themselves. */
  readonly headers: readonly MediaMessage[]
}

/**
 * Bytes of metadata; of longer ones, as with the index of a long film, the parts are left out that players do not need.
 */
const maxMetadata = 32 * 1024

/** An FLV file. Its messages are played as they are. */
export class FlvFile implements MediaFile {
  readonly duration: number
  readonly metadata: RtmpMessage
  readonly #file: SharedFile
  readonly #head: FlvHead
  #index: FlvIndex | undefined
  #scanned: Promise<FlvIndex> | undefined

  private constructor(file: SharedFile, head: FlvHead, duration: number) {
    this.#file = file
    this.#head = head
    const keyframes = flvKeyframesOf(head.properties, file.size)
    this.#index = keyframes && { ...keyframes, headers: undefined }
    this.duration = duration
    this.metadata = metadataWith(head, duration)
  }

  /** @throws VodError */
  static async open(file: SharedFile): Promise<FlvFile> {
    const head = await readFlvHead(file)
    const said = head.properties?.['duration']
    const isSaid = typeof said === 'number' && said > 0 && said < Infinity
    return new FlvFile(file, head, isSaid ? said * 1000 : await durationOf(file, head))
  }

  async find(timestamp: number): Promise<FlvStart> {
    if (timestamp <= this.#head.firstTimestamp) return this.#beginning()
    const known = this.#index && (await this.#at(this.#index, timestamp))
    if (known !== undefined) return known
    // The index in the metadata is wrong.
    this.#index = undefined
    this.#scanned ??= scanIndex(this.#file, this.#head.position, this.#head.hasVideo)
    try {
      return (await this.#at(await this.#scanned, timestamp)) ?? this.#beginning()
    } catch (error) {
      this.#scanned = undefined
      throw error
    }
  }

  async *read(start: Start): AsyncGenerator<RtmpMessage, void> {
    const { timestamp, position, headers } = start as FlvStart
    for (const header of headers) yield { ...header, timestamp }
    let isHead = position === this.#head.position
    for await (const message of flvMessages(this.#file, position)) {
      // The metadata has been sent already.
      if (isHead && isMetadata(message)) continue
      isHead &&= message.messageTypeId === TagType.Script || isMediaHeader(message)
      yield message
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #beginning(): FlvStart {
    const { position, firstTimestamp } = this.#head
    return { timestamp: firstTimestamp, position, headers: [] }
  }

  /** Undefined when there is no such tag. */
  async #at(index: FlvIndex, wanted: number): Promise<FlvStart | undefined> {
    const place = lastAtMost(index.times, wanted)
    const position = index.positions[place]
    if (position === undefined) return place < 0 && index.times.length > 0 ? this.#beginning() : undefined
    const tag = await readTagHead(this.#file, position)
    const isPlace = tag?.type === (this.#head.hasVideo ? TagType.Video : TagType.Audio)
    if (tag === undefined || !isPlace || tag.timestamp > wanted) return undefined
    if (this.#head.hasVideo && !isKeyframe(tag.beginning)) return undefined
    return { timestamp: tag.timestamp, position, headers: await this.#headers(index, position) }
  }

  /** If there are several for a track, the last one counts. */
  async #headers({ headers }: FlvIndex, position: number): Promise<readonly MediaMessage[]> {
    if (headers === undefined) return this.#head.headers
    const found = new Map<string, MediaMessage>()
    for (const at of headers) {
      if (at >= position) break
      const tag = await readTagHead(this.#file, at)
      const payload = tag && (await this.#file.read(at + flvTagHeadSize, tag.size))
      if (tag === undefined || payload?.length !== tag.size) break
      const message = { messageTypeId: tag.type, messageStreamId: 0, timestamp: 0, payload }
      const key = mediaHeaderKey(message)
      found.delete(key)
      found.set(key, message)
    }
    return [...found.values()]
  }
}

/** Undefined when the file ends before. */
async function readTagHead(file: SharedFile, position: number): Promise<FlvTagHead | undefined> {
  return parseFlvTagHead(await file.read(position, flvTagProbeSize))
}

/** Duration in milliseconds: from the last tag, if the last back pointer leads to one, else by reading the file. */
async function durationOf(file: SharedFile, { position, firstTimestamp }: FlvHead): Promise<number> {
  const end = await file.read(file.size - 4, 4)
  const last = end.length === 4 ? file.size - 4 - end.readUInt32BE(0) : 0
  const tag = last >= position ? await readTagHead(file, last) : undefined
  const isTag = tag !== undefined && tag.size + flvTagHeadSize === file.size - 4 - last
  if (isTag) return Math.max(0, tag.timestamp - firstTimestamp)
  let latest = firstTimestamp
  for await (const { timestamp } of flvMessages(file, position)) latest = Math.max(latest, timestamp)
  return latest - firstTimestamp
}

function metadataWith({ metadata, properties }: FlvHead, duration: number): RtmpMessage {
  const isWhole = typeof properties?.['duration'] === 'number' && properties['duration'] * 1000 === duration
  if (metadata !== undefined && isWhole && metadata.payload.length <= maxMetadata) return metadata
  const { keyframes: _, ...rest } = properties ?? {}
  const payload = Buffer.from(encodeAmf0('onMetaData', new EcmaArray({ ...rest, duration: duration / 1000 })))
  return { messageTypeId: TagType.Script, messageStreamId: 0, timestamp: 0, payload }
}
