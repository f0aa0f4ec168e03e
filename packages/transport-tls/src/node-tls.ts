import { createRequire } from 'node:module'
import type * as Tls from 'node:tls'

const require = createRequire(import.meta.url)

/** Node's TLS, loaded when the first bytes are to be encrypted: without it a program takes 2 MB less. */
export function nodeTls(): typeof Tls {
  return require('node:tls') as typeof Tls
}
