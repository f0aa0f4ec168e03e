/** Where C1 and S1 of a digest handshake hold their digest and their public key: it depends on some of their own bytes. */
export interface DigestLayout {
  readonly name: 'digest-first' | 'key-first'
  digestOffset(packet: Buffer): number
  keyOffset(packet: Buffer): number
}

/** Bytes of a digest: HMAC-SHA256. */
export const digestLength = 32

// The four bytes that say where lead the block of the digest but trail the block of the key, 764 bytes each.

export const digestFirst: DigestLayout = {
  name: 'digest-first',
  digestOffset: packet => 12 + (sumOfFour(packet, 8) % 728),
  keyOffset: packet => 772 + (sumOfFour(packet, 1532) % 632),
}

export const keyFirst: DigestLayout = {
  name: 'key-first',
  digestOffset: packet => 776 + (sumOfFour(packet, 772) % 728),
  keyOffset: packet => 8 + (sumOfFour(packet, 768) % 632),
}

function sumOfFour(packet: Buffer, offset: number): number {
  let sum = 0
  for (let i = offset; i < offset + 4; i++) sum += packet[i] as number
  return sum
}
