import { AmfError, decodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** A deleteStream is shorter; nothing longer is looked into. */
const MOST_BYTES = 64
const name = Buffer.from('\u0002\u0000\u000cdeleteStream', 'latin1')

/** The stream that a deleteStream command is about; undefined for every other message. */
export function deletedStream({ messageTypeId, payload }: RtmpMessage): number | undefined {
  const isAmf3 = messageTypeId === MessageType.CommandAmf3
  if (!isAmf3 && messageTypeId !== MessageType.CommandAmf0) return undefined
  const body = isAmf3 ? payload.subarray(1) : payload
  if (body.length > MOST_BYTES || !body.subarray(0, name.length).equals(name)) return undefined
  try {
    const streamId = decodeAmf0(body).at(-1)
    return typeof streamId === 'number' ? streamId : undefined
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}
