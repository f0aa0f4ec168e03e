import { randomBytes } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** Characters of an id: 142 bits. FFmpeg has room for 63. */
const LENGTH = 24
/** The first half finds the session, the second proves that the client was given it. */
const HANDLE_LENGTH = 12
/** Bytes from here on would make the first letters likelier than others. */
const FAIR = 256 - (256 % ALPHABET.length)

/** An id that cannot be guessed, of letters and digits only: clients put it into a path as it is. */
export function createSessionId(): string {
  let id = ''
  while (id.length < LENGTH) {
    for (const byte of randomBytes(LENGTH)) {
      if (byte < FAIR && id.length < LENGTH) id += ALPHABET.charAt(byte % ALPHABET.length)
    }
  }
  return id
}

/** What a session may be looked up by; how long a lookup takes then tells nothing of the rest of the id. */
export function handleOf(id: string): string {
  return id.slice(0, HANDLE_LENGTH)
}

/** Compares in a time that does not depend on where two ids differ. */
export function isSameId(left: string, right: string): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = 0; index < left.length; index++) difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
  return difference === 0
}
