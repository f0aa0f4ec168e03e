import type { ServerView } from '@rtmpipe/session'
import { fastify, type FastifyInstance } from 'fastify'
import type { Access, House, Mount, Reports } from '../../src/index.ts'
import { quietHost } from '../support/host.ts'

/** A house for one mount: whoever has the right token gets in, and what is asked of its reports has to be given. */
export async function houseOf(
  mount: Mount,
  server: ServerView,
  reports: Partial<Reports> = {},
  more: Pick<House, 'cluster'> = {},
): Promise<FastifyInstance> {
  const app = fastify()
  const house: House = {
    host: quietHost({ server }),
    reports: reports as Reports,
    access: roleIsToken,
    ...more,
  }
  await app.register(mount, house)
  await app.ready()
  return app
}

/** The names of roles are their tokens: `operate` may do what `view` may. */
const roleIsToken: Access = {
  requires: role => async (request, reply) => {
    const given = request.headers.authorization
    if (given === 'Bearer operate' || given === `Bearer ${role}`) return
    await reply.code(given === undefined ? 401 : 403).send({ status: 401 })
  },
}

/** What each series of a text is: its value by name and labels, as they are written. */
export function seriesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}
