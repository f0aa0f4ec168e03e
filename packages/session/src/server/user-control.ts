import { parseUserControl, type RtmpMessage, userControl } from '@rtmpipe/chunk-stream'
import type { NetConnection } from './net-connection.ts'

/** Longest buffer a player may ask for; more counts as this. Milliseconds. */
const maxBufferLength = 60_000
const maxQueuedForAnswers = 64 * 1024

/** Acts on what the client reports or asks with a User Control message (RTMP 1.0 §7.1.7). */
export function answerUserControl(connection: NetConnection, message: RtmpMessage): void {
  const control = parseUserControl(message.payload)
  if (control?.type === 'PingRequest') {
    // Who does not read the answers gets no more of them.
    if (connection.messages.queuedBytes > maxQueuedForAnswers) return
    connection.send(userControl({ type: 'PingResponse', timestamp: control.timestamp }))
  } else if (control?.type === 'SetBufferLength') {
    const stream = connection.netStream(control.messageStreamId)
    if (stream !== undefined) stream.bufferLength = Math.min(control.bufferLength, maxBufferLength)
  }
}
