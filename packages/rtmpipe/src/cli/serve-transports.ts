import type { Logger, PeerAddress, Transport } from '@rtmpipe/session'
import { tcp } from '@rtmpipe/transport-tcp'
import type { Port, ServeConfig } from '../config/config.ts'
import { httpTunnel } from '../http-tunnel.ts'
import { tls } from '../tls.ts'
import type { ServerCertificate } from './server-certificate.ts'

/** The transports that are not off; those over TLS need a certificate. */
export function createTransports(
  { host, rtmp, rtmps, rtmpt, rtmpts }: ServeConfig,
  certificate: ServerCertificate | undefined,
  log: Logger,
): Transport[] {
  const onError = (error: Error, remote?: PeerAddress) => {
    log.warn(
      { ...(remote && { remote: `${remote.address}:${remote.port}` }), code: (error as NodeJS.ErrnoException).code },
      error.message,
    )
  }
  const transports: Transport[] = []
  if (isOn(rtmp)) transports.push(tcp({ host, port: rtmp }))
  if (isOn(rtmps) && certificate) transports.push(tls({ host, port: rtmps, certificate, onError }))
  if (isOn(rtmpt)) transports.push(httpTunnel({ host, port: rtmpt, onError }))
  if (isOn(rtmpts) && certificate)
    transports.push(httpTunnel({ host, port: rtmpts, onError, tls: { certificate, onError } }))
  return transports
}

export function needsCertificate({ rtmps, rtmpts }: ServeConfig): boolean {
  return isOn(rtmps) || isOn(rtmpts)
}

export function isOn(port: Port): port is number {
  return port !== 'off'
}
