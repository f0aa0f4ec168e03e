import { readFileSync } from 'node:fs'
import { type AmfObject, propertiesOf } from '@rtmpipe/amf'
import { FlvDemuxer, isCodedAudio, isCodedVideo, type MediaMessage, metadataOf } from '@rtmpipe/flv'

export interface FlvFile {
  readonly bytes: Buffer
  /** Of the first metadata. */
  readonly metadata: AmfObject
  readonly filePositions: readonly number[]
  /** Seconds. */
  readonly times: readonly number[]
  readonly messages: readonly MediaMessage[]
  /** Audio and video, as hexadecimal text. */
  readonly frames: readonly string[]
}

export function readFlv(path: string): FlvFile {
  const bytes = readFileSync(path)
  const messages: MediaMessage[] = []
  const demuxer = new FlvDemuxer()
  demuxer.push(bytes, message => messages.push(message))
  demuxer.end()
  const [first] = messages
  const metadata = (first && metadataOf(first.payload)) ?? {}
  const index = propertiesOf(metadata['keyframes']) ?? {}
  return {
    bytes,
    metadata,
    messages,
    frames: framesOf(messages),
    filePositions: (index['filepositions'] ?? []) as readonly number[],
    times: (index['times'] ?? []) as readonly number[],
  }
}

/** Audio and video frames among messages, as hexadecimal text. */
export function framesOf(messages: readonly Pick<MediaMessage, 'messageTypeId' | 'payload'>[]): string[] {
  return messages.filter(isFrame).map(({ messageTypeId, payload }) => `${messageTypeId} ${payload.toString('hex')}`)
}

function isFrame({ messageTypeId, payload }: Pick<MediaMessage, 'messageTypeId' | 'payload'>): boolean {
  return messageTypeId === 8 ? isCodedAudio(payload) : messageTypeId === 9 && isCodedVideo(payload)
}
