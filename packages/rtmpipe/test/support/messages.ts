import { decodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpClient, type RtmpMessage } from '../../src/index.ts'

/** What must be the same at both ends: type, time and payload. */
export function essence(messages: readonly RtmpMessage[]): string[] {
  return messages.map(
    ({ messageTypeId, timestamp, payload }) => `${messageTypeId} @${timestamp} ${payload.toString('base64')}`,
  )
}

/** Status codes that a client is sent from here on, as they come. */
export function statusCodes({ messages }: RtmpClient): readonly string[] {
  const codes: string[] = []
  messages.on('data', ({ messageTypeId, payload }: RtmpMessage) => {
    if (messageTypeId !== MessageType.CommandAmf0) return
    const [name, , , info] = decodeAmf0(payload)
    if (name === 'onStatus') codes.push((info as { code: string }).code)
  })
  return codes
}
