import type { Transport } from '@rtmpipe/session'
import { tcp, type TcpOptions } from '@rtmpipe/transport-tcp'
import { type TlsOptions, withTls } from '@rtmpipe/transport-tls'

/** RTMPS: TLS over TCP. Options of both; `port` is 1936 unless given. */
export function tls(options: TcpOptions & TlsOptions): Transport {
  return withTls(tcp({ ...options, port: options.port ?? 1936 }), options)
}
