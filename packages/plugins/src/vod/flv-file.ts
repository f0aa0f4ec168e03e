import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { isFrame, isMetadata, type MediaMessage, TagType } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { FlvClock } from './flv-clock.ts'
import { flvDuration } from './flv-duration.ts'
import { type FlvHead, readFlvHead } from './flv-head.ts'
import { FlvIndex } from './flv-index.ts'
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
/** Properties that are times of the file's own clock. */
const ownTimes = ['keyframes', 'lasttimestamp', 'lastkeyframetimestamp']

/** An FLV file. Its messages are played as they are, with times that count from its first frame. */
export class FlvFile implements MediaFile {
  readonly duration: number
  readonly metadata: RtmpMessage
  readonly leftOut: undefined
  readonly #file: SharedFile
  readonly #head: FlvHead
  readonly #index: FlvIndex

  private constructor(file: SharedFile, head: FlvHead, index: FlvIndex, duration: number) {
    this.#file = file
    this.#head = head
    this.#index = index
    this.duration = duration
    this.metadata = metadataWith(head, duration)
  }

  /** @throws VodError */
  static async open(file: SharedFile): Promise<FlvFile> {
    const head = await readFlvHead(file)
    const index = new FlvIndex(file, head.position, head.firstTimestamp)
    return new FlvFile(file, head, index, await flvDuration(file, head, index))
  }

  async find(timestamp: number): Promise<FlvStart> {
    const place = timestamp > 0 ? await this.#index.find(timestamp) : undefined
    return place ?? { timestamp: 0, position: this.#head.position, headers: [] }
  }

  async *read(start: Start): AsyncGenerator<RtmpMessage, void> {
    const { timestamp, position, headers } = start as FlvStart
    for (const header of headers) yield { ...header, timestamp }
    const { firstTimestamp } = this.#head
    let isHead = position === this.#head.position
    let clock = isHead ? new FlvClock(firstTimestamp) : undefined
    for await (const message of flvMessages(this.#file, position)) {
      // The metadata has been sent already.
      if (isHead && isMetadata(message)) continue
      isHead &&= !isFrame(message)
      clock ??= new FlvClock(firstTimestamp, { timestamp: message.timestamp, time: timestamp })
      const time = isFrame(message) ? clock.timeOf(message.timestamp) : clock.timeBeside(message.timestamp)
      yield { ...message, timestamp: isHead ? 0 : time }
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

function metadataWith({ metadata, properties, firstTimestamp }: FlvHead, duration: number): RtmpMessage {
  const isWhole = typeof properties?.['duration'] === 'number' && properties['duration'] * 1000 === duration
  const isShort = metadata !== undefined && metadata.payload.length <= maxMetadata
  if (isShort && isWhole && firstTimestamp === 0) return { ...metadata, timestamp: 0 }
  const left = firstTimestamp === 0 ? ['keyframes'] : ownTimes
  const rest = Object.fromEntries(Object.entries(properties ?? {}).filter(([key]) => !left.includes(key)))
  const payload = Buffer.from(encodeAmf0('onMetaData', new EcmaArray({ ...rest, duration: duration / 1000 })))
  return { messageTypeId: TagType.Script, messageStreamId: 0, timestamp: 0, payload }
}
