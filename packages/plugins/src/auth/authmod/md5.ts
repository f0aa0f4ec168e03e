import { createHash } from 'node:crypto'

/** MD5 is the protocol's choice: it keeps a password from being read, and withstands nobody with time. */
export function md5(text: string, encoding: 'base64' | 'hex'): string {
  return createHash('md5').update(text).digest(encoding)
}
