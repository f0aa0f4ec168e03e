import { OncePerAddress, ProxyProtocolError } from '@rtmpipe/net'
import type { Logger, PeerAddress, Transport } from '@rtmpipe/session'
import { tcp } from '@rtmpipe/transport-tcp'
import { networksOf } from '../sections/arrival.ts'
import type { ServeConfig } from '../sections/index.ts'
import { isOn } from '../sections/server.ts'
import { tls } from '../transports.ts'
import type { ServerCertificate } from './certificate.ts'
import { tlsTrouble } from './tls-trouble.ts'

/** Told what went wrong, and with whom. */
export type OnTransportError = (error: NodeJS.ErrnoException, remote?: PeerAddress) => void

/** Logs why somebody could not be served, and what to do about it. */
export function logTransportErrors(log: Logger): OnTransportError {
  const proxies = new OncePerAddress()
  return (error, remote) => {
    const { code = '', message } = error
    if (remote === undefined) log.warn({ code }, message)
    else {
      const fields = { remote: `${remote.address}:${remote.port}`, code }
      // Strangers bring it about at will, and a health check of a proxy every few seconds.
      if (error instanceof ProxyProtocolError) {
        if (proxies.isFirst(`${remote.address} ${code}`))
          log.warn(fields, `PROXY protocol: ${remote.address}: ${message}`)
      } else if (code === 'RTMP_ERR_TUNNEL_FORWARDED') log.warn(fields, message)
      else log.warn(fields, `${remote.address} ${tlsTrouble(error)}`)
    }
  }
}

/** Those over TCP and TLS that are not off; the latter needs a certificate. */
export function createTransports(
  { host, rtmp, rtmps, tlsCompat: compat, proxyProtocol: networks }: ServeConfig,
  certificate: ServerCertificate | undefined,
  onError: OnTransportError,
): Transport[] {
  const transports: Transport[] = []
  const proxyProtocol = networksOf(networks)
  if (isOn(rtmp)) transports.push(tcp({ host, port: rtmp, proxyProtocol, onError }))
  if (isOn(rtmps) && certificate)
    transports.push(tls({ host, port: rtmps, certificate, compat, proxyProtocol, onError }))
  return transports
}
