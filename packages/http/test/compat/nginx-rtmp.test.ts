import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Reports, statsCompat } from '../../src/index.ts'
import { houseOf } from '../metrics/metrics-house.ts'
import { quietServer } from '../support/host.ts'
import { at, type Element, namesIn, parseXml } from './parse-xml.ts'
import { SampleReports, streamReport } from './sample-reports.ts'

async function mounted(reports: SampleReports): Promise<FastifyInstance> {
  const app = await houseOf(statsCompat(), quietServer(), reports as Partial<Reports>)
  onTestFinished(() => app.close())
  return app
}

function as(role: 'view' | 'operate') {
  return { authorization: `Bearer ${role}` }
}

async function stat(reports: SampleReports): Promise<Element> {
  const app = await mounted(reports)
  const { statusCode, body, headers } = await app.inject({ url: '/stat', headers: as('view') })
  expect(statusCode).toBe(200)
  expect(headers['content-type']).toBe('text/xml; charset=utf-8')
  return parseXml(body)
}

describe('/stat of nginx-rtmp', () => {
  it('has the elements in their order', async () => {
    const rtmp = await stat(new SampleReports())
    expect(rtmp.name).toBe('rtmp')
    expect(namesIn(rtmp)).toEqual(
      'nginx_version nginx_rtmp_version built pid uptime naccepted bw_in bytes_in bw_out bytes_out server'.split(' '),
    )
    const stream = at(rtmp, 'server', 'application', 'live', 'stream')
    expect(namesIn(at(rtmp, 'server', 'application'))).toEqual(['name', 'live'])
    expect(namesIn(at(rtmp, 'server', 'application', 'live'))).toEqual(['stream', 'nclients'])
    expect(namesIn(stream)).toEqual(
      [
        'name time bw_in bytes_in bw_out bytes_out bw_audio bw_video client client client meta nclients publishing active',
      ].flatMap(names => names.split(' ')),
    )
    const [publisher, one] = stream?.children.filter(({ name }) => name === 'client') ?? []
    expect(namesIn(one)).toEqual('id address time dropped avsync timestamp active'.split(' '))
    expect(namesIn(publisher)).toEqual('id address time flashver dropped avsync timestamp publishing active'.split(' '))
    expect(namesIn(at(stream, 'meta', 'video'))).toEqual(
      'width height frame_rate codec profile compat level'.split(' '),
    )
    expect(namesIn(at(stream, 'meta', 'audio'))).toEqual('codec profile channels sample_rate'.split(' '))
  })

  it('has what NOALBS reads: names as they are, numbers where it wants numbers', async () => {
    const rtmp = await stat(new SampleReports())
    const application = at(rtmp, 'server', 'application')
    const stream = at(application, 'live', 'stream')
    const text = (...path: string[]) => at(stream, ...path)?.text
    expect([at(application, 'name')?.text, text('name'), text('bw_video'), text('bw_audio')]).toEqual([
      'live',
      'cam',
      '2500000',
      '0',
    ])
    expect(['width', 'height', 'frame_rate', 'compat', 'level'].map(name => text('meta', 'video', name))).toEqual([
      '1280',
      '720',
      '30',
      '0',
      '0',
    ])
    expect(['codec', 'channels', 'sample_rate'].map(name => text('meta', 'audio', name))).toEqual(['AAC', '2', '48000'])
    expect(at(rtmp, 'bytes_in')?.text).toBe('111')
    expect(at(rtmp, 'naccepted')?.text).toBe('8')
  })

  it('has no numbers that are no numbers while a stream has told nothing of itself', async () => {
    const reports = new SampleReports()
    reports.lists.streams = [
      streamReport({ codecs: [{ kind: 'video', codec: 'avc1', isEnhanced: false }], bitRate: 0 }),
    ]
    const stream = at(await stat(reports), 'server', 'application', 'live', 'stream')
    for (const name of ['width', 'height', 'frame_rate', 'compat', 'level'])
      expect(at(stream, 'meta', 'video', name)?.text, name).toBe('0')
    for (const name of ['channels', 'sample_rate']) expect(at(stream, 'meta', 'audio', name)?.text, name).toBe('0')
    reports.lists.streams = [streamReport({ codecs: [] })]
    expect(namesIn(at(await stat(reports), 'server', 'application', 'live', 'stream'))).not.toContain('meta')
  })

  it('is well formed whatever clients call things', async () => {
    const reports = new SampleReports()
    const name = `</name><x a="1">&amp;'\u0000\u0007\ud800\uffff😀`
    reports.lists.streams = [streamReport({ id: `a<b/${name}`, app: 'a<b', name })]
    const application = at(await stat(reports), 'server', 'application')
    expect(at(application, 'name')?.text).toBe('a<b')
    const shown = `</name><x a="1">&amp;'${'\uFFFD'.repeat(4)}😀`
    expect(at(application, 'live', 'stream', 'name')?.text).toBe(shown)
  })

  it('is an empty server when nobody publishes', async () => {
    const reports = new SampleReports()
    reports.lists.streams = [streamReport({ isLive: false, isPublishing: false })]
    expect(at(await stat(reports), 'server')?.children).toEqual([])
  })
})

