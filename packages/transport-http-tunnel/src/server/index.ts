/**
 * What the tunnel listens with, for HTTP servers that do more than tunnel: the server that bounds what connections may
 * cost, and the sessions behind the routes. Importing it loads fastify.
 *
 * @packageDocumentation
 */
export { addTunnelRoutes } from './add-tunnel-routes.ts'
export type { Forwarding } from './forwarding.ts'
export { ColleagueServer } from './colleague-server.ts'
export type { Colleagues, HandedOver } from './colleagues.ts'
export type { Exchange } from './exchange/exchange.ts'
export { ExchangeColleagues } from './exchange/exchange-colleagues.ts'
export { HttpServer, type HttpServerOptions } from './http-server.ts'
export { serveQuickly } from './quick-lines.ts'
export { TunnelListener } from './tunnel-listener.ts'
export { type Origin, TunnelServer, type TunnelServerOptions } from './tunnel-server.ts'
export { UnixColleagues } from './unix-colleagues.ts'
