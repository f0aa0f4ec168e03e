import { firstFlvTag, isMetadata, isPicture, isSound, type MediaMessage, metadataOf } from '@rtmpipe/flv'
import type { AmfObject } from '@rtmpipe/amf'
import { VodError } from './errors.ts'
import { greatestStep } from './flv-clock.ts'
import { flvMessages } from './flv-messages.ts'
import { timeSince } from './flv-time.ts'
import type { SharedFile } from './shared-file.ts'

/** The beginning of an FLV file. */
export interface FlvHead {
  /** Where the first tag is. */
  readonly position: number
  readonly metadata: MediaMessage | undefined
  readonly properties: AmfObject | undefined
  /** Of the frame that the film begins with, in milliseconds: many files begin at the time of a stream. */
  readonly firstTimestamp: number
}

/** Messages to look at for the first of the other kind, behind the first audio or video; it may be the earlier one. */
const maxMessages = 512
const maxBytes = 8 * 1024 * 1024
/** Bytes of the file to look at, so that what has neither is not read through whenever somebody asks. */
const maxSize = 32 * 1024 * 1024

/** @throws VodError `RTMP_ERR_VOD_FILE` when it is no FLV file, or has nothing to play */
export async function readFlvHead(file: SharedFile): Promise<FlvHead> {
  const position = firstFlvTag(await file.read(0, 9))
  if (position === undefined) throw new VodError('RTMP_ERR_VOD_FILE', 'it does not begin like an FLV file')
  let [metadata, firstTimestamp]: [MediaMessage | undefined, number | undefined] = [undefined, undefined]
  let [messages, bytes, hasAudio, hasVideo] = [0, 0, false, false]
  for await (const message of flvMessages(file, position, position + maxSize)) {
    const [isHeard, isSeen] = [isSound(message), isPicture(message)]
    if (isHeard || isSeen) firstTimestamp = earlier(firstTimestamp ?? message.timestamp, message.timestamp)
    else if (firstTimestamp === undefined && isMetadata(message)) metadata ??= message
    hasAudio ||= isHeard
    hasVideo ||= isSeen
    messages += 1
    bytes += message.payload.length
    if (hasAudio && hasVideo) break
    if (firstTimestamp !== undefined && (messages >= maxMessages || bytes >= maxBytes)) break
  }
  if (firstTimestamp === undefined) {
    const where = file.size > position + maxSize ? ` in its first ${maxSize} bytes` : ''
    throw new VodError('RTMP_ERR_VOD_FILE', `it has neither audio nor video${where}`)
  }
  return { position, metadata, properties: metadata && metadataOf(metadata.payload), firstTimestamp }
}

/** Of two timestamps of one clock. */
function earlier(one: number, other: number): number {
  const step = timeSince(one, other)
  return step < 0 && step >= -greatestStep ? other : one
}
