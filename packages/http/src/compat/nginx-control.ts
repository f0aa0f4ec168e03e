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
  readonly newname?: string
}

const text = { type: 'string', maxLength: 1024 } as const
const chosen = {
  querystring: {
    type: 'object',
    properties: { app: text, name: text, addr: text, clientid: text, rec: text, newname: text },
  },
} as const

/**
 * `/control/{drop,record,redirect}/…`: what changes something by a mere GET, and needs an `Authorization` header for that. Its
 * answers are numbers and words, as nginx-rtmp's.
 */
export async function nginxControl(app: FastifyInstance, { reports, access }: House): Promise<void> {
  const onRequest = [noCookies, access.requires('operate')]
  const control = { onRequest, schema: chosen, exposeHeadRoute: false }
  app.get<{ Params: { what: string }; Querystring: Chosen }>('/control/drop/:what', control, async (request, reply) => {
    const { what } = request.params
    if (!isParty(what)) return await say(reply, 404, parties('drop'))
    if (choosesAll(request.query)) return await say(reply, 400, whom)
    const ids = (await chosenParts(reports, what, request.query)).map(({ connection }) => connection.id)
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

  app.get<{ Params: { what: string }; Querystring: Chosen }>(
    '/control/redirect/:what',
    control,
    async (request, reply) => {
      const { what } = request.params
      if (!isParty(what)) return await say(reply, 404, parties('redirect'))
      const { newname: streamName, ...query } = request.query
      if (streamName === undefined || streamName === '') return await say(reply, 400, 'say where to: newname')
      if (choosesAll(query)) return await say(reply, 400, whom)
      const parts = await chosenParts(reports, what, query)
      const outcomes = await Promise.all(
        parts.map(({ live, player }) =>
          reports.act(
            player === undefined
              ? { act: 'redirect stream', id: live.stream.id, streamName }
              : { act: 'redirect player', id: player.id, streamName },
          ),
        ),
      )
      return await say(reply, 200, String(outcomes.filter(({ ok }) => ok).length))
    },
  )
}

type Party = 'publisher' | 'subscriber' | 'client'

const whom = 'say who: app, name, addr or clientid'

function isParty(what: string): what is Party {
  return what === 'publisher' || what === 'subscriber' || what === 'client'
}

function parties(control: string): string {
  return `it is ${control}/publisher, ${control}/subscriber or ${control}/client`
}

function choosesAll({ app, name, addr, clientid }: Chosen): boolean {
  return [app, name, addr, clientid].every(value => value === undefined)
}

/** Who is meant. */
async function chosenParts(
  reports: Reports,
  what: Party,
  query: Chosen,
): Promise<readonly (Part & { readonly live: Live })[]> {
  return (await liveStreams(reports))
    .filter(live => isMeant(live, query))
    .flatMap(live => partsOf(live, what).map(part => ({ live, ...part })))
    .filter(({ connection }) => query.addr === undefined || connection.remote.address === query.addr)
    .filter(({ connection }) => query.clientid === undefined || connection.id === query.clientid)
}

const statuses = { 'not found': 404, 'not possible': 409, failed: 500 } as const

function isMeant({ stream }: Live, { app, name }: Chosen): boolean {
  return (app === undefined || stream.app === app) && (name === undefined || stream.name === name)
}

function partsOf({ publisher, players }: Live, what: Party): readonly Part[] {
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
