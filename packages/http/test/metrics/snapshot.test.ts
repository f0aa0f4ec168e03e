import { sampleStream, send, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { metrics } from '../../src/index.ts'
import { MergedMetrics, type MetricsSnapshot, ServerMetrics } from '../../src/metrics/index.ts'
import { version } from '../../src/report/version.ts'
import { houseOf, seriesOf } from './metrics-house.ts'

/** As from another process. */
async function sent(from: ServerMetrics): Promise<MetricsSnapshot> {
  return JSON.parse(JSON.stringify(await from.snapshot())) as MetricsSnapshot
}

function metricsOf(test: TestServer): ServerMetrics {
  const metrics = new ServerMetrics(test.server, { perStream: true })
  onTestFinished(() => metrics.close())
  return metrics
}

async function busy(test: TestServer): Promise<void> {
  const publisher = await test.publish('live/show')
  const player = await test.play('live/show')
  await send(publisher, sampleStream(3))
  await take(player, 3)
}

describe('metrics of several processes', () => {
  it('are summed, and are the worst of what has no sum', async () => {
    await using one = new TestServer({ plugins: [{ name: 'gate', onConnect: () => undefined }] })
    await using two = new TestServer({ plugins: [{ name: 'gate', onConnect: () => undefined }] })
    const [first, second] = [metricsOf(one), metricsOf(two)]
    await busy(one)
    await busy(two)
    await two.play('vod/film')
    const snapshots = [await sent(first), await sent(second)]
    const [alone, other] = await Promise.all(
      snapshots.map(async each => seriesOf(await new MergedMetrics().text([each]))),
    )
    const merged = seriesOf(await new MergedMetrics().text(snapshots))
    expect(Object.fromEntries(merged)).toMatchObject({
      'rtmpipe_connections{transport="memory"}': 5,
      'rtmpipe_players{app="live",output="memory"}': 2,
      'rtmpipe_players{app="vod",output="memory"}': 1,
      'rtmpipe_gate_seconds_count{hook="onConnect",result="allowed"}': 5,
      'rtmpipe_player_lag_seconds_bucket{le="+Inf"}': 3,
      'rtmpipe_stream_players{app="live",stream="show"}': 2,
      [`rtmpipe_build_info{version="${version()}",node="${process.versions.node}"}`]: 1,
    })
    const both = (name: string) => [alone?.get(name) ?? NaN, other?.get(name) ?? NaN]
    expect(merged.get('process_open_fds')).toBe(Math.max(...both('process_open_fds')))
    const [a = NaN, b = NaN] = both('process_resident_memory_bytes')
    expect(merged.get('process_resident_memory_bytes')).toBe(a + b)
  })

  it('keep what a process had counted that is missing or gone, and nothing of what it had', async () => {
    await using test = new TestServer()
    const merged = new MergedMetrics()
    const own = metricsOf(test)
    const accepted = async (snapshots: readonly MetricsSnapshot[]) => {
      const series = seriesOf(await merged.text([await sent(own), ...snapshots]))
      return ['_total', ''].map(end => series.get(`rtmpipe_connections${end}{transport="memory"}`) ?? 0)
    }
    await test.connect('live')
    let sum = 1
    // More of them than are told apart.
    for (let n = 0; n < 20; n += 1) {
      await using another = new TestServer()
      const its = metricsOf(another)
      for (let client = 0; client <= n; client += 1) await another.connect('live')
      sum += n + 1
      expect(await accepted([await sent(its)])).toEqual([sum, n + 2])
      expect(await accepted([])).toEqual([sum, 1])
      // It was only late.
      expect(await accepted([await sent(its)])).toEqual([sum, n + 2])
    }
    expect(await accepted([])).toEqual([sum, 1])
  })

  it('are what is answered when there are others, and none when one of them does not answer', async () => {
    await using one = new TestServer()
    await using two = new TestServer()
    const second = metricsOf(two)
    await busy(two)
    let others = async (): Promise<MetricsSnapshot[]> => [await sent(second)]
    const app = await houseOf(metrics({ others: () => others() }), one.server)
    onTestFinished(() => app.close())
    const request = { url: '/metrics', headers: { authorization: 'Bearer view' } }
    const { body } = await app.inject(request)
    expect(seriesOf(body).get('rtmpipe_connections{transport="memory"}')).toBe(2)
    others = async () => {
      throw new Error('no answer')
    }
    expect((await app.inject(request)).statusCode).toBe(500)
  })
})
