import { createHash } from 'node:crypto'

/** MD5, as the protocol prescribes: it hides a password from a quick look, but can be broken with time. */
export function md5(text: string, encoding: 'base64' | 'hex'): string {
  return createHash('md5').update(text).digest(encoding)
}
