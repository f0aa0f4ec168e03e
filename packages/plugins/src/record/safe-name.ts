import { createHash } from 'node:crypto'
import { percentEncoded } from '../percent-encoding.ts'

/** Most bytes of a name: two names, a date and a counter stay below the 255 bytes that file systems allow. */
const maxLength = 80

/** Names that Windows keeps for devices, whatever the extension. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/**
 * Makes a name from a client safe as a part of a path: letters, digits, `-`, `_` and inner dots stay, every other byte
 * is `%XX`. A name that is too long is cut and gets a hash.
 */
export function safeName(name: string): string {
  // Dots at the ends mean folders, hidden files, or nothing at all.
  const encoded = name
    .replace(/[^\p{L}\p{N}._-]|^\.|\.$/gu, percentEncoded)
    .replace(reserved, device => percentEncoded(device.slice(0, 1)) + device.slice(1))
  if (encoded === '') return '_'
  return Buffer.byteLength(encoded) <= maxLength ? encoded : shortened(encoded)
}

function shortened(encoded: string): string {
  const hash = createHash('sha256').update(encoded).digest('hex').slice(0, 12)
  let kept = ''
  for (const character of encoded) {
    if (Buffer.byteLength(kept + character) > maxLength - 1 - hash.length) break
    kept += character
  }
  return `${kept}~${hash}`
}
