import type { ClientHello } from '@rtmpipe/net'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'

/** Gives the certificate to show, and may give another one tomorrow: reload without restart. */
export interface SecureContextProvider {
  /**
   * `servername`: the name the client asked for (SNI); undefined when it named none. `hello`: what its first message tells;
   * a context with TLS 1.2 as the newest is for those that need it. Throwing ends the connection.
   */
  getSecureContext(servername: string | undefined, hello: ClientHello): SecureContext | Promise<SecureContext>
}

/** How to encrypt: Node's options (`cert`, `key`, `minVersion`, …) for one certificate, or a provider. */
export type TunnelTlsOptions = SecureContextOptions | SecureContextProvider

/** Makes a provider of either. Throws what Node says of a bad certificate. */
export function secureContextProvider(options: TunnelTlsOptions): SecureContextProvider {
  if ('getSecureContext' in options) return options
  const context = createSecureContext(options)
  if (options.minVersion === 'TLSv1.3') return { getSecureContext: () => context }
  let withTls12: SecureContext | undefined
  return {
    getSecureContext: (_servername, { needsTls12 }) =>
      needsTls12 ? (withTls12 ??= createSecureContext({ ...options, maxVersion: 'TLSv1.2' })) : context,
  }
}
