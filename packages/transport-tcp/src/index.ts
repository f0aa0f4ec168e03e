/**
 * RTMP over TCP: listens and dials, and satisfies the `Transport` contract of `@rtmpipe/session`.
 *
 * @example
 * ```ts
 * import { tcp } from '@rtmpipe/transport-tcp'
 *
 * const listener = await tcp({ host: '::', port: 1935 }).listen(({ stream, remote }) => {
 *   console.log(`${remote.address} is here`)
 *   stream.pipe(stream)
 * })
 * await listener.close()
 * ```
 *
 * It knows sockets and never RTMP; it does not encrypt (`@rtmpipe/transport-tls` does) and counts connections only as
 * a whole, not per address.
 *
 * @packageDocumentation
 */
export type { TcpConnection } from './connection.ts'
export type { PeerAddress } from './peer-address.ts'
export type { TcpListener } from './tcp-listener.ts'
export type { TcpDialOptions, TcpListenOptions, TcpTransport } from './tcp-transport.ts'
export type { TcpOptions } from './options.ts'
export { TcpUrlError } from './dial-target.ts'
export { tcp } from './tcp-transport.ts'
