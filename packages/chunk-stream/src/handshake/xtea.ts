/** The published keys of RTMPE type 8. */
const keys: readonly (readonly [number, number, number, number])[] = [
  [0xbff034b2, 0x11d9081f, 0xccdfb795, 0x748de732],
  [0x086a5eb6, 0x1743090e, 0x6ef05ab8, 0xfe5a39e2],
  [0x7b10956f, 0x76ce0521, 0x2388a73a, 0x440149a1],
  [0xa943f317, 0xebf11bb2, 0xa691a5ee, 0x17f36339],
  [0x7a30e00a, 0xb529e22c, 0xa087aea5, 0xc0cb79ac],
  [0xbdce0c23, 0x2febdeff, 0x1cfaae16, 0x1123239d],
  [0x55dd3f7b, 0x77e7e62e, 0x9bb8c499, 0xc9481ee4],
  [0x407bb6b4, 0x71e89136, 0xa7aebf55, 0xca33b839],
  [0xfcf6bdc3, 0xb63c3697, 0x7ce4f825, 0x04d959b2],
  [0x28e091fd, 0x41954c4c, 0x7fb7db00, 0xe3a066f8],
  [0x57845b76, 0x4f251b03, 0x46d45bcd, 0xa2c30d29],
  [0x0acceef8, 0xda55b546, 0x03473452, 0x5863713b],
  [0xb82075dc, 0xa75f1fee, 0xd84268e8, 0xa72a44cc],
  [0x07cf6e9e, 0xa16d7b25, 0x9fa7ae6c, 0xd92f5629],
  [0xfeb1eae4, 0x8c8c3ce1, 0x4e0064a7, 0x6a387c2a],
]

const rounds = 32
const delta = 0x9e3779b9

/**
 * Encrypts each eight bytes of a signature with XTEA, under the key that the digest key selects for them (RTMPE type
 * 8).
 */
export function encryptSignature(signature: Buffer, digestKey: Buffer): Buffer {
  const encrypted = Buffer.from(signature)
  for (let offset = 0; offset < encrypted.length; offset += 8) {
    const key = keys[(digestKey[offset] as number) % keys.length] as readonly number[]
    encryptBlock(encrypted, offset, key)
  }
  return encrypted
}

/** In place. The two words are little-endian. */
function encryptBlock(bytes: Buffer, offset: number, key: readonly number[]): void {
  let v0 = bytes.readUInt32LE(offset)
  let v1 = bytes.readUInt32LE(offset + 4)
  let sum = 0
  for (let round = 0; round < rounds; round++) {
    v0 = (v0 + ((((v1 << 4) ^ (v1 >>> 5)) + v1) ^ (sum + (key[sum & 3] as number)))) >>> 0
    sum = (sum + delta) >>> 0
    v1 = (v1 + ((((v0 << 4) ^ (v0 >>> 5)) + v0) ^ (sum + (key[(sum >>> 11) & 3] as number)))) >>> 0
  }
  bytes.writeUInt32LE(v0, offset)
  bytes.writeUInt32LE(v1, offset + 4)
}
