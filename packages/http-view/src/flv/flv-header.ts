import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { type FlvHeader, metadataOf } from '@rtmpipe/flv'
import type { Wanted } from './wanted.ts'

const audioFields = ['audiocodecid', 'audiodatarate', 'audiosamplerate', 'audiosamplesize', 'stereo']
const videoFields = ['videocodecid', 'videodatarate', 'width', 'height', 'framerate']

/**
 * What the header of a viewer's FLV says, by what its stream begins with. Players wait for a kind that the header promises,
 * so one that never comes should not be in it; where the stream does not tell, both are.
 */
export function flvHeaderOf(messages: readonly RtmpMessage[], wanted: Wanted): FlvHeader {
  const metadata = messages
    .filter(({ messageTypeId }) => messageTypeId === MessageType.DataAmf0)
    .map(({ payload }) => metadataOf(payload))
    .findLast(properties => properties !== undefined)
  const has = (type: number, fields: readonly string[]) =>
    messages.some(({ messageTypeId }) => messageTypeId === type) ||
    (metadata !== undefined && fields.some(field => metadata[field] !== undefined))
  const audio = has(MessageType.Audio, audioFields)
  const video = has(MessageType.Video, videoFields)
  const isTold = metadata !== undefined && (audio || video)
  return { hasAudio: wanted.audio && (audio || !isTold), hasVideo: wanted.video && (video || !isTold) }
}
