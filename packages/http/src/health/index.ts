import type { FastifyReply } from 'fastify'
import { guarded } from '../house/guarded.ts'
import type { House, Mount } from '../mount.ts'

/**
 * `GET /health`: 200 while the server serves, 503 from the moment that it drains. `GET /ready`: 200 while it lets somebody
 * new in, 503 before all its ports are open and when it drains. No token; nothing else is told.
 */
export function health(): Mount {
  return guarded(async (app, house) => {
    app.get('/health', async (_request, reply) => answer(reply, isDraining(house) ? 'draining' : 'ok'))
    app.get('/ready', async (_request, reply) => {
      const starting = house.isListening === false
      return answer(reply, isDraining(house) ? 'draining' : starting ? 'starting' : 'ok')
    })
  })
}

function isDraining({ host }: House): boolean {
  return host.server.isDraining || host.signal.aborted
}

function answer(reply: FastifyReply, status: 'ok' | 'draining' | 'starting'): FastifyReply {
  return reply.code(status === 'ok' ? 200 : 503).send({ status })
}
