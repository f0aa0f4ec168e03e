/**
 * What accepts WebSockets, for HTTP servers that do more than that.
 *
 * @packageDocumentation
 */
export { type Accept, Acceptor, type Surroundings } from './acceptor.ts'
export { answerPlainly } from './answer.ts'
export { Origins } from './origins.ts'
export { WebSocketListener } from './web-socket-listener.ts'
