/** A box of MP4 (ISO/IEC 14496-12 §4.2). */
export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, 8)
  return Buffer.concat([uint32(size), Buffer.from(type, 'latin1'), ...parts])
}

/** A box with version and flags. */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return box(type, uint32(version * 0x100_0000 + flags), ...parts)
}

export function uint8(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values)
}

export function uint16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(value => [value >> 8, value]))
}

export function uint32(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(value => [value >>> 24, value >>> 16, value >>> 8, value]))
}

export function zeros(count: number): Uint8Array {
  return new Uint8Array(count)
}
