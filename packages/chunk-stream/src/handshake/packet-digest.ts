import { createHmac, timingSafeEqual } from '#crypto'
import { digestFirst, type DigestLayout, digestLength, keyFirst } from './digest-layout.ts'
import type { GenuineKey } from './genuine-key.ts'

/** A digest that was found in C1 or S1, and where. */
export interface FoundDigest {
  readonly layout: DigestLayout
  readonly digest: Buffer
}

export function hmac(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** Writes the digest of C1 or S1 into it, over everything else that is in it by now. */
export function writeDigest(packet: Buffer, layout: DigestLayout, { name }: GenuineKey): Buffer {
  const offset = layout.digestOffset(packet)
  const digest = digestAround(packet, offset, name)
  digest.copy(packet, offset)
  return digest
}

/** Looks for a valid digest in C1 or S1, in both layouts. */
export function findDigest(packet: Buffer, { name }: GenuineKey): FoundDigest | undefined {
  for (const layout of [digestFirst, keyFirst]) {
    const offset = layout.digestOffset(packet)
    const digest = packet.subarray(offset, offset + digestLength)
    if (timingSafeEqual(digest, digestAround(packet, offset, name))) return { layout, digest }
  }
  return undefined
}

function digestAround(packet: Buffer, offset: number, key: Buffer): Buffer {
  return hmac(key, packet.subarray(0, offset), packet.subarray(offset + digestLength))
}
