/**
 * Places of digest and public key in C1 and S1 of a digest handshake; they depend on some bytes of the packet itself.
 */
export interface DigestLayout {
  readonly name: 'digest-first' | 'key-first'
  digestOffset(packet: Buffer): number
  keyOffset(packet: Buffer): number
}

/** Bytes of a digest: HMAC-SHA256. */
export const digestLength = 32

// Four bytes give the place: the first four of the block of the digest, the last four of the block of the key. Each
// block has 764 bytes.

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
