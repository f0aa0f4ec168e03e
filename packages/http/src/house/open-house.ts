import { HttpServer, type HttpServerOptions } from '@rtmpipe/transport-http-tunnel/server'
import type { House, Mount } from '../mount.ts'
import { answerProblem } from '../problem/answer-problem.ts'
import { ProblemError } from '../problem/problem-error.ts'
import { guarded } from './guarded.ts'
import { addNotFound } from './not-found.ts'
import { securityHeaders } from './security-headers.ts'
import type { HouseTunnel } from './tunnel.ts'
import type { HouseWebSocket } from './web-socket.ts'

/** Bytes of a body. Those of the tunnel have a limit of their own. */
const bodyLimit = 64 * 1024
/** Characters of a part of a path, such as the id of a stream. */
const maxParamLength = 1_024

/** Makes the HTTP server of a house, with everything that is reachable in it. It does not listen yet. */
export async function openHouse(
  options: HttpServerOptions,
  mounts: readonly Mount[],
  house: House,
  tunnel: HouseTunnel | undefined,
  webSocket: HouseWebSocket | undefined,
): Promise<HttpServer> {
  const fastify: HttpServerOptions['fastify'] = {
    bodyLimit,
    routerOptions: { maxParamLength },
    // A path that can not be decoded, for example.
    frameworkErrors: (error, _request, reply) => {
      const { statusCode = 400 } = error
      void answerProblem(reply.headers(securityHeaders), new ProblemError(statusCode, 'this is no path of a URL'))
    },
  }
  return HttpServer.make({ ...options, fastify }, async (app, forwarding) => {
    await tunnel?.addRoutes(app, forwarding)
    await webSocket?.addTo(app, forwarding)
    addNotFound(app)
    await app.register(async scope => {
      scope.addHook('onRequest', ({ raw }, _reply, done) => {
        forwarding.settle(raw)
        done()
      })
      for (const mount of mounts) await scope.register(guarded(mount), house)
    })
  })
}
