/** Bytes from hex digits; white space and `|` only part them. */
export function hex(...digits: string[]): Buffer {
  return Buffer.from(digits.join('').replaceAll(/[\s|]/g, ''), 'hex')
}

/** `count` times the byte. */
export function bytes(count: number, value: number): Buffer {
  return Buffer.alloc(count, value)
}
