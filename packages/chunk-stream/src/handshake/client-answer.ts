import { ProtocolError } from '../errors.ts'
import { digestLength } from './digest-layout.ts'
import { clientKey, serverKey } from './genuine-key.ts'
import type { HandshakeStep } from './handshake.ts'
import { type KeyExchange, keyLength } from './key-exchange.ts'
import { findDigest } from './packet-digest.ts'
import { isSigned, signedPacket } from './packet-signature.ts'
import { packetLength, plainVersion } from './packet.ts'
import { streamCiphers } from './stream-ciphers.ts'

/** C2, and what else S1 and S2 settled. */
export interface ClientAnswer extends Pick<HandshakeStep, 'ciphers' | 'swfVerificationKey'> {
  readonly reply: Buffer
}

/** C2 is signed for the digest of S1; where S1 has none it is an echo, as in a simple handshake. */
export function answerDigest(s1: Buffer): ClientAnswer {
  const found = findDigest(s1, serverKey)
  if (found === undefined) return { reply: s1 }
  return { reply: signedPacket(plainVersion, clientKey, found.digest, s1), swfVerificationKey: keyIn(s1) }
}

/**
 * Looks for a digest even if the version bytes are zero, because some servers sign all the same.
 *
 * @throws ProtocolError `RTMP_ERR_HANDSHAKE_DIGEST`, `RTMP_ERR_HANDSHAKE_PUBLIC_KEY`
 */
export function answerEncrypted(
  s0: number,
  s1: Buffer,
  s2: Buffer,
  ourDigest: Buffer,
  exchange: KeyExchange,
): ClientAnswer {
  const found = findDigest(s1, serverKey)
  if (found === undefined) throw digestError('S1 has no valid digest')
  if (!isSigned(s2, s0, serverKey, ourDigest)) throw digestError('S2 has no valid signature')
  const at = found.layout.keyOffset(s1)
  const peerKey = s1.subarray(at, at + keyLength)
  return {
    reply: signedPacket(s0, clientKey, found.digest, s1),
    ciphers: streamCiphers(exchange.secret(peerKey), exchange.publicKey, peerKey),
    swfVerificationKey: keyIn(s1),
  }
}

function keyIn(s1: Buffer): Buffer {
  return s1.subarray(packetLength - digestLength)
}

function digestError(message: string): ProtocolError {
  return new ProtocolError('handshake', 'RTMP_ERR_HANDSHAKE_DIGEST', message)
}
