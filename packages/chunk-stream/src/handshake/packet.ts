import { randomBytes } from '#crypto'
import { ProtocolError } from '../errors.ts'

/** C0 and S0 of an unencrypted connection (RTMP 1.0 §5.2.2). */
export const plainVersion = 3

/** C0 and S0 of RTMPE, with signatures in the clear. */
export const encryptedVersion = 6

/** C0 and S0 of RTMPE, with signatures encrypted by XTEA. */
export const xteaVersion = 8

/** Bytes of C1, S1, C2 and S2 (RTMP 1.0 §5.2.3). */
export const packetLength = 1536

/**
 * One block of random bytes for all connections, each of which begins anywhere in it: the random bytes of a packet keep
 * nothing secret.
 */
const random = randomBytes(8 * packetLength)

/** C1 or S1: time and the four bytes after it zero, the rest random. Other bytes there would promise a digest. */
export function fillRandomPacket(packet: Buffer): void {
  packet.fill(0, 0, 8)
  random.copy(packet, 8, Math.floor(Math.random() * (random.length - packetLength)))
}

/** See {@link fillRandomPacket}. */
export function randomPacket(): Buffer {
  const packet = Buffer.allocUnsafe(packetLength)
  fillRandomPacket(packet)
  return packet
}

/** @throws ProtocolError `RTMP_ERR_HANDSHAKE_VERSION` for any version but these */
export function checkVersion(version: number, expected: readonly number[]): void {
  if (expected.includes(version)) return
  const list = expected.join(' or ')
  throw new ProtocolError('handshake', 'RTMP_ERR_HANDSHAKE_VERSION', `version ${version} is not ${list}`)
}

/** Bytes 4 to 7 of C1 and S1: anything but zero promises a digest. */
export function promisesDigest(packet: Buffer): boolean {
  return packet.readUInt32BE(4) !== 0
}
