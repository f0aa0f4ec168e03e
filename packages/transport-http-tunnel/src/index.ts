/**
 * RTMPT and RTMPTS: RTMP through HTTP POST requests, for networks that let nothing else pass. A fastify plugin to mount
 * in a server of your own, and a transport that both listens and dials and satisfies the `Transport` contract of
 * `@rtmpipe/session`.
 *
 * @example
 * ```ts
 * import { httpTunnel } from '@rtmpipe/transport-http-tunnel'
 *
 * const listener = await httpTunnel({ host: '::', port: 8080 }).listen(({ stream, remote }) => {
 *   console.log(`${remote.address} is here`)
 *   stream.pipe(stream)
 * })
 * await listener.close()
 * ```
 *
 * @example
 * ```ts
 * import fastify from 'fastify'
 * import { tunnelRoutes } from '@rtmpipe/transport-http-tunnel'
 *
 * const app = fastify()
 * app.get('/hello', () => 'world')
 * app.register(tunnelRoutes, { accept: ({ stream }) => stream.pipe(stream) })
 * ```
 *
 * It carries bytes and knows nothing of RTMP. It does not follow redirects or `/fcs/ident2`, and does not speak HTTP/2.
 *
 * @packageDocumentation
 */
export type { PeerAddress, TunnelConnection } from './connection.ts'
export { TunnelError, type TunnelErrorCode, TunnelLimitError } from './errors.ts'
export {
  type HttpTunnelTransport,
  httpTunnel,
  type TunnelDialOptions,
  type TunnelListenOptions,
} from './http-tunnel.ts'
export { defaultTunnelLimits, type TunnelLimits } from './limits.ts'
export type { HttpTunnelOptions } from './options.ts'
export { quotaKey } from './server/address-quota.ts'
export type { TunnelListener } from './server/tunnel-listener.ts'
export { tunnelRoutes, type TunnelRoutesOptions } from './server/tunnel-routes.ts'
export type { SecureContextProvider, TunnelTlsOptions } from './tls.ts'
