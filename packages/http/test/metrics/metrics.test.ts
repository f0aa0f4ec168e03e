import { channel } from 'node:diagnostics_channel'
import { deny, type Plugin, type ServerView } from '@rtmpipe/session'
import { sampleStream, send, settled, take, TestServer } from '@rtmpipe/testing'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { metrics, type MetricsOptions } from '../../src/index.ts'
import * as reports from '../support/fake-reports.ts'
import { version } from '../../src/report/version.ts'
import { houseOf, seriesOf } from './metrics-house.ts'

async function mounted(view: ServerView, options: MetricsOptions = {}): Promise<FastifyInstance> {
  const app = await houseOf(metrics(options), view)
  onTestFinished(() => app.close())
  return app
}

async function scrape(app: FastifyInstance): Promise<Map<string, number>> {
  const { body, statusCode, headers } = await app.inject({
    url: '/metrics',
    headers: { authorization: 'Bearer view' },
  })
  expect(statusCode).toBe(200)
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  return seriesOf(body)
}

describe('metrics', () => {
  it('tells what the server counts: connections, traffic, publishers, players', async () => {
    await using test = new TestServer()
    const app = await mounted(test.server)
    const publisher = await test.publish('live/show')
    const player = await test.play('live/show')
    await send(publisher, sampleStream(10))
    await take(player, 10)
    const series = await scrape(app)
    const { received, sent } = test.server.traffic.get('memory') ?? {}
    expect(received).toBeGreaterThan(0)
    expect(Object.fromEntries(series)).toMatchObject({
      [`rtmpipe_build_info{version="${version()}",node="${process.versions.node}"}`]: 1,
      'rtmpipe_connections{transport="memory"}': 2,
      'rtmpipe_connections_total{transport="memory"}': 2,
      'rtmpipe_received_bytes_total{transport="memory"}': received,
      'rtmpipe_sent_bytes_total{transport="memory"}': sent,
      'rtmpipe_publishers{app="live"}': 1,
      'rtmpipe_players{app="live",output="memory"}': 1,
      'rtmpipe_dropped_messages_total{kind="video",reason="lag"}': 0,
      rtmpipe_player_lag_seconds_count: 1,
      'rtmpipe_player_lag_seconds_bucket{le="0.1"}': 1,
      rtmpipe_delivery_seconds_count: 1,
      rtmpipe_queued_bytes: 0,
      rtmpipe_tunnel_sessions: 0,
      rtmpipe_publish_resumed_total: 0,
    })
    expect([...series.keys()].filter(name => name.startsWith('rtmpipe_stream'))).toEqual([])
  })

  it('tells how a server fares among many machines, and has no such series for one that is alone', async () => {
    await using test = new TestServer()
    const connected = ['192.0.2.9:4222', undefined, '192.0.2.9:4222']
    const cluster = () => ({ ...reports.cluster, connected })
    const app = await houseOf(metrics(), test.server, {}, { cluster })
    onTestFinished(() => app.close())
    const expected = {
      'rtmpipe_cluster_connections{state="up"}': 2,
      'rtmpipe_cluster_connections{state="down"}': 1,
      'rtmpipe_cluster_streams{role="joined"}': 3,
      'rtmpipe_cluster_streams{role="offered"}': 4,
      rtmpipe_cluster_reconnects_total: 5,
      rtmpipe_cluster_frozen_servers_total: 6,
      rtmpipe_cluster_dropped_messages_total: 7,
      rtmpipe_cluster_dropped_bytes_total: 8,
      rtmpipe_cluster_late_total: 9,
      rtmpipe_cluster_holes_total: 10,
      rtmpipe_cluster_rejoins_total: 11,
      rtmpipe_cluster_lost_streams_total: 12,
    }
    expect(Object.fromEntries(await scrape(app))).toMatchObject(expected)
    // Once more: they are read, not added up.
    const ofCluster = [...(await scrape(app))].filter(([name]) => name.startsWith('rtmpipe_cluster'))
    expect(Object.fromEntries(ofCluster)).toEqual(expected)
    const alone = [...(await scrape(await mounted(test.server))).keys()]
    expect(alone.filter(name => name.startsWith('rtmpipe_cluster'))).toEqual([])
  })

  it('goes on counting who has left, and shows 0 for what is no more', async () => {
    await using test = new TestServer()
    const app = await mounted(test.server)
    await test.play('live/show')
    await scrape(app)
    test.clients[0]?.messages.end()
    await settled()
    expect(Object.fromEntries(await scrape(app))).toMatchObject({
      'rtmpipe_connections{transport="memory"}': 0,
      'rtmpipe_connections_total{transport="memory"}': 1,
      'rtmpipe_connections_closed_total{transport="memory",code="none"}': 1,
      'rtmpipe_players{app="live",output="memory"}': 0,
    })
  })

  it('measures gates and counts whom they refuse, those of its own server alone', async () => {
    const gate: Plugin = {
      name: 'gate',
      onPublish: ({ streamName }) =>
        streamName === 'mine' ? undefined : deny('NetStream.Publish.Denied', 'not that one'),
    }
    await using test = new TestServer({ plugins: [gate] })
    await using another = new TestServer({ plugins: [gate] })
    const [app, anotherApp] = [await mounted(test.server), await mounted(another.server)]
    await test.publish('live/mine')
    await expect(test.publish('live/other')).rejects.toThrow()
    await expect(test.publish('live/third')).rejects.toThrow()
    expect(Object.fromEntries(await scrape(app))).toMatchObject({
      'rtmpipe_gate_seconds_count{hook="onPublish",result="allowed"}': 1,
      'rtmpipe_gate_seconds_count{hook="onPublish",result="denied"}': 2,
      'rtmpipe_gate_seconds_bucket{le="0.5",hook="onPublish",result="denied"}': 2,
      'rtmpipe_gate_denied_total{hook="onPublish",code="NetStream.Publish.Denied"}': 2,
    })
    expect([...(await scrape(anotherApp)).keys()].filter(name => name.startsWith('rtmpipe_gate'))).toEqual([])
  })

  it('counts publishers who come back', async () => {
    await using test = new TestServer()
    const app = await mounted(test.server)
    const publisher = await test.publish('live/show')
    test.server.streams.get('live', 'show')?.keepOpen()
    publisher.end()
    await settled()
    await test.publish('live/show')
    expect((await scrape(app)).get('rtmpipe_publish_resumed_total')).toBe(1)
  })

  it('tells of the process, its event loop and its garbage', async () => {
    await using test = new TestServer()
    const app = await mounted(test.server)
    const series = await scrape(app)
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'])
      expect(series.get(name), name).toBeGreaterThan(0)
    const lags = [...series].filter(([name]) => name.startsWith('nodejs_eventloop_lag_'))
    expect(lags).toHaveLength(3)
    for (const [name, seconds] of lags) expect(seconds, name).toBeGreaterThanOrEqual(0)
    expect(series.get('process_start_time_seconds')).toBeLessThanOrEqual(Date.now() / 1000)
  })

  it('looks at the event loop from the first scrape on', async () => {
    await using test = new TestServer()
    const app = await mounted(test.server)
    const worst = async () => (await scrape(app)).get('nodejs_eventloop_lag_max_seconds')
    expect(await worst()).toBe(0)
    await vi.waitFor(async () => {
      const until = performance.now() + 60
      while (performance.now() < until);
      // It looks by a timer.
      await new Promise(resolve => setTimeout(resolve, 20))
      expect(await worst()).toBeGreaterThan(0.03)
    })
  })

  it('shows nothing to whom has no role', async () => {
    await using test = new TestServer()
    const app = await mounted(test.server)
    expect((await app.inject('/metrics')).statusCode).toBe(401)
    const headers = { authorization: 'Bearer wrong' }
    const refused = await app.inject({ url: '/metrics', headers })
    expect(refused.statusCode).toBe(403)
    expect(refused.body).not.toContain('rtmpipe_')
  })

  it('listens to nothing any more once its house is closed', async () => {
    await using test = new TestServer()
    const gates = channel('rtmpipe:gate')
    const before = gates.hasSubscribers
    const app = await houseOf(metrics(), test.server)
    expect(gates.hasSubscribers).toBe(true)
    await app.close()
    expect(gates.hasSubscribers).toBe(before)
  })

  it('is the same on all ports that it is mounted on, until the last of them has closed', async () => {
    const gate: Plugin = { name: 'gate', onConnect: () => undefined }
    await using test = new TestServer({ plugins: [gate] })
    const mount = metrics()
    const first = await houseOf(mount, test.server)
    await test.connect('live')
    const second = await houseOf(mount, test.server)
    await first.close()
    await test.connect('live')
    const series = await scrape(second)
    expect(series.get('rtmpipe_gate_seconds_count{hook="onConnect",result="allowed"}')).toBe(2)
    await second.close()
    expect(channel('rtmpipe:gate').hasSubscribers).toBe(false)
  })

  it('refuses options that it does not know', () => {
    expect(() => metrics({ perstream: true } as never)).toThrow('there is no option perstream, did you mean perStream?')
    expect(() => metrics({ maxStreams: -1 })).toThrow('maxStreams should be a number from 0 up')
  })
})
