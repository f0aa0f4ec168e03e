import { digestFirst, type DigestLayout, keyFirst } from './digest-layout.ts'
import { clientKey } from './genuine-key.ts'
import { KeyExchange } from './key-exchange.ts'
import { writeDigest } from './packet-digest.ts'
import { encryptedVersion, plainVersion, randomPacket } from './packet.ts'

/** C0 and C1, and the parts of them that are needed later. */
export interface ClientOpening {
  readonly c0: number
  readonly c1: Buffer
  /** Undefined in a simple handshake. */
  readonly digest?: Buffer
  /** Undefined unless encrypted. */
  readonly exchange?: KeyExchange
}

/** Versions and layouts as widespread clients send them. */
const digestVersion = Buffer.of(9, 0, 124, 2)
const rtmpeVersion = Buffer.of(128, 0, 3, 2)

export function simpleOpening(): ClientOpening {
  return { c0: plainVersion, c1: randomPacket() }
}

export function digestOpening(): ClientOpening {
  const c1 = versionedPacket(digestVersion)
  return { c0: plainVersion, c1, digest: signed(c1, digestFirst) }
}

/** RTMPE always begins with 6: the server chooses the version. */
export function rtmpeOpening(): ClientOpening {
  const c1 = versionedPacket(rtmpeVersion)
  const exchange = new KeyExchange()
  exchange.publicKey.copy(c1, keyFirst.keyOffset(c1))
  return { c0: encryptedVersion, c1, digest: signed(c1, keyFirst), exchange }
}

function versionedPacket(version: Buffer): Buffer {
  const packet = randomPacket()
  version.copy(packet, 4)
  return packet
}

function signed(c1: Buffer, layout: DigestLayout): Buffer {
  return writeDigest(c1, layout, clientKey)
}
