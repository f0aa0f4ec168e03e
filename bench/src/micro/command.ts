import { type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** A command or the answer to one. */
export function command(
  messageStreamId: number,
  name: string,
  transactionId: AmfValue,
  ...values: AmfValue[]
): RtmpMessage {
  const payload = encodeAmf0(name, transactionId, ...values)
  return { messageTypeId: MessageType.CommandAmf0, messageStreamId, timestamp: 0, payload }
}

/** What a client says to play. */
export function playCommands(app: string, streamName: string): RtmpMessage[] {
  return [
    command(0, 'connect', 1, { app, tcUrl: `rtmp://127.0.0.1/${app}` }),
    command(0, 'createStream', 2, null),
    command(1, 'play', 3, null, streamName),
  ]
}
