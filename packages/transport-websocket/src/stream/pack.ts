/** Bytes that a message has at most when we send it: a page is given a message when all of it is there. */
export const maxMessageLength: number = 64 * 1024

/**
 * Makes messages of what was written: small pieces together, since each message is a write of its own; long ones in parts.
 * A single piece that is short enough is not copied.
 */
export function pack(pieces: readonly Uint8Array[], most: number = maxMessageLength): readonly Uint8Array[] {
  const messages: Uint8Array[] = []
  let together: Uint8Array[] = []
  let length = 0
  const flush = () => {
    const [first] = together
    if (first !== undefined) messages.push(together.length === 1 ? first : concat(together, length))
    together = []
    length = 0
  }
  for (const piece of pieces) {
    if (length + piece.length > most) flush()
    if (piece.length > most) {
      for (let offset = 0; offset < piece.length; offset += most) messages.push(piece.subarray(offset, offset + most))
    } else if (piece.length > 0) {
      together.push(piece)
      length += piece.length
    }
  }
  flush()
  return messages
}

/** Without Buffer, which browsers do not have. */
function concat(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}
