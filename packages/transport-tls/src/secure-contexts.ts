import type { SecureContext } from 'node:tls'
import type { TlsOptions } from './options.ts'
import { ServerContext } from './server-context.ts'

/** What a server that does its own TLS, such as the HTTP tunnel, asks for at each handshake. */
export interface SecureContexts {
  /** Rejects when there is no usable certificate. */
  getSecureContext(): Promise<SecureContext>
}

/** The certificate and settings of {@link withTls} for a server that does its own TLS; follows renewals the same way. */
export function secureContexts(options: TlsOptions): SecureContexts {
  const server = new ServerContext(options)
  return {
    async getSecureContext() {
      await server.load()
      // There is one after load().
      return server.current() as SecureContext
    },
  }
}
