import { AmfError, decodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** A deleteStream is shorter; nothing longer is looked into. */
const MOST_BYTES = 64
const deleteStream = nameOf('deleteStream')
const unpublish = nameOf('FCUnpublish')

/** The stream that a deleteStream command is about; undefined for every other message. */
export function deletedStream(message: RtmpMessage): number | undefined {
  const body = commandOf(message)
  if (body === undefined || body.length > MOST_BYTES || !startsWith(body, deleteStream)) return undefined
  try {
    const streamId = decodeAmf0(body).at(-1)
    return typeof streamId === 'number' ? streamId : undefined
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}

/** True for an FCUnpublish, which ends a publish by its name. */
export function isUnpublish(message: RtmpMessage): boolean {
  const body = commandOf(message)
  return body !== undefined && startsWith(body, unpublish)
}

function commandOf({ messageTypeId, payload }: RtmpMessage): Buffer | undefined {
  if (messageTypeId === MessageType.CommandAmf3) return payload.subarray(1)
  return messageTypeId === MessageType.CommandAmf0 ? payload : undefined
}

function startsWith(body: Buffer, name: Buffer): boolean {
  return body.length >= name.length && body.compare(name, 0, name.length, 0, name.length) === 0
}

function nameOf(command: string): Buffer {
  return Buffer.concat([Buffer.of(2, 0, command.length), Buffer.from(command)])
}
