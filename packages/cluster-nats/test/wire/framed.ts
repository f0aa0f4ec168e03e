import type { FramedMessage } from '../../src/wire/frame.ts'

/** A message of a frame, its payload in hexadecimal digits. */
export function framed(messageTypeId: number, timestamp: number, payload: string, flags = 0): FramedMessage {
  return { messageTypeId, messageStreamId: 0, timestamp, payload: Buffer.from(payload, 'hex'), flags }
}
