import { ProtocolError } from '../errors.ts'
import { digestLength } from './digest-layout.ts'
import { clientKey, serverKey } from './genuine-key.ts'
import type { HandshakeStep } from './handshake.ts'
import { KeyExchange, keyLength } from './key-exchange.ts'
import { findDigest, type FoundDigest, writeDigest } from './packet-digest.ts'
import { signedPacket } from './packet-signature.ts'
import { packetLength, plainVersion, fillRandomPacket, promisesDigest, randomPacket } from './packet.ts'
import { type StreamCiphers, streamCiphers } from './stream-ciphers.ts'

/** S0, S1 and S2, and what else they settled. */
export interface ServerAnswer extends Pick<HandshakeStep, 'ciphers' | 'swfVerificationKey'> {
  readonly reply: Buffer
}

/** Bytes 4 to 7 of S1. From 3 on in the first of them, clients look for a digest. */
const version = Buffer.of(3, 5, 7, 1)

/**
 * The answer to C0 and C1: by digest, in the layout the client chose, or the simple one when there is no valid digest.
 *
 * @throws ProtocolError for RTMPE without a digest or with an impossible public key
 */
export function answer(c0: number, c1: Buffer): ServerAnswer {
  // No search for a digest if the client promises none, as most clients.
  const found = c0 !== plainVersion || promisesDigest(c1) ? findDigest(c1, clientKey) : undefined
  if (found !== undefined) return digestAnswer(c0, c1, found)
  if (c0 === plainVersion) return { reply: simpleAnswer(c1) }
  throw new ProtocolError('handshake', 'RTMP_ERR_HANDSHAKE_DIGEST', 'C1 of an encrypted handshake has no valid digest')
}

/** S0, S1 and S2 in one buffer: when many connections come at once, this is most of the work. */
function simpleAnswer(c1: Buffer): Buffer {
  const reply = Buffer.allocUnsafe(1 + 2 * packetLength)
  reply[0] = plainVersion
  fillRandomPacket(reply.subarray(1, 1 + packetLength))
  c1.copy(reply, 1 + packetLength)
  return reply
}

function digestAnswer(c0: number, c1: Buffer, { layout, digest }: FoundDigest): ServerAnswer {
  const s1 = randomPacket()
  version.copy(s1, 4)
  let ciphers: StreamCiphers | undefined
  if (c0 !== plainVersion) {
    const at = layout.keyOffset(c1)
    const peerKey = c1.subarray(at, at + keyLength)
    const { publicKey, secret } = KeyExchange.answering(peerKey)
    publicKey.copy(s1, layout.keyOffset(s1))
    ciphers = streamCiphers(secret, publicKey, peerKey)
  }
  writeDigest(s1, layout, serverKey)
  const s2 = signedPacket(c0, serverKey, digest, c1)
  return {
    reply: Buffer.concat([Buffer.of(c0), s1, s2]),
    swfVerificationKey: s1.subarray(packetLength - digestLength),
    ...(ciphers && { ciphers }),
  }
}
