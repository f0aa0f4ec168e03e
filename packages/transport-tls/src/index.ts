/**
 * RTMPS: TLS as a layer over another transport, and the certificates for it. Satisfies the `Transport` contract of
 * `@rtmpipe/session`.
 *
 * @example
 * ```ts
 * import { loadOrCreateCertificate, withTls } from '@rtmpipe/transport-tls'
 * import { tcp } from '@rtmpipe/transport-tcp'
 *
 * const certificate = await loadOrCreateCertificate('data', { hosts: ['live.example.com'] })
 * const listener = await withTls(tcp({ port: 1936 }), { certificate }).listen(({ stream, remote }) => {
 *   console.log(`${remote.address} is here, encrypted`)
 *   stream.pipe(stream)
 * })
 * await listener.close()
 * ```
 *
 * It knows byte streams and never RTMP. It does not choose among certificates by server name and does not ask clients
 * for theirs.
 *
 * @packageDocumentation
 */
export { CertificateError, type CertificateErrorCode } from './certificates/certificate-error.ts'
export { certificateFiles, type CertificatePaths } from './certificates/certificate-files.ts'
export type { CertificatePair, CertificateProvider, CertificateSource } from './certificates/certificate-source.ts'
export { checkCertificatePair } from './certificates/check-certificate-pair.ts'
export { createSelfSignedCertificate, type SelfSignedOptions } from './certificates/create-self-signed-certificate.ts'
export { inspectCertificate, type CertificateInfo } from './certificates/inspect-certificate.ts'
export { loadOrCreateCertificate } from './certificates/load-or-create-certificate.ts'
export type { TlsOptions, TlsVersion } from './options.ts'
export { secureContexts, type SecureContexts } from './secure-contexts.ts'
export { TlsError, type TlsErrorCode } from './tls-error.ts'
export type {
  InnerConnection,
  InnerListener,
  InnerTransport,
  PeerAddress,
  SignalOptions,
  TlsConnection,
  TlsListener,
  TlsTransport,
} from './transport.ts'
export { withTls } from './with-tls.ts'
