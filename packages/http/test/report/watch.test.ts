import { once } from 'node:events'
import { deny, type Plugin, type PublishInfo, type StreamRelay } from '@rtmpipe/session'
import { sampleStream, send, settled, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ClusterStats, house, type HouseOptions, type Reports, type ServerEvent } from '../../src/index.ts'
import * as fake from '../support/fake-reports.ts'

interface Watched {
  readonly test: TestServer
  readonly reports: Reports
  readonly events: ServerEvent[]
}

async function watched(plugins: readonly Plugin[] = [], options: HouseOptions = {}): Promise<Watched> {
  const own = house(options)
  const test = new TestServer({ plugins: [...plugins, own] })
  onTestFinished(() => test[Symbol.asyncDispose]())
  await test.server.listen()
  const events: ServerEvent[] = []
  own.reports.follow(event => events.push(event))
  return { test, reports: own.reports, events }
}

describe('reports of a server', () => {
  it('tell of the server as a whole', async () => {
    const { test, reports } = await watched()
    const publisher = await test.publish('live/show')
    const player = await test.play('live/show')
    await send(publisher, sampleStream(20))
    await take(player, 20)
    const report = await reports.server()
    expect(report).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.version,
      isDraining: false,
      connections: 2,
      publishers: 1,
      players: 1,
      streams: 1,
      processes: [{ pid: process.pid, cpu: expect.any(Number), eventLoopDelay: expect.any(Number) }],
      traffic: [{ transport: 'memory', accepted: 2, received: expect.any(Number), sent: expect.any(Number) }],
    })
    expect(report.processes[0]).not.toHaveProperty('worker')
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('tell how it fares among many machines, at the time of the question', async () => {
    const { connections: _, servers: _servers, ...counts } = fake.cluster
    let stats: ClusterStats = { ...counts, connected: ['192.0.2.9:4222', undefined] }
    const { reports } = await watched([], { cluster: () => stats })
    expect((await reports.server()).cluster).toEqual(fake.cluster)
    stats = { ...stats, connected: ['192.0.2.9:4222', '192.0.2.9:4222'], joined: 1 }
    expect((await reports.server()).cluster).toEqual({ ...fake.cluster, connected: 2, joined: 1 })
  })

  it('tell nothing of the HTTP request that a client came with: cookies and tokens stand there', async () => {
    const { test, reports, events } = await watched([
      { name: 'guard', onPlay: () => deny('NetStream.Play.Failed', 'no', {}, { keepsConnection: true }) },
    ])
    const headers = { cookie: 'session=s3cret', authorization: 'Bearer s3cret' }
    const client = await test.connect('live', { request: { url: '/rtmp?token=s3cret', headers } })
    await client.publish('show')
    await client.play('show').catch(() => {})
    await settled()
    const all = [await reports.connections(), await reports.streams(), await reports.refusals(), events]
    expect(all.map(({ length }) => length > 0)).toEqual([true, true, true, true])
    expect(JSON.stringify(all)).not.toContain('s3cret')
  })

  it('tell of connections, streams and players, by ids that belong together', async () => {
    const { test, reports } = await watched()
    const publisher = await test.publish('live/show')
    const player = await test.play('live/show')
    await send(publisher, sampleStream(20))
    await take(player, 20)
    const [stream] = await reports.streams()
    const [play] = await reports.players()
    const connections = await reports.connections()
    expect(stream).toMatchObject({
      id: 'live/show',
      app: 'live',
      name: 'show',
      isLive: true,
      viewers: 1,
      origin: 'publisher',
    })
    expect(stream?.received).toBeGreaterThan(0)
    expect(stream?.codecs).toMatchObject([{ kind: 'video' }, { kind: 'audio' }])
    expect(play).toMatchObject({ stream: 'live/show', app: 'live', name: 'show', isSlow: false, dropped: 0 })
    const theirs = new Map(connections.map(connection => [connection.id, connection]))
    expect(theirs.get(stream?.publisher ?? '')).toMatchObject({ app: 'live', publishes: ['live/show'], plays: [] })
    expect(theirs.get(play?.connection ?? '')).toMatchObject({ publishes: [], plays: [play?.id] })
  })

  it('leave out keys, as the log does', async () => {
    const { test, reports, events } = await watched()
    const client = await test.connect('live', { tcUrl: 'rtmp://user:word@host/live?key=secret#secret' })
    await client.publish('show?key=secret')
    await client.play('other&key=secret').catch(() => {})
    await settled()
    const all = [await reports.connections(), await reports.streams(), await reports.players(), events]
    const text = JSON.stringify(all)
    expect(text).toContain('rtmp://host/live')
    expect(text).toContain('live/show')
    expect(text).not.toMatch(/secret|word/)
  })

  it('tell what happens, in order, and again from where somebody left off', async () => {
    const { test, reports, events } = await watched()
    const publisher = await test.publish('live/show')
    const player = await test.play('live/show')
    await send(publisher, sampleStream(10))
    await take(player, 10)
    const [play] = await reports.players()
    for (const client of test.clients) client.messages.destroy()
    await settled()
    const types = events.map(({ type }) => type)
    expect(types.slice(0, 3)).toEqual(['connection.start', 'publish.start', 'stream.start'])
    for (const type of ['play.start', 'play.end', 'publish.end', 'stream.end', 'connection.end'] as const)
      expect(types).toContain(type)
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1))
    expect(events.find(({ type }) => type === 'play.start')).toMatchObject({ player: play?.id, stream: 'live/show' })
    const again: ServerEvent[] = []
    const stop = reports.follow(event => again.push(event), 3)
    expect(again).toEqual(events.slice(3))
    stop()
    await test.connect('live')
    expect(again).toEqual(events.slice(3, again.length + 3))
    const afterRestart: ServerEvent[] = []
    reports.follow(event => afterRestart.push(event), 1_000_000)
    expect(afterRestart).toEqual(events)
  })

  it('tell who was refused and why, newest first, of the last thousand', async () => {
    const locked: Plugin = {
      name: 'locked',
      onConnect: ({ app }) => (app === 'live' ? undefined : deny('NetConnection.Connect.Rejected', `no ${app}`)),
    }
    const { test, reports, events } = await watched([locked])
    for (let number = 0; number < 1_002; number++) await test.connect(`app${number}`).catch(() => {})
    const refusals = await reports.refusals()
    expect(refusals).toHaveLength(1_000)
    expect(refusals[0]).toMatchObject({
      id: 1_002,
      what: 'connect',
      plugin: 'locked',
      app: 'app1001',
      code: 'NetConnection.Connect.Rejected',
      reason: 'no app1001',
    })
    expect(refusals.at(-1)).toMatchObject({ id: 3, app: 'app2' })
    expect(events.filter(({ type }) => type === 'refusal')).toHaveLength(1_002)
    const kept: ServerEvent[] = []
    reports.follow(event => kept.push(event), 0)
    expect(kept).toHaveLength(1_000)
  })

  it('tell which stream was refused', async () => {
    const { test, events } = await watched([{ name: 'keys', onPublish: () => deny('NetStream.Publish.Denied', 'no') }])
    await expect(test.publish('live/show?key=secret')).rejects.toThrow()
    expect(events.find(({ type }) => type === 'refusal')).toMatchObject({ stream: 'live/show' })
  })

  it('tell long names whole: streams are told apart by them', async () => {
    const { test, reports } = await watched()
    const names = [1, 2].map(number => `${'long'.repeat(50)}${number}`)
    for (const name of names) await test.publish(`live/${name}`)
    const streams = await reports.streams()
    expect(streams.map(({ id }) => id).sort()).toEqual(names.map(name => `live/${name}`))
    expect(streams.map(({ name }) => name).sort()).toEqual(names)
  })

  it('tell of recordings and relays', async () => {
    let started: PublishInfo | undefined
    const { test, reports, events } = await watched([{ name: 'keep', onPublishStart: info => void (started = info) }])
    await test.publish('live/show')
    await settled()
    const stream = started?.stream
    const recording = { by: 'record', since: new Date(), bytes: 12, end: () => endRecording?.() }
    const endRecording = stream?.addRecording(recording)
    const relay = {
      by: 'relay',
      direction: 'push',
      url: 'rtmp://user:word@host/app/…?key=secret',
      state: 'connecting',
      stateSince: new Date(),
      bytes: 0,
      attempts: 1,
      end: () => endRelay?.(),
    } satisfies StreamRelay
    const endRelay = stream?.addRelay(relay)
    await settled()
    const [shown] = await reports.relays()
    expect(shown).toMatchObject({
      stream: 'live/show',
      url: 'rtmp://host/app/…',
      state: 'connecting',
      direction: 'push',
    })
    expect(await reports.recordings()).toMatchObject([{ stream: 'live/show', by: 'record', bytes: 12 }])
    const [kept] = await reports.recordings()
    expect(await reports.act({ act: 'end relay', id: shown?.id ?? '' })).toEqual({ ok: true })
    expect(await reports.act({ act: 'end recording', id: kept?.id ?? '' })).toEqual({ ok: true })
    await settled()
    expect(events.map(({ type }) => type).filter(type => /relay|recording/.test(type))).toEqual(
      expect.arrayContaining(['recording.start', 'relay.change', 'recording.end', 'relay.change']),
    )
    expect(await reports.relays()).toEqual([])
    expect(await reports.act({ act: 'end relay', id: shown?.id ?? '' })).toMatchObject({ ok: false, why: 'not found' })
  })
})

