import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { DroppedMessages, MessageCounts } from '../../contract/traffic.ts'

/** Why a message was dropped, see {@link DroppedMessages}. */
export type DropReason = keyof DroppedMessages

/** Counts what all players of a server were not sent. */
export class DropCounts implements DroppedMessages {
  readonly lag: Counts = new Counts()
  readonly keyframe: Counts = new Counts()

  add({ messageTypeId }: RtmpMessage, reason: DropReason): void {
    const counts = this[reason]
    if (messageTypeId === MessageType.Video) counts.video += 1
    else if (messageTypeId === MessageType.Audio) counts.audio += 1
    else counts.data += 1
  }
}

class Counts implements MessageCounts {
  audio = 0
  video = 0
  data = 0
}
