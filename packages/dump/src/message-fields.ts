import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Body } from './body/body.ts'
import { messageKind } from './body/message-kind.ts'
import type { Names } from './names.ts'
import type { MessageRecord } from './record.ts'

/** Their bodies have names of streams in them. */
const namingGroups: ReadonlySet<string> = new Set(['command', 'data', 'shared-object'])

/** What a record says of a message, whatever carried it. */
export type MessageFields = Pick<
  MessageRecord,
  'timestamp' | 'messageTypeId' | 'messageStreamId' | 'length' | 'group' | 'type' | 'body' | 'hex'
>

/** @param hex how many bytes of the body to give */
export function messageFields(message: RtmpMessage, body: Body, names: Names, hex = 0): MessageFields {
  const { timestamp, messageTypeId, messageStreamId, payload } = message
  const { group, type } = messageKind(messageTypeId)
  const isShown = hex > 0 && (names.shown || !namingGroups.has(group))
  return {
    timestamp,
    messageTypeId,
    messageStreamId,
    length: payload.length,
    group,
    type,
    body,
    ...(isShown && { hex: payload.toString('hex', 0, Math.min(hex, payload.length)) }),
  }
}
