import { parseUserControl, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { answerPing } from '../peer/answer-ping.ts'
import type { NetConnection } from './net-connection.ts'

/** Longest buffer a player may ask for; more counts as this. Milliseconds. */
const maxBufferLength = 60_000

/** Acts on what the client reports or asks with a User Control message (RTMP 1.0 §7.1.7); ignores what it does not know. */
export function handleUserControl(connection: NetConnection, message: RtmpMessage): void {
  const control = parseUserControl(message.payload)
  switch (control?.type) {
    case 'PingRequest':
      return answerPing(connection.messages, control.timestamp)
    case 'PingResponse':
      return connection.link.answered(control.timestamp)
    case 'SetBufferLength': {
      const stream = connection.netStream(control.messageStreamId)
      if (stream !== undefined) stream.bufferLength = Math.min(control.bufferLength, maxBufferLength)
    }
  }
}
