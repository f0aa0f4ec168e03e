/**
 * What accepts WebSockets, for HTTP servers that do more than that.
 *
 * @packageDocumentation
 */
export { type Accept, Acceptor, type Surroundings } from './acceptor.ts'
export { WebSocketListener } from './web-socket-listener.ts'
