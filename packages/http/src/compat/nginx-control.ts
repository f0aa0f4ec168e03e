import type { FastifyInstance, FastifyReply } from 'fastify'
import type { House } from '../mount.ts'
import type { Outcome, Reports } from '../report/reports.ts'
import { type Live, liveStreams, type Part } from './live-streams.ts'
import { noCookies } from './old-clients.ts'

/** What a control request is about; a field that is missing means all. */
interface Chosen {
  readonly app?: string
  readonly name?: string
  readonly addr?: string
  readonly clientid?: string
  readonly rec?: string
}

const text = { type: 'string', maxLength: 1024 } as const
const chosen = {
  querystring: {
    type: 'object',
    properties: { app: text, name: text, addr: text, clientid: text, rec: text },
  },
} as const

/**
 * `/control/{drop,record}/…`: what changes something by a mere GET, and needs an `Authorization` header for that. Its
 * answers are numbers and words, as nginx-rtmp's.
 */
export async function nginxControl(app: FastifyInstance, { reports, access }: House): Promise<void> {
  const onRequest = [noCookies, access.requires('operate')]
  const control = { onRequest, schema: chosen, exposeHeadRoute: false }
  app.get<{ Params: { what: string }; Querystring: Chosen }>('/control/drop/:what', control, async (request, reply) => {
    const { what } = request.params
    if (what !== 'publisher' && what !== 'subscriber' && what !== 'client')
      return await say(reply, 404, 'it is drop/publisher, drop/subscriber or drop/client')
    const { query } = request
    if ([query.app, query.name, query.addr, query.clientid].every(value => value === undefined))
      return await say(reply, 400, 'say who: app, name, addr or clientid')
    const ids = (await liveStreams(reports))
      .filter(live => isMeant(live, query))
      .flatMap(live => partsOf(live, what))
      .filter(({ connection }) => query.addr === undefined || connection.remote.address === query.addr)
      .filter(({ connection }) => query.clientid === undefined || connection.id === query.clientid)
      .map(({ connection }) => connection.id)
    return await say(reply, 200, String(await endAll(reports, new Set(ids))))
  })

  app.get<{ Params: { what: string }; Querystring: Chosen }>(
    '/control/record/:what',
    control,
    async (request, reply) => {
      const { what } = request.params
      if (what !== 'start' && what !== 'stop') return await say(reply, 404, 'it is record/start or record/stop')
      const { app: application, name, rec } = request.query
      if (application === undefined || name === undefined)
        return await say(reply, 400, 'say which stream: app and name')
      const live = (await liveStreams(reports)).find(live => isMeant(live, request.query))
      if (live === undefined) return await say(reply, 404, 'nobody publishes that stream')
      const outcomes =
        what === 'start'
          ? [await reports.act({ act: 'start recording', stream: live.stream.id })]
          : await endRecordings(reports, live, rec)
      const failed = outcomes.find(outcome => !outcome.ok)
      if (failed !== undefined && !failed.ok) return await say(reply, statuses[failed.why], failed.reason)
      return await reply.code(204).send()
    },
  )

  app.get('/control/redirect/:what', control, async (_request, reply) =>
    say(reply, 501, 'rtmpipe can not move a client to another name: end it, and it comes back by the name it is told'),
  )
}

const statuses = { 'not found': 404, 'not possible': 409, failed: 500 } as const

function isMeant({ stream }: Live, { app, name }: Chosen): boolean {
  return (app === undefined || stream.app === app) && (name === undefined || stream.name === name)
}

function partsOf({ publisher, players }: Live, what: 'publisher' | 'subscriber' | 'client'): readonly Part[] {
  const publishers = publisher === undefined ? [] : [{ connection: publisher }]
  return [...(what === 'subscriber' ? [] : publishers), ...(what === 'publisher' ? [] : players)]
}

/** How many there were. */
async function endAll(reports: Reports, ids: ReadonlySet<string>): Promise<number> {
  const outcomes = await Promise.all([...ids].map(id => reports.act({ act: 'end connection', id })))
  return outcomes.filter(({ ok }) => ok).length
}

/** @param by the recorder; without it all of the stream */
function endRecordings(reports: Reports, { stream }: Live, by: string | undefined): Promise<Outcome[]> {
  const meant = stream.recordings.filter(recording => by === undefined || recording.by === by)
  return Promise.all(meant.map(({ id }) => reports.act({ act: 'end recording', id })))
}

async function say(reply: FastifyReply, status: number, words: string): Promise<FastifyReply> {
  return await reply.code(status).type('text/plain; charset=utf-8').send(words)
}
