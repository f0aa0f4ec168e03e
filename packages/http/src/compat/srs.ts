import type { FastifyInstance } from 'fastify'
import { availableParallelism, freemem, loadavg, totalmem, uptime } from 'node:os'
import type { House } from '../mount.ts'
import type { CodecReport, ServerReport } from '../report/report.ts'
import { ageOf, type Live, liveStreams, type Part, sum } from './live-streams.ts'

/** SRS' error codes. */
const streamNotFound = { code: 2048 }
const clientNotFound = { code: 2049 }

/** The one virtual host there is. */
const vhost = '__defaultVhost__'

const page = {
  querystring: {
    type: 'object',
    properties: { start: { type: 'integer', minimum: 0 }, count: { type: 'integer', minimum: 0 } },
  },
} as const

interface Page {
  readonly start?: number
  readonly count?: number
}

/** `/srs/api/v1/{summaries,streams,clients}` as of SRS' `/api/v1`. What is not found is told by `code`, not by the status. */
export async function srs(app: FastifyInstance, { reports, access }: House): Promise<void> {
  const view = { onRequest: access.requires('view') }
  const prefix = '/srs/api/v1'

  app.get(`${prefix}/summaries`, view, async () => summaries(await reports.server()))

  for (const path of ['/streams', '/streams/'])
    app.get<{ Querystring: Page }>(`${prefix}${path}`, { ...view, schema: page }, async ({ query }) => {
      const [server, streams] = await Promise.all([reports.server(), liveStreams(reports)])
      return { ...envelope(server), streams: pageOf(streams, query).map(streamOf) }
    })
  app.get<{ Params: { '*': string } }>(`${prefix}/streams/*`, view, async ({ params }) => {
    const [server, streams] = await Promise.all([reports.server(), liveStreams(reports)])
    const live = streams.find(({ stream }) => stream.id === params['*'])
    return live === undefined ? streamNotFound : { ...envelope(server), stream: streamOf(live) }
  })

  for (const path of ['/clients', '/clients/'])
    app.get<{ Querystring: Page }>(`${prefix}${path}`, { ...view, schema: page }, async ({ query }) => {
      const [server, streams] = await Promise.all([reports.server(), liveStreams(reports)])
      return { ...envelope(server), clients: pageOf(streams.flatMap(clientsOf), query) }
    })
  app.get<{ Params: { id: string } }>(`${prefix}/clients/:id`, view, async ({ params }) => {
    const [server, streams] = await Promise.all([reports.server(), liveStreams(reports)])
    const client = streams.flatMap(clientsOf).find(({ id }) => id === params.id)
    return client === undefined ? clientNotFound : { ...envelope(server), client }
  })
  const operate = { onRequest: access.requires('operate') }
  app.delete<{ Params: { id: string } }>(`${prefix}/clients/:id`, operate, async ({ params: { id } }) => {
    const outcome = await reports.act({ act: 'end connection', id })
    return outcome.ok ? envelope(await reports.server()) : clientNotFound
  })
}

function envelope({ since, processes }: ServerReport) {
  const pid = String(processes[0]?.pid ?? 0)
  return { code: 0, server: `rtmpipe-${Date.parse(since).toString(36)}`, service: pid, pid }
}

/** As SRS does, at least ten. */
function pageOf<T>(all: readonly T[], { start = 0, count = 10 }: Page): readonly T[] {
  return all.slice(start, start + Math.max(count, 10))
}

function summaries(server: ServerReport) {
  const { processes, traffic } = server
  const [minute, five, fifteen] = loadavg()
  const rss = sum(processes, process => process.rss)
  return {
    ...envelope(server),
    data: {
      ok: true,
      now_ms: Date.now(),
      self: {
        version: server.version,
        pid: processes[0]?.pid ?? 0,
        ppid: process.ppid,
        argv: 'rtmpipe',
        cwd: '',
        mem_kbyte: Math.round(rss / 1024),
        mem_percent: rss / totalmem(),
        cpu_percent: sum(processes, ({ cpu }) => cpu),
        srs_uptime: Math.floor(ageOf(server.since) / 1000),
      },
      system: {
        mem_ram_kbyte: Math.round(totalmem() / 1024),
        mem_ram_percent: 1 - freemem() / totalmem(),
        cpus: availableParallelism(),
        cpus_online: availableParallelism(),
        uptime: uptime(),
        load_1m: minute,
        load_5m: five,
        load_15m: fifteen,
        srs_sample_time: Date.now(),
        srs_recv_bytes: sum(traffic, ({ received }) => received),
        srs_send_bytes: sum(traffic, ({ sent }) => sent),
        conn_srs: server.connections,
      },
    },
  }
}

function streamOf(live: Live) {
  const { stream, publisher } = live
  const kbps = Math.round(stream.bitRate / 1000)
  return {
    id: stream.id,
    name: stream.name,
    vhost,
    app: stream.app,
    tcUrl: publisher?.tcUrl ?? '',
    url: `/${stream.id}`,
    live_ms: Date.now(),
    clients: clientsOf(live).length,
    frames: 0,
    send_bytes: stream.sent,
    recv_bytes: stream.received,
    kbps: { recv_30s: kbps, send_30s: kbps * stream.viewers },
    publish: { active: stream.isPublishing, ...(publisher !== undefined && { cid: publisher.id }) },
    video: video(stream.codecs),
    audio: audio(stream.codecs),
  }
}

function clientsOf({ stream, publisher, players }: Live) {
  const client = ({ connection, player }: Part) => ({
    id: connection.id,
    vhost,
    stream: stream.id,
    ip: connection.remote.address,
    pageUrl: '',
    swfUrl: '',
    tcUrl: connection.tcUrl,
    url: `/${stream.id}`,
    name: stream.name,
    type: player === undefined ? 'fmle-publish' : 'rtmp-play',
    publish: player === undefined,
    alive: ageOf(connection.since) / 1000,
    send_bytes: connection.sent,
    recv_bytes: connection.received,
    kbps: {
      recv_30s: player === undefined ? Math.round(stream.bitRate / 1000) : 0,
      send_30s: player === undefined ? 0 : Math.round(stream.bitRate / 1000),
    },
  })
  return [...(publisher === undefined ? [] : [{ connection: publisher }]), ...players].map(client)
}

function video(codecs: readonly CodecReport[]) {
  const codec = codecs.find(({ kind }) => kind === 'video')
  if (codec === undefined) return null
  const { width = 0, height = 0 } = codec
  return { codec: nameOf(codec), profile: 'Other', level: 'Other', width, height }
}

function audio(codecs: readonly CodecReport[]) {
  const codec = codecs.find(({ kind }) => kind === 'audio')
  if (codec === undefined) return null
  return { codec: nameOf(codec), sample_rate: codec.sampleRate ?? 0, channel: codec.channels ?? 0, profile: 'Other' }
}

/** What SRS calls codecs, by ours. */
const names: Readonly<Record<string, string>> = {
  avc1: 'H264',
  hvc1: 'HEVC',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  mp4a: 'AAC',
  mp3: 'MP3',
  Opus: 'Opus',
  speex: 'Speex',
}

function nameOf({ codec }: CodecReport): string {
  return Object.hasOwn(names, codec) ? (names[codec] ?? codec) : codec
}
