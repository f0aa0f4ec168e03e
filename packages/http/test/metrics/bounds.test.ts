import type { PlayInfo, ServerView, StreamView } from '@rtmpipe/session'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ServerMetrics, type ServerMetricsOptions } from '../../src/metrics/index.ts'
import { quietServer } from '../support/host.ts'
import { seriesOf } from './metrics-house.ts'

/** A server with streams and players that nobody has to send. */
function viewOf(streams: readonly Partial<StreamView>[], players: readonly Partial<PlayInfo>[] = []): ServerView {
  return quietServer({
    streams: streams as unknown as ServerView['streams'],
    players: new Set(players as PlayInfo[]),
  })
}

async function textOf(view: ServerView, options?: ServerMetricsOptions): Promise<string> {
  const metrics = new ServerMetrics(view, options)
  onTestFinished(() => metrics.close())
  return await metrics.text()
}

function streamOf(app: string, name: string): Partial<StreamView> {
  return {
    app,
    name,
    isLive: true,
    bytes: 123_456_789,
    sent: 987_654_321_000,
    viewers: 1000,
    publisher: {} as never,
  }
}

describe('series', () => {
  it('of 500 streams with long names are less than 2 MB, and there are no more of them', async () => {
    const streams = Array.from({ length: 600 }, (_, n) =>
      streamOf('"application"'.repeat(20), `"${n}"${'ü\\'.repeat(100)}`),
    )
    const text = await textOf(viewOf(streams), { perStream: true })
    expect(Buffer.byteLength(text)).toBeLessThan(2_000_000)
    const series = seriesOf(text)
    expect([...series.keys()].filter(name => name.startsWith('rtmpipe_stream_players{'))).toHaveLength(500)
    expect(series.get('rtmpipe_streams_omitted')).toBe(100)
  })

  it('of streams are as many as asked for, the oldest', async () => {
    const streams = ['a', 'b', 'c'].map(name => streamOf('live', name))
    const series = seriesOf(await textOf(viewOf(streams), { perStream: true, maxStreams: 2 }))
    expect([...series.keys()].filter(name => name.startsWith('rtmpipe_stream_'))).toEqual(
      ['received_bytes_total', 'sent_bytes_total', 'players'].flatMap(what =>
        ['a', 'b'].map(name => `rtmpipe_stream_${what}{app="live",stream="${name}"}`),
      ),
    )
    expect(series.get('rtmpipe_stream_sent_bytes_total{app="live",stream="a"}')).toBe(987_654_321_000)
  })

  it('count what was received where it came in, and not where it was joined', async () => {
    const joined = { ...streamOf('live', 'a'), origin: 'supply' as const }
    const series = seriesOf(await textOf(viewOf([joined]), { perStream: true }))
    expect(series.has('rtmpipe_stream_received_bytes_total{app="live",stream="a"}')).toBe(false)
    expect(series.get('rtmpipe_stream_players{app="live",stream="a"}')).toBe(1000)
  })

  it('show no keys, and are one where only keys differ', async () => {
    const streams = ['?key=secret', '?key=other'].map(name => streamOf('live', name))
    const text = await textOf(viewOf(streams), { perStream: true })
    expect(text).not.toContain('secret')
    expect(seriesOf(text).get('rtmpipe_stream_players{app="live",stream="?…"}')).toBe(2000)
  })

  it('of applications end at a hundred, and the rest is other', async () => {
    const apps = Array.from({ length: 150 }, (_, n) => `app${n}`)
    const connection = { transport: 'rtmp' } as never
    const lag = { bytes: 1, duration: 2000 }
    const view = viewOf(
      apps.map(app => streamOf(app, 'x')),
      apps.map(app => ({ app, connection, lag })),
    )
    const metrics = new ServerMetrics(view)
    onTestFinished(() => metrics.close())
    for (const _ of [1, 2]) {
      const series = seriesOf(await metrics.text())
      const publishers = [...series].filter(([name]) => name.startsWith('rtmpipe_publishers{'))
      expect(publishers).toHaveLength(101)
      expect(series.get('rtmpipe_publishers{app="other"}')).toBe(50)
      expect(series.get('rtmpipe_players{app="other",output="rtmp"}')).toBe(50)
      expect(series.get('rtmpipe_queued_bytes')).toBe(150)
    }
    expect(seriesOf(await metrics.text()).get('rtmpipe_player_lag_seconds_bucket{le="2.5"}')).toBe(450)
  })
})
