import { randomBytes } from 'node:crypto'

const idLength = 9

/** Drawn ahead: asking for random bytes costs the same for a few as for many. */
let drawn = Buffer.alloc(0)

/** A name for a connection that nobody can guess: 72 random bits, 12 characters. */
export function newConnectionId(): string {
  if (drawn.length < idLength) drawn = randomBytes(256 * idLength)
  const id = drawn.toString('base64url', 0, idLength)
  drawn = drawn.subarray(idLength)
  return id
}
