// Big-endian reads without views or bounds errors: the caller has checked, and past the end counts as zeros.

export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

export function uint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | uint16(bytes, at + 1)
}

export function int24(bytes: Uint8Array, at: number): number {
  return (uint24(bytes, at) << 8) >> 8
}

export function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0
}
