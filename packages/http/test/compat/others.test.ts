import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Reports, statsCompat } from '../../src/index.ts'
import { houseOf } from '../metrics/metrics-house.ts'
import { quietServer } from '../support/host.ts'
import { SampleReports, streamReport } from './sample-reports.ts'

async function mounted(reports: SampleReports): Promise<FastifyInstance> {
  const app = await houseOf(statsCompat(), quietServer(), reports as Partial<Reports>)
  onTestFinished(() => app.close())
  return app
}

type Fields = Readonly<Record<string, unknown>>

/** What may be in an answer. */
interface Answer extends Fields {
  readonly streams: readonly Fields[]
  readonly stream: Fields
  readonly clients: readonly Fields[]
  readonly client: Fields
  readonly items: readonly Fields[]
  readonly tracks2: readonly Fields[]
  readonly data: { readonly self: Fields; readonly system: Fields }
}

/** What is answered: status and JSON. */
async function ask(app: FastifyInstance, path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', role = 'view') {
  const answer = await app.inject({ method, url: path, headers: { authorization: `Bearer ${role}` } })
  return { status: answer.statusCode, json: answer.json<Answer>() }
}

describe("SRS' API", () => {
  it('lists streams, with the fields of SRS', async () => {
    const app = await mounted(new SampleReports())
    for (const path of ['/srs/api/v1/streams', '/srs/api/v1/streams/']) {
      const { json } = await ask(app, path)
      expect(Object.keys(json)).toEqual(['code', 'server', 'service', 'pid', 'streams'])
      expect(json).toMatchObject({ code: 0, pid: '4711' })
      expect(json.streams).toEqual([
        {
          id: 'live/cam',
          name: 'cam',
          vhost: '__defaultVhost__',
          app: 'live',
          tcUrl: 'rtmp://host/live',
          url: '/live/cam',
          live_ms: expect.any(Number),
          clients: 3,
          frames: 0,
          send_bytes: 9000,
          recv_bytes: 5000,
          kbps: { recv_30s: 2500, send_30s: 5000 },
          publish: { active: true, cid: 'pub' },
          video: { codec: 'H264', profile: 'Other', level: 'Other', width: 1280, height: 720 },
          audio: { codec: 'AAC', sample_rate: 48000, channel: 2, profile: 'Other' },
        },
      ])
    }
    const { json } = await ask(app, '/srs/api/v1/streams/live/cam')
    expect(json.stream.name).toBe('cam')
    expect(await ask(app, '/srs/api/v1/streams/live/none')).toEqual({ status: 200, json: { code: 2048 } })
  })

  it('lists clients and ends one', async () => {
    const reports = new SampleReports()
    const app = await mounted(reports)
    const { json } = await ask(app, '/srs/api/v1/clients/')
    expect(json.clients.map(({ id, type, publish }) => [id, type, publish])).toEqual([
      ['pub', 'fmle-publish', true],
      ['one', 'rtmp-play', false],
      ['two', 'rtmp-play', false],
    ])
    expect(Object.keys(json.clients[0] ?? {})).toEqual(
      'id vhost stream ip pageUrl swfUrl tcUrl url name type publish alive send_bytes recv_bytes kbps'.split(' '),
    )
    expect((await ask(app, '/srs/api/v1/clients/one')).json.client.ip).toBe('192.0.2.8')
    expect((await ask(app, '/srs/api/v1/clients/none')).json).toEqual({ code: 2049 })
    expect((await ask(app, '/srs/api/v1/clients/one', 'DELETE')).status).toBe(403)
    expect(reports.acts).toEqual([])
    expect((await ask(app, '/srs/api/v1/clients/one', 'DELETE', 'operate')).json.code).toBe(0)
    expect(reports.acts).toEqual([{ act: 'end connection', id: 'one' }])
    reports.outcome = { ok: false, why: 'not found', reason: 'gone' }
    expect((await ask(app, '/srs/api/v1/clients/one', 'DELETE', 'operate')).json).toEqual({ code: 2049 })
  })

  it('gives pages of ten and more', async () => {
    const reports = new SampleReports()
    reports.lists.streams = Array.from({ length: 30 }, (_, n) => streamReport({ id: `live/${n}`, name: String(n) }))
    const app = await mounted(reports)
    const names = async (query: string) =>
      (await ask(app, `/srs/api/v1/streams/${query}`)).json.streams.map(({ name }) => name)
    expect(await names('')).toHaveLength(10)
    expect(await names('?start=28&count=3')).toEqual(['28', '29'])
    expect(await names('?count=100')).toHaveLength(30)
    expect((await ask(app, '/srs/api/v1/streams/?start=x')).status).toBe(400)
  })

  it('sums up the server', async () => {
    const { json } = await ask(await mounted(new SampleReports()), '/srs/api/v1/summaries')
    expect(json.data.self).toMatchObject({ version: '1.2.3', pid: 4711, mem_kbyte: 1024, cpu_percent: 0.25 })
    expect(json.data.self.srs_uptime).toBeGreaterThan(0)
    expect(json.data.system).toMatchObject({ srs_recv_bytes: 111, srs_send_bytes: 222, conn_srs: 4 })
    for (const [name, value] of Object.entries(json.data.system)) expect(value, name).toEqual(expect.any(Number))
  })
})

