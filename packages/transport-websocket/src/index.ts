/**
 * RTMP over WebSocket, which pages in browsers can speak: a transport that both listens and dials and satisfies the
 * `Transport` contract of `@rtmpipe/session`, a fastify plugin, and {@link attach} for an HTTP server of your own. In browsers
 * it dials, with the page's own WebSocket.
 *
 * @example
 * ```ts
 * import { webSocket } from '@rtmpipe/transport-websocket'
 *
 * const listener = await webSocket({ host: '::', port: 8080 }).listen(({ stream, remote }) => {
 *   console.log(`${remote.address} is here`)
 *   stream.pipe(stream)
 * })
 * await listener.close()
 * ```
 *
 * It carries bytes and knows nothing of RTMP. It does not compress, and does not speak HTTP/2.
 *
 * @packageDocumentation
 */
export type { PeerAddress, UpgradeRequest, WebSocketConnection } from './connection.ts'
export { webSocketSchemes } from './dial-target.ts'
export { WebSocketError, type WebSocketErrorCode, type WebSocketErrorOptions } from './errors.ts'
export type { AcceptOptions, WebSocketOptions } from './options.ts'
export type { Accept } from './server/acceptor.ts'
export { type Attachment, attach } from './server/attach.ts'
export { isOrigin } from './server/origins.ts'
export type { WebSocketListener } from './server/web-socket-listener.ts'
export { webSocketRoutes, type WebSocketRoutesOptions } from './server/web-socket-routes.ts'
export { type SignalOptions, webSocket, type WebSocketTransport } from './web-socket.ts'
