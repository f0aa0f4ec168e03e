import type { onRequestHookHandler } from 'fastify'

/** Milliseconds for a body to arrive. The server has no deadline of its own: bodies of the tunnel may take any time. */
const patience = 10_000

/** Closes the connection of a request whose body does not arrive. */
export function bodyDeadline(milliseconds: number = patience): onRequestHookHandler {
  return ({ raw }, _reply, done) => {
    if (!raw.complete && hasBody(raw.headers)) {
      const timer = setTimeout(() => raw.destroy(), milliseconds)
      const stop = () => clearTimeout(timer)
      raw.once('end', stop).once('close', stop)
    }
    done()
  }
}

function hasBody(headers: NodeJS.Dict<string | string[]>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
