import type { Transport } from '@rtmpipe/session'
import { type HttpTunnelOptions as TunnelOptions, httpTunnel as tunnel } from '@rtmpipe/transport-http-tunnel'
import { tcp, type TcpOptions } from '@rtmpipe/transport-tcp'
import { secureContexts, type TlsOptions, withTls } from '@rtmpipe/transport-tls'

/** RTMPS: TLS over TCP. Options of both; `port` is 1936 unless given. */
export function tls(options: TcpOptions & TlsOptions): Transport {
  return withTls(tcp({ ...options, port: options.port ?? 1936 }), options)
}

/** Those of the tunnel, with TLS as {@link tls} takes it. */
export interface HttpTunnelOptions extends Omit<TunnelOptions, 'tls'> {
  /** Listen for HTTPS, which makes it RTMPTS. */
  readonly tls?: TlsOptions
}

/** RTMPT, RTMP through HTTP POST; RTMPTS with `tls`. `port` is 8080 unless given. */
export function httpTunnel(options: HttpTunnelOptions = {}): Transport {
  const { tls, ...rest } = options
  return tunnel(tls === undefined ? rest : { ...rest, tls: secureContexts(tls) })
}
