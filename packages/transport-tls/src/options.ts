import type { SecureContextOptions, SecureVersion } from 'node:tls'
import type { CertificateSource } from './certificates/certificate-source.ts'
import { constants } from 'node:crypto'
import type { PeerAddress } from './transport.ts'

/** A version of TLS; older ones are not safe, see {@link TlsOptions.compat}. */
export type TlsVersion = Extract<SecureVersion, 'TLSv1.2' | 'TLSv1.3'>

/** Options of {@link withTls}. */
export interface TlsOptions {
  /** What this end shows as a server; needed to listen. */
  readonly certificate?: CertificateSource | undefined
  /** Dialling: PEM certificates to trust instead of the well-known authorities. */
  readonly ca?: string | readonly string[] | undefined
  /** Dialling: true trusts whoever answers. Encrypts, but an attacker on the way goes unnoticed. Default false. */
  readonly insecure?: boolean | undefined
  /** Dialling: the name to ask for and to verify, when it is not the host of the URL. */
  readonly servername?: string | undefined
  /** Default `TLSv1.2`. */
  readonly minVersion?: TlsVersion | undefined
  /**
   * Default `TLSv1.3`. rtmpdump and other programs on librtmp are offered TLS 1.2 anyway, where they are recognised: they
   * can't read the session tickets of TLS 1.3.
   */
  readonly maxVersion?: TlsVersion | undefined
  /**
   * Offer what old cameras and encoders know as well: TLS 1.0 and 1.1, and cipher suites with CBC, SHA-1 and without
   * forward secrecy. They are weak: who records such a connection may be able to read it one day, and who stands in its
   * way to change it. Clients that know better still get the best that both know. Default false.
   */
  readonly compat?: boolean | undefined
  /**
   * Listening: protocols to agree on by ALPN (RFC 7301). Clients that name none are served, those that name others alone
   * are refused. Default none.
   */
  readonly alpn?: readonly string[] | undefined
  /** OpenSSL cipher list. Default: forward secrecy and authenticated encryption only. */
  readonly ciphers?: string | undefined
  /** Milliseconds a handshake may take. Default 10 000. */
  readonly handshakeTimeout?: number | undefined
  /** Handshakes under way per listener; for one more the oldest is given up. Default 1000. */
  readonly maxHandshakes?: number | undefined
  /**
   * Told why a peer's handshake failed, with its address, and why a certificate could not be taken into use or is
   * outside its dates, without one. Default: failed handshakes are not told, certificate troubles are process warnings.
   */
  readonly onError?: ((error: Error, remote?: PeerAddress) => void) | undefined
}

const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** Behind the others. OpenSSL keeps TLS 1.0 and SHA-1 to its level 0. */
const COMPAT_CIPHERS = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  '@SECLEVEL=0',
].join(':')

/** What holds for both ends, as OpenSSL wants it. */
export function contextOptions(options: TlsOptions): SecureContextOptions {
  const { compat = false } = options
  return {
    minVersion: options.minVersion ?? (compat ? 'TLSv1' : 'TLSv1.2'),
    // Not given, it is Node's: TLS 1.3, unless `--tls-max-v1.2` says otherwise.
    ...(options.maxVersion && { maxVersion: options.maxVersion }),
    ciphers: options.ciphers ?? (compat ? `${CIPHERS}:${COMPAT_CIPHERS}` : CIPHERS),
    // TLS 1.2 lets a client demand handshake after handshake, each far dearer for the server.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }
}
