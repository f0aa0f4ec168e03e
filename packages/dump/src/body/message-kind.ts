import { MessageType } from '@rtmpipe/chunk-stream'
import type { MessageGroup } from '../record.ts'

/** What a message type id means. */
export interface MessageKind {
  /** As in `MessageType`. */
  readonly type: string
  readonly group: MessageGroup
}

const groups: Record<keyof typeof MessageType, MessageGroup> = {
  SetChunkSize: 'control',
  Abort: 'control',
  Acknowledgement: 'control',
  UserControl: 'control',
  WindowAcknowledgementSize: 'control',
  SetPeerBandwidth: 'control',
  Audio: 'audio',
  Video: 'video',
  DataAmf3: 'data',
  SharedObjectAmf3: 'shared-object',
  CommandAmf3: 'command',
  DataAmf0: 'data',
  SharedObjectAmf0: 'shared-object',
  CommandAmf0: 'command',
  Aggregate: 'aggregate',
}

const kinds = new Map<number, MessageKind>(
  Object.entries(MessageType).map(([type, id]) => [id, { type, group: groups[type as keyof typeof MessageType] }]),
)

export function messageKind(messageTypeId: number): MessageKind {
  return kinds.get(messageTypeId) ?? { type: `Type${messageTypeId}`, group: 'unknown' }
}
