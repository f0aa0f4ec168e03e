import {
  maxQueuedForAnswers,
  parseUserControl,
  type RtmpMessage,
  userControl,
  type UserControlEvent,
} from '@rtmpipe/chunk-stream'
import type { Peer } from './peer.ts'

/**
 * Acts on the User Control events that mean the same in both roles: pings and their answers (RTMP 1.0 §7.1.7). A peer
 * that does not read our answers gets no more of them.
 *
 * @returns any other event, or undefined
 */
export function takePing({ messages, link }: Peer, message: RtmpMessage): UserControlEvent | undefined {
  const control = parseUserControl(message.payload)
  if (control?.type === 'PingResponse') link.answered(control.timestamp)
  else if (control?.type !== 'PingRequest') return control
  else if (messages.queuedBytes <= maxQueuedForAnswers) {
    messages.send(userControl({ type: 'PingResponse', timestamp: control.timestamp }))
  }
  return undefined
}
