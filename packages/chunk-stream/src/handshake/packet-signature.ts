import { timingSafeEqual } from '#crypto'
import { digestLength } from './digest-layout.ts'
import type { GenuineKey } from './genuine-key.ts'
import { hmac } from './packet-digest.ts'
import { packetLength, randomPacket, xteaVersion } from './packet.ts'
import { encryptSignature } from './xtea.ts'

const signedLength = packetLength - digestLength

/**
 * C2 or S2 of a digest handshake: the times of a simple one, then random bytes and a signature that only fits the
 * peer's digest.
 *
 * @param answered the peer's C1 or S1
 */
export function signedPacket(version: number, key: GenuineKey, peerDigest: Buffer, answered: Buffer): Buffer {
  const packet = randomPacket()
  answered.copy(packet, 0, 0, 4)
  packet.writeUInt32BE(Math.trunc(performance.now()) >>> 0, 4)
  signature(version, key, peerDigest, packet).copy(packet, signedLength)
  return packet
}

/** Whether the peer signed C2 or S2 for the digest that we sent. */
export function isSigned(packet: Buffer, version: number, key: GenuineKey, ourDigest: Buffer): boolean {
  return timingSafeEqual(packet.subarray(signedLength), signature(version, key, ourDigest, packet))
}

function signature(version: number, { whole }: GenuineKey, digest: Buffer, packet: Buffer): Buffer {
  const digestKey = hmac(whole, digest)
  const plain = hmac(digestKey, packet.subarray(0, signedLength))
  return version === xteaVersion ? encryptSignature(plain, digestKey) : plain
}
