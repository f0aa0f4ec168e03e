import { proxyFor, type ProxyUrl } from '@rtmpipe/net'
import { type AnyTransport, type MessageTransport, type Transport, UsageError } from '@rtmpipe/session'
import { rtmfp } from '@rtmpipe/transport-rtmfp'
import { tcp } from '@rtmpipe/transport-tcp'
import { httpTunnel, tls, webSocket } from './transports.ts'

/** How a client dials. */
export interface ClientTransportOptions {
  /** Accept any certificate. */
  readonly insecure: boolean
  /** Certificate authorities to trust instead of the system's, PEM. */
  readonly ca?: string | undefined
  /** The proxy to go by; default the one that the environment names for each URL. */
  readonly proxy?: string | false | undefined
}

/** All ways to dial that rtmpipe has. */
export function clientTransports({ proxy, ...trust }: ClientTransportOptions): readonly AnyTransport[] {
  return [
    byProxy(proxy, way => tcp({ proxy: way })),
    byProxy(proxy, way => tls({ ...trust, proxy: way })),
    byProxy(proxy, way => httpTunnel({ ...trust, proxy: way })),
    byProxy(proxy, way => webSocket({ ...trust, proxy: way })),
    withoutProxy(proxy, rtmfp()),
  ]
}

/** A server may send its client elsewhere, and the environment may name another proxy for there. */
function byProxy(option: string | false | undefined, make: (proxy: ProxyUrl | undefined) => Transport): Transport {
  const { name, schemes, listen } = make(undefined)
  return {
    name,
    schemes,
    listen,
    dial: async (url, options) => make(proxyFor(url, option, process.env)).dial(url, options),
  }
}

/** Proxies are for TCP. What the environment says does not concern UDP; who asks for one must not go without. */
function withoutProxy(option: string | false | undefined, transport: MessageTransport): MessageTransport {
  if (option === undefined || option === false) return transport
  return {
    ...transport,
    dial: async () => {
      throw new UsageError(
        'RTMP_ERR_PROXY_UDP',
        'rtmfp:// goes by UDP, which proxies do not take: use rtmps:// or rtmpts://',
      )
    },
  }
}
