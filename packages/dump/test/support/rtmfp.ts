import { createCipheriv, createHmac } from 'node:crypto'
import type { PacketProtection, RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp/wire'

const zeros = Buffer.alloc(16)

function encrypted(key: Buffer, plain: Buffer): Buffer {
  const padded = Buffer.concat([plain, Buffer.alloc((16 - (plain.length % 16)) % 16, 0xff)])
  return createCipheriv('aes-128-cbc', key, zeros).setAutoPadding(false).update(padded)
}

function datagram(sessionId: number, body: Buffer, rest: Buffer = Buffer.alloc(0)): Buffer {
  const id = Buffer.alloc(4)
  id.writeUInt32BE((sessionId ^ body.readUInt32BE(0) ^ body.readUInt32BE(4)) >>> 0)
  return Buffer.concat([id, body, rest])
}

/** A start-up packet of these chunks (RFC 7425 §4.7). */
export function startupPacket(sessionId: number, chunks: Buffer): Buffer {
  const packet = Buffer.concat([Buffer.of(0x0b, 0, 1), chunks])
  const padded = Buffer.concat([packet, Buffer.alloc((16 - ((packet.length + 2) % 16)) % 16, 0xff)])
  let sum = 0
  for (let at = 0; at < padded.length; at += 2) sum += padded.readUIntBE(at, Math.min(2, padded.length - at))
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  const checksum = Buffer.alloc(2)
  checksum.writeUInt16BE(~sum & 0xffff)
  return datagram(sessionId, encrypted(Buffer.from('Adobe Systems 02'), Buffer.concat([checksum, padded])))
}

/** Makes packets of a session with HMAC and session sequence numbers below 128, of these chunks. */
export function sealedPackets(keys: RtmfpSessionKeys): Record<'client' | 'server', (...chunks: Buffer[]) => Buffer> {
  const seal = ({ aesKey, hmac }: PacketProtection, sessionId: number, mode: number) => {
    let number = 0
    return (...chunks: Buffer[]) => {
      const vlu = number < 128 ? [number] : [0x80 | (number >> 7), number & 0x7f]
      number++
      const body = encrypted(aesKey, Buffer.concat([Buffer.from(vlu), Buffer.of(mode), ...chunks]))
      const code = createHmac('sha256', hmac?.key ?? '').update(body)
      return datagram(sessionId, body, code.digest().subarray(0, hmac?.length))
    }
  }
  return {
    client: seal(keys.initiatorToResponder, keys.responder.sessionId, 1),
    server: seal(keys.responderToInitiator, keys.initiator.sessionId, 2),
  }
}

function chunk(type: number, ...payload: readonly (Buffer | number)[]): Buffer {
  const body = Buffer.concat(payload.map(part => (typeof part === 'number' ? Buffer.of(part) : part)))
  return Buffer.concat([Buffer.of(type, body.length >> 8, body.length & 0xff), body])
}

/** A User Data chunk (RFC 7016 §2.3.11); numbers below 128. @param options in hex, without the marker */
export function userData(content: {
  readonly flowId: number
  readonly sequence: number
  readonly forward: number
  readonly data: Buffer
  readonly fragment?: number
  readonly flags?: number
  readonly options?: string
}): Buffer {
  const { flowId, sequence, forward, data, fragment = 0, flags = 0, options = '' } = content
  const list = options === '' ? Buffer.alloc(0) : Buffer.from(`${options}00`, 'hex')
  const bits = flags | fragment | (options === '' ? 0 : 0x80)
  return chunk(0x10, bits, flowId, sequence, (sequence - forward) & 0x7f, list, data)
}

/** An acknowledgement of everything up to a number. */
export function ack(flowId: number, blocks: number, cumulative: number): Buffer {
  return chunk(0x51, flowId, blocks, cumulative)
}

/** A Session Close Request. */
export function close(): Buffer {
  return chunk(0x0c)
}
