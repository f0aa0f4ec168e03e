import type { FastifyInstance } from 'fastify'
import type { House } from '../mount.ts'
import { liveStreams } from './live-streams.ts'
import { nginxControl } from './nginx-control.ts'
import { nginxStat } from './nginx-stat.ts'

/** `/stat` and `/control/…` as of nginx-rtmp. */
export async function nginxRtmp(app: FastifyInstance, house: House): Promise<void> {
  const { reports, access } = house
  app.get('/stat', { onRequest: access.requires('view') }, async (_request, reply) => {
    const [server, streams] = await Promise.all([reports.server(), liveStreams(reports)])
    return reply.type('text/xml; charset=utf-8').send(nginxStat(server, streams))
  })
  await nginxControl(app, house)
}
