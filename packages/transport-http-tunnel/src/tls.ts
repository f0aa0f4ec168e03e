import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'

/** Gives the certificate to show, and may give another one tomorrow: reload without restart. */
export interface SecureContextProvider {
  /** `servername`: the name the client asked for (SNI); undefined when it named none. Throwing ends the connection. */
  getSecureContext(servername: string | undefined): SecureContext | Promise<SecureContext>
}

/** How to encrypt: Node's options (`cert`, `key`, `minVersion`, …) for one certificate, or a provider. */
export type TunnelTlsOptions = SecureContextOptions | SecureContextProvider

/** Makes a provider of either. Throws what Node says of a bad certificate. */
export function secureContextProvider(options: TunnelTlsOptions): SecureContextProvider {
  if ('getSecureContext' in options) return options
  const context = createSecureContext(options)
  return { getSecureContext: () => context }
}
