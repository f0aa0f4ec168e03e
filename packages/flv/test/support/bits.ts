/** Bits in groups as a specification has its fields, in hexadecimal text; the last byte is filled up. */
export function bits(...fields: readonly string[]): string {
  const bytes = fields.join('').match(/.{1,8}/g) ?? []
  return bytes.map(byte => Number.parseInt(byte.padEnd(8, '0'), 2).toString(16).padStart(2, '0')).join('')
}

/** A number in Exponential Golomb code (ISO/IEC 14496-10 §9.1). */
export function golomb(value: number): string {
  const digits = (value + 1).toString(2)
  return '0'.repeat(digits.length - 1) + digits
}

/** Several of them. */
export function numbers(...values: readonly number[]): string {
  return values.map(golomb).join('')
}
