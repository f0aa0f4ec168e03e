import type { FastifyInstance } from 'fastify'
import type { House } from '../mount.ts'
import type { CodecReport, ConnectionReport, PlayerReport } from '../report/report.ts'
import type { Reports } from '../report/reports.ts'
import { groupedBy } from './grouped-by.ts'
import { type Live, liveStream, liveStreams, sum } from './live-streams.ts'

const page = {
  querystring: {
    type: 'object',
    properties: { page: { type: 'integer', minimum: 0 }, itemsPerPage: { type: 'integer', minimum: 1 } },
  },
} as const

interface Page {
  readonly page?: number
  readonly itemsPerPage?: number
}

/** `/v3/paths/…`, `/v3/rtmpconns/…` and `/v3/rtmpsconns/…` as of MediaMTX. A path is application and stream name. */
export async function mediamtx(app: FastifyInstance, { reports, access }: House): Promise<void> {
  const view = { onRequest: access.requires('view') }
  const operate = { onRequest: access.requires('operate') }

  app.get<{ Querystring: Page }>('/v3/paths/list', { ...view, schema: page }, async ({ query }) =>
    pageOf((await liveStreams(reports)).map(pathOf), query),
  )
  app.get<{ Params: { '*': string } }>('/v3/paths/get/*', view, async ({ params }, reply) => {
    const live = await liveStream(reports, params['*'])
    return live === undefined ? reply.code(404).send(error('path not found')) : pathOf(live)
  })

  for (const [name, secure] of [
    ['rtmpconns', false],
    ['rtmpsconns', true],
  ] as const) {
    app.get<{ Querystring: Page }>(`/v3/${name}/list`, { ...view, schema: page }, async ({ query }) =>
      pageOf(await connectionsOf(reports, secure), query),
    )
    app.get<{ Params: { id: string } }>(`/v3/${name}/get/:id`, view, async ({ params }, reply) => {
      const found = (await connectionsOf(reports, secure)).find(({ id }) => id === params.id)
      return found ?? reply.code(404).send(error('connection not found'))
    })
    app.post<{ Params: { id: string } }>(`/v3/${name}/kick/:id`, operate, async ({ params }, reply) => {
      const outcome = await reports.act({ act: 'end connection', id: params.id })
      return outcome.ok ? { status: 'ok' } : reply.code(404).send(error('connection not found'))
    })
  }
}

function error(words: string) {
  return { status: 'error', error: words }
}

function pageOf<T>(all: readonly T[], { page: number = 0, itemsPerPage = 100 }: Page) {
  return {
    itemCount: all.length,
    pageCount: Math.ceil(all.length / itemsPerPage),
    items: all.slice(number * itemsPerPage, (number + 1) * itemsPerPage),
  }
}

function pathOf({ stream, publisher, players }: Live) {
  const since = stream.since ?? null
  return {
    name: stream.id,
    confName: 'all_others',
    ready: stream.isPublishing,
    readyTime: since,
    available: stream.isPublishing,
    availableTime: since,
    online: stream.isPublishing,
    onlineTime: since,
    source: publisher === undefined ? { type: 'rtmpSource', id: '' } : party(publisher),
    tracks: stream.codecs.map(nameOf),
    tracks2: stream.codecs.map(codec => ({ codec: nameOf(codec), codecProps: propsOf(codec) })),
    readers: players.map(({ connection }) => party(connection)),
    inboundBytes: stream.received,
    outboundBytes: stream.sent,
    inboundFramesInError: 0,
    bytesReceived: stream.received,
    bytesSent: stream.sent,
  }
}

function party({ id, secure }: ConnectionReport) {
  return { type: secure ? 'rtmpsConn' : 'rtmpConn', id }
}

async function connectionsOf(reports: Reports, secure: boolean) {
  const [connections, players] = await Promise.all([reports.connections(), reports.players()])
  const playersOf = groupedBy(players, ({ connection }) => connection)
  return connections
    .filter(connection => connection.secure === secure)
    .map(one => connOf(one, playersOf.get(one.id) ?? []))
}

function connOf(connection: ConnectionReport, players: readonly PlayerReport[]) {
  const { id, since, remote, publishes, received, sent } = connection
  const [player] = players
  return {
    id,
    created: since,
    remoteAddr: remote.address.includes(':')
      ? `[${remote.address}]:${remote.port}`
      : `${remote.address}:${remote.port}`,
    state: publishes.length > 0 ? 'publish' : player === undefined ? 'idle' : 'read',
    path: publishes[0] ?? (player === undefined ? '' : `${player.app}/${player.name}`),
    query: '',
    user: connection.principal ?? '',
    userAgent: connection.client,
    inboundBytes: received,
    outboundBytes: sent,
    outboundFramesDiscarded: sum(players, ({ dropped }) => dropped),
    bytesReceived: received,
    bytesSent: sent,
  }
}

function propsOf({ kind, width = 0, height = 0, sampleRate = 0, channels = 0 }: CodecReport) {
  return kind === 'video' ? { width, height, profile: '', level: '' } : { sampleRate, channelCount: channels }
}

/** What MediaMTX calls codecs, by ours. */
const names: Readonly<Record<string, string>> = {
  avc1: 'H264',
  hvc1: 'H265',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  mp4a: 'MPEG-4 Audio',
  mp3: 'MPEG-1/2 Audio',
  'ac-3': 'AC-3',
}

function nameOf({ codec }: CodecReport): string {
  return Object.hasOwn(names, codec) ? (names[codec] ?? codec) : codec
}
