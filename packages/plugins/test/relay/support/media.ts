import type { RtmpMessage } from '@rtmpipe/session'

/** What a message is, without its time. */
export function essence({ messageTypeId, payload }: RtmpMessage): string {
  return `${messageTypeId} ${payload.toString('base64')}`
}

/** Times never go back. */
export function isMonotonic(messages: readonly RtmpMessage[]): boolean {
  return messages.every(({ timestamp }, index) => index === 0 || timestamp >= (messages[index - 1]?.timestamp ?? 0))
}
