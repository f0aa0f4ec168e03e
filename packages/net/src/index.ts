export { type ClientHello, readClientHello } from './first-bytes/client-hello.ts'
export { peek } from './first-bytes/peek.ts'
export { Seldom } from './first-bytes/seldom.ts'
export { nameOf, type Spoken, whatIs } from './first-bytes/what-is.ts'
export {
  beginningOfTls,
  tlsPortAnswer,
  wrongPortAnswer,
  WrongPortError,
  wrongPortSentence,
} from './first-bytes/wrong-port.ts'
export { harmless } from './harmless.ts'
export { type Arrived, ProxyProtocol, type ProxyProtocolLimits } from './proxy-protocol/proxy-protocol.ts'
export { ProxyProtocolError, type ProxyProtocolErrorCode } from './proxy-protocol/proxy-protocol-error.ts'
export { copyRemote, type Remote, remoteOf } from './proxy-protocol/remote.ts'
export { canonicalAddress } from './trust/canonical-address.ts'
export { Networks } from './trust/networks.ts'
export { urlHost } from './url-host.ts'
export { OncePerAddress } from './trust/once-per-address.ts'
export { TrustError } from './trust/trust-error.ts'
export { type Client, isForwarded, TrustedProxies, type TrustProxy } from './trust/trusted-proxies.ts'
export type { HostPort } from './proxy/connect-tunnel.ts'
export { isLoginRefused, loginRefused } from './proxy/connect-tunnel.ts'
export { dialThrough, type DialThroughOptions } from './proxy/dial-through.ts'
export type { Environment } from './proxy/proxy-environment.ts'
export { ProxyError, type ProxyErrorCode } from './proxy/proxy-error.ts'
export { proxyFor, proxyOf, type ProxyOption } from './proxy/proxy-for.ts'
export { authority, type ProxyKind, type ProxyLogin, ProxyUrl } from './proxy/proxy-url.ts'
