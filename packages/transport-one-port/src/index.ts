/**
 * One TCP port for RTMP, RTMPE, RTMPS, RTMPT, RTMPTS, WebSockets and ordinary HTTP and HTTPS: for networks that let nothing but
 * port 443 pass. Satisfies the `Transport` contract of `@rtmpipe/session`.
 *
 * @example
 * ```ts
 * import { onePort } from '@rtmpipe/transport-one-port'
 * import { certificateFiles } from '@rtmpipe/transport-tls'
 *
 * const certificate = certificateFiles({ cert: 'fullchain.pem', key: 'privkey.pem' })
 * const listener = await onePort({ host: '::', port: 443, tls: { certificate } }).listen(({ stream, transport }) => {
 *   console.log(`somebody is here by ${transport}`)
 *   stream.end()
 * })
 * await listener.close()
 * ```
 *
 * It tells protocols apart and knows nothing of RTMP beyond its first byte. It does not speak HTTP/2.
 *
 * @packageDocumentation
 */
export type { Accept, OnePortConnection, PeerAddress } from './connection.ts'
export { OnePortError, type OnePortErrorCode } from './errors.ts'
export type { HttpOfPort, Sessions } from './http-of-port.ts'
export type { OnePortOptions, PortTunnelOptions, Protocol } from './options.ts'
export type { OnePortListener } from './one-port-listener.ts'
export { OnePort, onePort, type SignalOptions } from './one-port.ts'
