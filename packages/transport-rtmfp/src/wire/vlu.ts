/** Bytes of a variable length unsigned integer, in its shortest form (RFC 7016 §2.1.2). */
export function vluLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1
  return length
}

/** Writes it, most significant bits first. Returns where it ends. */
export function writeVlu(into: Buffer, at: number, value: number): number {
  const end = at + vluLength(value)
  let rest = value
  for (let index = end - 1; index >= at; index -= 1) {
    into[index] = (rest % 128) | (index === end - 1 ? 0 : 0x80)
    rest = Math.floor(rest / 128)
  }
  return end
}
