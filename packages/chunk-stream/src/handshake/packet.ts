import { randomBytes } from 'node:crypto'
import { ProtocolError } from '../errors.ts'

/** C0 and S0 of an unencrypted connection (RTMP 1.0 §5.2.2). */
export const plainVersion = 3

/** Bytes of C1, S1, C2 and S2 (RTMP 1.0 §5.2.3). */
export const packetLength = 1536

/** The random bytes of a packet keep nothing secret: every connection takes its part of one block, beginning anywhere in it. */
const random = randomBytes(8 * packetLength)

/** C1 or S1: time and the four bytes after it zero, the rest random. Non-zero there would promise a digest in what follows. */
export function randomPacket(): Buffer {
  const packet = Buffer.alloc(packetLength)
  random.copy(packet, 8, Math.floor(Math.random() * (random.length - packetLength)))
  return packet
}

/** @throws ProtocolError `RTMP_ERR_HANDSHAKE_VERSION` unless it is 3 */
export function checkVersion(version: number): void {
  if (version === plainVersion) return
  throw new ProtocolError('handshake', 'RTMP_ERR_HANDSHAKE_VERSION', `version ${version} is not ${plainVersion}`)
}
