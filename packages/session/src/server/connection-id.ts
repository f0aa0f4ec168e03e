import { randomBytes } from 'node:crypto'

const idLength = 9

/** Random bytes are drawn for many ids at once: one call for many bytes costs as much as one for a few. */
let drawn = Buffer.alloc(0)

/** Makes the id of a connection, which nobody can guess: 72 random bits, 12 characters. */
export function newConnectionId(): string {
  if (drawn.length < idLength) drawn = randomBytes(256 * idLength)
  const id = drawn.toString('base64url', 0, idLength)
  drawn = drawn.subarray(idLength)
  return id
}
