import { OncePerAddress, ProxyProtocolError, Seldom, WrongPortError, wrongPortSentence } from '@rtmpipe/net'
import type { Listener, Logger, MessageTransport, PeerAddress, Transport } from '@rtmpipe/session'
import type { OnePort, PortTunnelOptions } from '@rtmpipe/transport-one-port'
import { tcp } from '@rtmpipe/transport-tcp'
import type { TlsVersion } from '@rtmpipe/transport-tls'
import { networksOf } from '../sections/arrival.ts'
import type { ServeConfig } from '../sections/index.ts'
import { isOn, protocolsOf } from '../sections/server.ts'
import { onePort, rtmfp, tls } from '../transports.ts'
import type { ServerCertificate } from './certificate.ts'
import { openKeyLog } from './rtmfp-key-log.ts'
import { isOfFirstBytes, tlsTrouble } from './tls-trouble.ts'

/** Told what went wrong, and with whom. */
export type OnTransportError = (error: NodeJS.ErrnoException, remote?: PeerAddress) => void

/** Of those that are refused a WebSocket: any page brings it about. */
const ofWebSockets = new Set(['RTMP_ERR_WEBSOCKET_ORIGIN', 'RTMP_ERR_WEBSOCKET_CONNECTIONS'])

/** Logs why somebody could not be served, and what to do about it. */
export function logTransportErrors(log: Logger, listeners: () => readonly Listener[] = () => []): OnTransportError {
  const wrongPorts = new Seldom()
  const proxies = new OncePerAddress()
  return (error, remote) => {
    const { code = '', message } = error
    if (error instanceof WrongPortError) {
      const belongs = wrongPortSentence(error.spoken, error.isInsideTls, listeners())
      // Whoever scans the network brings this about at will.
      const level = wrongPorts.allows() ? 'warn' : 'debug'
      return log[level]({ remote: remote && `${remote.address}:${remote.port}`, code }, belongs ?? message)
    }
    if (isOfFirstBytes(code) && !wrongPorts.allows()) return
    if (remote === undefined) log.warn({ code }, message)
    else {
      const fields = { remote: `${remote.address}:${remote.port}`, code }
      // Strangers bring it about at will, and a health check of a proxy every few seconds.
      if (error instanceof ProxyProtocolError) {
        if (proxies.isFirst(`${remote.address} ${code}`))
          log.warn(fields, `PROXY protocol: ${remote.address}: ${message}`)
      } else if (ofWebSockets.has(code)) {
        if (proxies.isFirst(`${remote.address} ${code}`)) log.warn(fields, message)
      } else if (code === 'RTMP_ERR_TUNNEL_FORWARDED') log.warn(fields, message)
      else log.warn(fields, `${remote.address} ${tlsTrouble(error)}`)
    }
  }
}

/** Where nothing else is asked for, it is Node's: its `--tls-max-v1.2` counts as well. */
export function maxVersion(tlsMax: ServeConfig['tlsMax']): TlsVersion | undefined {
  return tlsMax === '1.2' ? 'TLSv1.2' : undefined
}

/** The port for everything, if it is on. */
export function createOnePort(
  config: ServeConfig,
  certificate: ServerCertificate | undefined,
  onError: OnTransportError,
  others?: Pick<PortTunnelOptions, 'name' | 'colleagues'>,
): OnePort | undefined {
  const { host, port, tlsCompat: compat, tlsMax, proxyProtocol: networks, mergeWindow, origins } = config
  if (!isOn(port)) return undefined
  const tls = certificate && { certificate, compat, maxVersion: maxVersion(tlsMax) }
  const protocols = protocolsOf(config, tls !== undefined)
  const arrival = { proxyProtocol: networksOf(networks), onError }
  return onePort({ host, port, protocols, tls, ...arrival, tunnel: { mergeWindow, ...others }, webSocket: { origins } })
}

/** Those over TCP and TLS that are not off; the latter needs a certificate. */
export function createTransports(
  { host, rtmp, rtmps, tlsCompat: compat, tlsMax, proxyProtocol: networks }: ServeConfig,
  certificate: ServerCertificate | undefined,
  onError: OnTransportError,
): Transport[] {
  const transports: Transport[] = []
  const proxyProtocol = networksOf(networks)
  if (isOn(rtmp)) transports.push(tcp({ host, port: rtmp, proxyProtocol, onError }))
  if (isOn(rtmps) && certificate) {
    const secure = { certificate, compat, maxVersion: maxVersion(tlsMax) }
    transports.push(tls({ host, port: rtmps, ...secure, proxyProtocol, onError }))
  }
  return transports
}

/** RTMFP, if it is on. */
export function createRtmfp(
  { host, rtmfp: port, rtmfpKeylog, workers }: ServeConfig,
  log: Logger,
  onError: OnTransportError,
): MessageTransport | undefined {
  if (!isOn(port)) return undefined
  const onKeys = rtmfpKeylog === undefined ? undefined : openKeyLog(rtmfpKeylog, log)
  const transport = rtmfp({ host, port, reusePort: workers > 1 && sharesUdp(port), onError, onKeys })
  return {
    ...transport,
    // Of the same port of TCP, which may be free, the system says no other words.
    listen: (accept, options) =>
      transport.listen(accept, options).catch((error: Error) => {
        throw Object.assign(error, { isUdp: true })
      }),
  }
}

/** Whether several workers can have a port of UDP. Those that take a free one would not find the same. */
export function sharesUdp(port: number, version: string = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const knowsHow = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
  return port !== 0 && knowsHow && /^(linux|freebsd|openbsd)$/.test(process.platform)
}
