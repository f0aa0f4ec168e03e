import { aggregate, aggregatedLength, maxAggregateMessages, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** Longer ones would make what is urgent wait. Bytes. */
const maxLength = 256 * 1024

/** The same messages in order, with neighbours of audio and video put together in Aggregates. */
export function aggregated(messages: readonly RtmpMessage[]): RtmpMessage[] {
  const result: RtmpMessage[] = []
  let group: RtmpMessage[] = []
  let length = 0
  const close = () => {
    if (group.length === 1) result.push(...group)
    else if (group.length > 1) result.push(aggregate(group))
    group = []
    length = 0
  }
  for (const message of messages) {
    const isMedia = message.messageTypeId === MessageType.Audio || message.messageTypeId === MessageType.Video
    const added = aggregatedLength(message.payload.length)
    if (!isMedia || length + added > maxLength || group.length === maxAggregateMessages) close()
    group.push(message)
    length += added
    if (!isMedia) close()
  }
  close()
  return result
}
