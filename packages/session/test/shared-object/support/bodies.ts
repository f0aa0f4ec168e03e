import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { RawPeer } from '../../support/raw-peer.ts'

const types: readonly number[] = [MessageType.SharedObjectAmf0, MessageType.SharedObjectAmf3]

/** The shared object messages a peer has been sent so far, as `type` and hexadecimal body. */
export async function answers(peer: RawPeer): Promise<string[]> {
  const messages = await peer.messagesSoFar()
  return messages.filter(({ messageTypeId }) => types.includes(messageTypeId)).map(shown)
}

/** A message as {@link answers} shows it. */
export function shown({ messageTypeId, messageStreamId, payload }: RtmpMessage): string {
  return `${messageTypeId} on ${messageStreamId}: ${payload.toString('hex')}`
}

export function allShown(...messages: RtmpMessage[]): string[] {
  return messages.map(shown)
}
