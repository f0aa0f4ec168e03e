import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/** Milliseconds for what is left of a body when its request has been answered. */
const PATIENCE = 10_000

/** Makes `server` close connections on which a body goes on for which nobody waits any more. */
export function closeLateBodies(server: Server, patience: number = PATIENCE): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.once('finish', () => {
      if (request.complete) return
      const timer = setTimeout(() => request.destroy(), patience).unref()
      request.once('close', () => clearTimeout(timer))
    })
  })
  // Node's own answer would leave the connection open for the body.
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { Connection: 'close' }).end()
  })
}
