import type { SecureContext } from 'node:tls'
import type { ClientHello } from '@rtmpipe/net'
import type { TlsOptions } from './options.ts'
import { ServerContext } from './server-context.ts'

/** What a server that does its own TLS, such as the HTTP tunnel, asks for at each handshake. */
export interface SecureContexts {
  /**
   * Rejects when there is no usable certificate.
   *
   * @param hello of the client: some do not work with TLS 1.3
   */
  getSecureContext(servername?: string, hello?: ClientHello): Promise<SecureContext>
}

/** The certificate and settings of {@link withTls} for a server that does its own TLS; follows renewals the same way. */
export function secureContexts(options: TlsOptions): SecureContexts {
  const server = new ServerContext(options)
  return {
    async getSecureContext(_servername, hello) {
      await server.load()
      return server.current(hello)
    },
  }
}