describe("MediaMTX' API", () => {
  it('lists paths, with what NOALBS reads', async () => {
    const app = await mounted(new SampleReports())
    const { json } = await ask(app, '/v3/paths/list')
    expect(json).toMatchObject({ itemCount: 1, pageCount: 1 })
    const { json: path, status } = await ask(app, '/v3/paths/get/live/cam')
    expect(status).toBe(200)
    expect(json.items).toEqual([path])
    expect(path).toMatchObject({
      name: 'live/cam',
      confName: 'all_others',
      ready: true,
      available: true,
      online: true,
      onlineTime: '2026-01-01T00:00:00.000Z',
      source: { type: 'rtmpConn', id: 'pub' },
      tracks: ['H264', 'MPEG-4 Audio'],
      readers: [
        { type: 'rtmpConn', id: 'one' },
        { type: 'rtmpsConn', id: 'two' },
      ],
      inboundBytes: 5000,
      outboundBytes: 9000,
      inboundFramesInError: 0,
      bytesReceived: 5000,
      bytesSent: 9000,
    })
    expect(path.tracks2[0]).toEqual({ codec: 'H264', codecProps: { width: 1280, height: 720, profile: '', level: '' } })
    expect(await ask(app, '/v3/paths/get/live/none')).toEqual({
      status: 404,
      json: { status: 'error', error: 'path not found' },
    })
  })

  it('lists connections, plain and encrypted ones apart, and ends one', async () => {
    const reports = new SampleReports()
    const app = await mounted(reports)
    const { json } = await ask(app, '/v3/rtmpconns/list')
    expect(json.items.map(({ id, state, path }) => [id, state, path])).toEqual([
      ['pub', 'publish', 'live/cam'],
      ['one', 'read', 'live/cam'],
      ['idle', 'idle', ''],
    ])
    expect(json.items[0]).toEqual({
      id: 'pub',
      created: '2026-01-01T00:00:00.000Z',
      remoteAddr: '192.0.2.7:5000',
      state: 'publish',
      path: 'live/cam',
      query: '',
      user: '',
      userAgent: 'FMLE/3.0',
      inboundBytes: 300,
      outboundBytes: 400,
      outboundFramesDiscarded: 0,
      bytesReceived: 300,
      bytesSent: 400,
    })
    const two = await ask(app, '/v3/rtmpsconns/get/two')
    expect(two.json).toMatchObject({ remoteAddr: '[::1]:9', outboundFramesDiscarded: 5 })
    expect((await ask(app, '/v3/rtmpconns/get/two')).status).toBe(404)
    expect((await ask(app, '/v3/rtmpconns/kick/one', 'POST')).status).toBe(403)
    expect((await ask(app, '/v3/rtmpconns/kick/one', 'POST', 'operate')).json).toEqual({ status: 'ok' })
    expect(reports.acts).toEqual([{ act: 'end connection', id: 'one' }])
    reports.outcome = { ok: false, why: 'not found', reason: 'gone' }
    expect((await ask(app, '/v3/rtmpconns/kick/one', 'POST', 'operate')).status).toBe(404)
  })

  it('gives pages', async () => {
    const app = await mounted(new SampleReports())
    const { json } = await ask(app, '/v3/rtmpconns/list?itemsPerPage=2&page=1')
    expect([json.itemCount, json.pageCount, json.items.length]).toEqual([3, 2, 1])
    expect((await ask(app, '/v3/rtmpconns/list?itemsPerPage=0')).status).toBe(400)
  })
})

describe("Node-Media-Server's stream query", () => {
  it('answers as before version 4, which NOALBS reads, of streams that are not there too', async () => {
    const app = await mounted(new SampleReports())
    const { json } = await ask(app, '/nms/api/streams/live/cam')
    expect(json).toMatchObject({ isLive: true, viewers: 2, bitrate: 2500 })
    expect(json.duration).toBeGreaterThan(0)
    expect(await ask(app, '/nms/api/streams/live/none')).toEqual({
      status: 200,
      json: { isLive: false, viewers: 0, duration: 0, bitrate: 0, startTime: null, arguments: {} },
    })
  })

  it('answers as version 4 does', async () => {
    const app = await mounted(new SampleReports())
    const { json } = await ask(app, '/nms/api/v1/streams/live/cam')
    expect(json).toMatchObject({
      success: true,
      data: {
        key: '/live/cam',
        app: 'live',
        name: 'cam',
        status: 'publishing',
        publisher: { id: 'pub', ip: '192.0.2.7', protocol: 'rtmp', videoCodec: 7, videoWidth: 1280, audioCodec: 10 },
        subscribers: 2,
        outBytes: 9000,
        inBps: 312_500,
        outBps: 625_000,
        recording: false,
      },
    })
    expect((await ask(app, '/nms/api/v1/streams')).json.data).toMatchObject({ total: 1, streams: [{ name: 'cam' }] })
    const missing = await ask(app, '/nms/api/v1/streams/live/none')
    expect([missing.status, missing.json.success]).toEqual([404, false])
  })
})

it('shows nothing to whom has no role', async () => {
  const app = await mounted(new SampleReports())
  const paths = [
    '/stat',
    '/srs/api/v1/summaries',
    '/srs/api/v1/streams/',
    '/srs/api/v1/streams/live/cam',
    '/srs/api/v1/clients/',
    '/srs/api/v1/clients/one',
    '/v3/paths/list',
    '/v3/paths/get/live/cam',
    '/v3/rtmpconns/list',
    '/v3/rtmpsconns/get/two',
    '/nms/api/streams/live/cam',
    '/nms/api/v1/streams',
    '/nms/api/v1/streams/live/cam',
  ]
  for (const url of paths) {
    expect((await app.inject(url)).statusCode, url).toBe(401)
    expect((await app.inject({ url, headers: { authorization: 'Bearer view' } })).statusCode, url).toBe(200)
  }
})
