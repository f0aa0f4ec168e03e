import type { Transport } from '@rtmpipe/session'
import { type HttpTunnelOptions as TunnelOptions, httpTunnel as tunnel } from '@rtmpipe/transport-http-tunnel'
import { secureContexts, type TlsOptions } from '@rtmpipe/transport-tls'

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
