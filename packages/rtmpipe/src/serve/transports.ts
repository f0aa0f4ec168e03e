import type { Logger, PeerAddress, Transport } from '@rtmpipe/session'
import { tcp } from '@rtmpipe/transport-tcp'
import type { ServeConfig } from '../sections/index.ts'
import { isOn } from '../sections/server.ts'
import { httpTunnel, tls } from '../transports.ts'
import type { ServerCertificate } from './certificate.ts'
import type { InheritedSockets } from './service/inherited-sockets.ts'
import { tlsTrouble } from './tls-trouble.ts'

/** The transports that are not off; those over TLS need a certificate. */
export function createTransports(
  { host, rtmp, rtmps, rtmpt, rtmpts, tlsCompat: compat }: ServeConfig,
  certificate: ServerCertificate | undefined,
  log: Logger,
  { http, https }: InheritedSockets = {},
): Transport[] {
  const onError = (error: NodeJS.ErrnoException, remote?: PeerAddress) => {
    const { code, message } = error
    if (remote === undefined) log.warn({ code }, message)
    else log.warn({ remote: `${remote.address}:${remote.port}`, code }, `${remote.address} ${tlsTrouble(error)}`)
  }
  const transports: Transport[] = []
  if (isOn(rtmp)) transports.push(tcp({ host, port: rtmp }))
  if (isOn(rtmps) && certificate) transports.push(tls({ host, port: rtmps, certificate, compat, onError }))
  if (isOn(rtmpt)) transports.push(httpTunnel({ host, port: rtmpt, fd: http, onError }))
  if (isOn(rtmpts) && certificate)
    transports.push(httpTunnel({ host, port: rtmpts, fd: https, onError, tls: { certificate, compat, onError } }))
  return transports
}