describe('/control of nginx-rtmp', () => {
  const cases = [
    ['drop/publisher?app=live&name=cam', ['pub']],
    ['drop/subscriber?app=live&name=cam', ['one', 'two']],
    ['drop/client?app=live', ['one', 'two', 'pub']],
    ['drop/client?app=live&name=cam&addr=192.0.2.8', ['one']],
    ['drop/client?clientid=two', ['two']],
    ['drop/client?app=live&name=other', []],
  ] as const
  it.each(cases)('%s ends those and tells how many', async (path, ids) => {
    const reports = new SampleReports()
    const app = await mounted(reports)
    const { statusCode, body } = await app.inject({ url: `/control/${path}`, headers: as('operate') })
    expect([statusCode, body]).toEqual([200, String(ids.length)])
    expect(new Set(reports.acts)).toEqual(new Set(ids.map(id => ({ act: 'end connection', id }))))
  })

  const moves = [
    ['publisher?app=live&name=cam', [{ act: 'redirect stream', id: 'live/cam' }]],
    [
      'subscriber?app=live&name=cam',
      [
        { act: 'redirect player', id: '1' },
        { act: 'redirect player', id: '2' },
      ],
    ],
    ['client?clientid=two', [{ act: 'redirect player', id: '2' }]],
    ['client?app=live&name=other', []],
  ] as const
  it.each(moves)('redirect/%s sends those to another name and tells how many', async (path, acts) => {
    const reports = new SampleReports()
    const app = await mounted(reports)
    const url = `/control/redirect/${path}&newname=b`
    const { statusCode, body } = await app.inject({ url, headers: as('operate') })
    expect([statusCode, body]).toEqual([200, String(acts.length)])
    expect(reports.acts).toEqual(acts.map(act => ({ ...act, streamName: 'b' })))
  })

  it('starts a recording, and ends the one that is meant', async () => {
    const reports = new SampleReports()
    const app = await mounted(reports)
    const record = async (path: string) =>
      (await app.inject({ url: `/control/record/${path}`, headers: as('operate') })).statusCode
    expect(await record('start?app=live&name=cam')).toBe(204)
    const recording = { stream: 'live/cam', since: '2026-01-01T00:00:00.000Z', bytes: 1 }
    reports.lists.streams = [
      streamReport({
        recordings: [
          { ...recording, id: 'r1', by: 'a' },
          { ...recording, id: 'r2', by: 'b' },
        ],
      }),
    ]
    expect(await record('stop?app=live&name=cam&rec=b')).toBe(204)
    expect(await record('stop?app=live&name=cam')).toBe(204)
    expect(reports.acts).toEqual([
      { act: 'start recording', stream: 'live/cam' },
      { act: 'end recording', id: 'r2' },
      { act: 'end recording', id: 'r1' },
      { act: 'end recording', id: 'r2' },
    ])
    expect(await record('start?app=live&name=none')).toBe(404)
    expect(await record('start?app=live')).toBe(400)
    reports.outcome = { ok: false, why: 'not possible', reason: 'nothing records here' }
    const refused = await app.inject({ url: '/control/record/start?app=live&name=cam', headers: as('operate') })
    expect([refused.statusCode, refused.body]).toEqual([409, 'nothing records here'])
  })

  it('does not end everybody because a parameter is missing, and says what there is', async () => {
    const reports = new SampleReports()
    const app = await mounted(reports)
    const of = async (path: string) => (await app.inject({ url: path, headers: as('operate') })).statusCode
    expect(await of('/control/drop/client')).toBe(400)
    expect(await of('/control/drop/client?srv=0')).toBe(400)
    expect(await of('/control/drop/client?nam=cam')).toBe(400)
    expect(await of('/control/drop/everybody?app=live')).toBe(404)
    expect(await of('/control/record/pause?app=live&name=cam')).toBe(404)
    expect(await of('/control/redirect/client?newname=x')).toBe(400)
    expect(await of('/control/redirect/client?app=live')).toBe(400)
    expect(await of('/control/redirect/all?app=live&newname=x')).toBe(404)
    expect(await of('/control/drop/client?app=live&app=other')).toBe(400)
    expect(reports.acts).toEqual([])
  })

  it('needs the role operate, and takes neither cookies nor what other sites send', async () => {
    const reports = new SampleReports()
    const app = await mounted(reports)
    const url = '/control/drop/client?app=live'
    const of = async (headers: Record<string, string>) => (await app.inject({ url, headers })).statusCode
    expect(await of({})).toBe(401)
    expect(await of({ cookie: 'session=operate' })).toBe(401)
    expect(await of(as('view'))).toBe(403)
    expect(await of({ ...as('operate'), 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect((await app.inject({ method: 'HEAD', url, headers: as('operate') })).statusCode).toBe(404)
    expect(reports.acts).toEqual([])
  })

  it('takes the token as a password too', async () => {
    const app = await mounted(new SampleReports())
    const of = async (userinfo: string) => {
      const authorization = `Basic ${Buffer.from(userinfo).toString('base64')}`
      return (await app.inject({ url: '/stat', headers: { authorization } })).statusCode
    }
    expect(await of('noalbs:view')).toBe(200)
    expect(await of(':view')).toBe(200)
    expect(await of('view:wrong')).toBe(403)
    expect(await of('view')).toBe(403)
  })
})
