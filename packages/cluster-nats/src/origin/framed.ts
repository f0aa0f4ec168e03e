import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isConfiguration, MediaRole } from '@rtmpipe/session'
import { type FramedMessage, MessageFlag } from '../wire/frame.ts'

/** Flags of messages that are never left out, and counted. */
export const headerFlags: number = MessageFlag.Header | MessageFlag.Metadata

/** A message as it stands in a frame. */
export function framed(message: RtmpMessage, role: MediaRole): FramedMessage {
  const { messageTypeId, messageStreamId, timestamp, payload, discontinuity } = message
  const flags = flagOf(role) | (discontinuity === true ? MessageFlag.Discontinuity : 0)
  return { messageTypeId, messageStreamId, timestamp, payload, flags }
}

function flagOf(role: MediaRole): number {
  if (role === MediaRole.Keyframe) return MessageFlag.Key
  if (role === MediaRole.Metadata) return MessageFlag.Metadata
  return isConfiguration(role) ? MessageFlag.Header : 0
}
