import { timingSafeEqual } from '#crypto'
import type { RtmpMessage } from '../message.ts'
import { userControl } from '../user-control.ts'
import { hmac } from './packet-digest.ts'
import { checkSwfIdentity, type SwfIdentity } from './swf-identity.ts'

const dataLength = 2 + 4 + 4 + 32

/**
 * A client's answer to the user control event SwfVerifyRequest.
 *
 * @param key {@link HandshakeStep.swfVerificationKey} of this connection
 * @throws UsageError see {@link checkSwfIdentity}
 */
export function swfVerifyResponse(key: Buffer, identity: SwfIdentity): RtmpMessage {
  return userControl({ type: 'SwfVerifyResponse', data: responseData(key, identity) })
}

/** Whether the data of a SwfVerifyResponse tell this SWF. @throws UsageError see {@link checkSwfIdentity} */
export function isSwfVerifyResponse(data: Buffer, key: Buffer, identity: SwfIdentity): boolean {
  return data.length === dataLength && timingSafeEqual(data, responseData(key, identity))
}

function responseData(key: Buffer, identity: SwfIdentity): Buffer {
  checkSwfIdentity(identity)
  const { hash, size } = identity
  const data = Buffer.alloc(dataLength)
  data.writeUInt16BE(0x0101)
  data.writeUInt32BE(size, 2)
  data.writeUInt32BE(size, 6)
  hmac(key, hash).copy(data, 10)
  return data
}