describe('acts', () => {
  it('end a player, a stream and a connection, and tell them why', async () => {
    const { test, reports } = await watched()
    const publisher = await test.publish('live/show')
    const player = await test.play('live/show')
    await send(publisher, sampleStream(10))
    await take(player, 10)
    const status = { code: 'NetStream.Play.Failed', description: 'enough' }
    const told = once(player, 'error')
    const [play] = await reports.players()
    expect(await reports.act({ act: 'end player', id: play?.id ?? '', status })).toEqual({ ok: true })
    expect(await told).toMatchObject([{ statusCode: status.code, description: 'enough' }])
    expect(await reports.players()).toEqual([])
    expect(await reports.act({ act: 'end stream', id: 'live/show' })).toEqual({ ok: true })
    await settled()
    expect(await reports.streams()).toEqual([])
    const connections = await reports.connections()
    for (const { id } of connections) expect(await reports.act({ act: 'end connection', id })).toEqual({ ok: true })
    await settled()
    expect(await reports.connections()).toEqual([])
  })

  it('send publishers and players to another name, unless it is taken', async () => {
    const { test, reports } = await watched()
    const publisher = await test.publish('live/show')
    await test.publish('live/other')
    await send(publisher, sampleStream(10))
    await test.play('live/show')
    const [play] = await reports.players()
    const taken = { act: 'redirect stream', id: 'live/show', streamName: 'other' } as const
    expect(await reports.act(taken)).toMatchObject({ ok: false, why: 'not possible' })
    expect(await reports.act({ act: 'redirect player', id: play?.id ?? '', streamName: 'other' })).toEqual({ ok: true })
    await settled()
    expect(await reports.act({ ...taken, streamName: 'new' })).toEqual({ ok: true })
    await settled()
    const live = (await reports.streams()).filter(({ isLive }) => isLive)
    expect(live.map(({ id }) => id).sort()).toEqual(['live/new', 'live/other'])
    expect((await reports.players()).map(({ stream }) => stream)).toEqual(['live/other'])
    for (const act of ['redirect stream', 'redirect player'] as const)
      expect(await reports.act({ act, id: 'live/none', streamName: 'x' })).toMatchObject({ why: 'not found' })
  })

  it('on a stream are for the one that is meant, although ids have no keys in them', async () => {
    const { test, reports } = await watched()
    for (const name of ['show;one', 'show;two', 'show', 'other;one', 'other;two']) await test.publish(`live/${name}`)
    expect(await reports.act({ act: 'end stream', id: 'live/show' })).toEqual({ ok: true })
    await settled()
    const others = ['live/other', 'live/other', 'live/show', 'live/show']
    expect((await reports.streams()).map(({ id }) => id).sort()).toEqual(others)
    const which = { ok: false, why: 'not possible', reason: expect.stringContaining('several streams of this id') }
    for (const id of ['live/show', 'live/other']) expect(await reports.act({ act: 'end stream', id })).toEqual(which)
    expect(await reports.streams()).toHaveLength(4)
  })

  it.each(['end connection', 'end stream', 'end player', 'end recording', 'end relay'] as const)(
    'to %s of an id that is none are not found',
    async act => {
      const { reports } = await watched()
      for (const id of ['', 'nobody', '__proto__', 'live/show'])
        expect(await reports.act({ act, id })).toMatchObject({ ok: false, why: 'not found' })
    },
  )

  it('are not possible where nothing does them', async () => {
    const { test, reports } = await watched()
    await test.publish('live/show')
    for (const act of [
      { act: 'start recording', stream: 'live/show' },
      { act: 'start relay', stream: 'live/show', url: 'rtmp://x/y' },
      { act: 'reload' },
      { act: 'drain' },
      { act: 'end stream', id: 'live/show', status: { code: 'Net.Wrong', description: '' } },
    ] as const)
      expect(await reports.act(act), act.act).toMatchObject({ ok: false, why: 'not possible' })
    expect(await reports.streams()).toMatchObject([{ id: 'live/show', isPublishing: true }])
  })

  it('hand on what the server is to do', async () => {
    const asked: unknown[] = []
    const options: HouseOptions = {
      reload: async () => void asked.push('reload'),
      drain: async given => void asked.push(given),
      configuration: () => ({ host: '::' }),
      worker: 3,
    }
    const { reports } = await watched([], options)
    expect(await reports.act({ act: 'reload' })).toEqual({ ok: true })
    expect(await reports.act({ act: 'drain', timeout: 5 })).toEqual({ ok: true })
    expect(asked).toEqual(['reload', { timeout: 5 }])
    expect(reports.configuration()).toEqual({ host: '::' })
    expect((await reports.server()).processes).toMatchObject([{ worker: 3 }])
  })

  it('that fail inside tell nothing of how', async () => {
    const fault = new Error('the inside')
    const { reports } = await watched([], { reload: () => Promise.reject(fault) })
    const outcome = await reports.act({ act: 'reload' })
    expect(outcome).toMatchObject({ ok: false, why: 'failed' })
    expect(JSON.stringify(outcome)).not.toContain('the inside')
  })
})
