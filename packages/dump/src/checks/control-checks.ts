import { MessageType, parseSetChunkSize, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'
import type { MessageGroup } from '../record.ts'

const controlChunkStream = 2
const smallestChunkSize = 128
const longestMessage = 0xffffff

/** Where control messages belong, and the chunk sizes they set (RTMP 1.0 §5.4). */
export function checkControl(
  message: RtmpMessage,
  group: MessageGroup,
  chunkStreamId: number,
  complain: Complain,
): void {
  const { messageTypeId, messageStreamId, payload } = message
  if (group !== 'control') {
    if (chunkStreamId !== controlChunkStream) return
    return complain('control-chunk-stream', 'chunk stream 2 is for protocol control messages only')
  }
  if (chunkStreamId !== controlChunkStream) {
    complain('control-chunk-stream', `a control message on chunk stream ${chunkStreamId}, not on 2`)
  }
  if (messageStreamId !== 0)
    complain('message-stream', `a control message on message stream ${messageStreamId}, not on 0`)
  const size = messageTypeId === MessageType.SetChunkSize ? parseSetChunkSize(payload) : undefined
  if (size === undefined) return
  if (size < smallestChunkSize) complain('chunk-size-small', `chunk size ${size} is below ${smallestChunkSize}`)
  if (size > longestMessage) complain('chunk-size-large', `chunk size ${size} acts as ${longestMessage}`)
}
