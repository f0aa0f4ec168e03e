import { firstFlvTag, isMediaHeader, isMetadata, isPicture, isSound, type MediaMessage, metadataOf } from '@rtmpipe/flv'
import type { AmfObject } from '@rtmpipe/amf'
import { VodError } from './errors.ts'
import { flvMessages } from './flv-messages.ts'
import type { SharedFile } from './shared-file.ts'

/** The beginning of an FLV file. */
export interface FlvHead {
  /** Where the first tag is. */
  readonly position: number
  /** Sequence headers and the like, in order. */
  readonly headers: readonly MediaMessage[]
  readonly metadata: MediaMessage | undefined
  readonly properties: AmfObject | undefined
  /** Timestamp of the first frame, in milliseconds. */
  readonly firstTimestamp: number
  readonly hasVideo: boolean
}

/** Messages to look at for the first audio and the first video. */
const maxMessages = 512
const maxBytes = 8 * 1024 * 1024

/** @throws VodError `RTMP_ERR_VOD_FILE` when it is no FLV file, or has nothing to play */
export async function readFlvHead(file: SharedFile): Promise<FlvHead> {
  const position = firstFlvTag(await file.read(0, 9))
  if (position === undefined) throw new VodError('RTMP_ERR_VOD_FILE', 'it does not begin like an FLV file')
  const headers: MediaMessage[] = []
  let [metadata, firstTimestamp]: [MediaMessage | undefined, number | undefined] = [undefined, undefined]
  let [messages, bytes, hasAudio, hasVideo] = [0, 0, false, false]
  for await (const message of flvMessages(file, position)) {
    const [isHeard, isSeen] = [isSound(message), isPicture(message)]
    if (isHeard || isSeen) firstTimestamp ??= message.timestamp
    else if (isMediaHeader(message)) headers.push(message)
    else if (firstTimestamp === undefined && isMetadata(message)) metadata ??= message
    hasAudio ||= isHeard
    hasVideo ||= isSeen
    messages += 1
    bytes += message.payload.length
    if ((hasAudio && hasVideo) || messages >= maxMessages || bytes >= maxBytes) break
  }
  if (firstTimestamp === undefined) throw new VodError('RTMP_ERR_VOD_FILE', 'it begins without audio and video')
  const properties = metadata && metadataOf(metadata.payload)
  return { position, headers, metadata, properties, firstTimestamp, hasVideo }
}
