import type * as Tls from 'node:tls'

/** Node's TLS, loaded when the first bytes are to be encrypted: without it a program takes 2 MB less. */
export function nodeTls(): typeof Tls {
  return process.getBuiltinModule('node:tls')
}
