import { afterAll, beforeAll, expect, test } from 'vitest'
import { available, requireClient } from '../support/programs.ts'
import { type LoadReport, Rtmpload } from '../support/rtmpload.ts'
import { schemes, ServerProcess } from '../support/server-process.ts'
import { words } from '../support/words.ts'

/** Seconds and times; `SOAK_SECONDS=60 SOAK_RUNS=10` is how it is looked for what fails seldom. */
const [seconds, runs] = [Number(process.env['SOAK_SECONDS'] ?? 10), Number(process.env['SOAK_RUNS'] ?? 1)]

let server: ServerProcess
let rtmpload: Rtmpload

beforeAll(async () => {
  server = await ServerProcess.start({ limit: 300_000 + runs * (seconds + 60) * 1000 })
  if ('version' in (await available('rtmpload'))) rtmpload = await Rtmpload.build()
})
afterAll(async () => {
  await rtmpload?.[Symbol.asyncDispose]()
  await server?.stop()
})

function expectLittleGrowth(report: LoadReport): void {
  expect(report.server_rss_mb - report.server_rss_start_mb, 'growth of resident memory in megabytes').toBeLessThan(300)
}

test('relays to 200 players over rtmp', async context => {
  await requireClient(context, 'rtmpload')
  const rates = words`--kbps 800 --gop-ms 500 --warmup-ms 1000 --seconds 4`
  const report = await rtmpload.relay(
    words`--url ${server.urls.rtmp}/live/load --players 200 ${rates} --pid ${server.pid}`,
  )
  expect(report).toMatchObject({ players_playing: 200, lost: 0 })
  expect(report.delivered_msgs).toBe(report.expected_msgs)
  expectLittleGrowth(report)
})

/** Many small streams are where memory is used again most. */
test.for<{ args: string[] }>([{ args: [] }, { args: ['--workers', '2'] }])(
  'gives every byte to who is to have it, over every transport: serve $args',
  { timeout: 90_000 },
  async ({ args }, context) => {
    await requireClient(context, 'rtmpload')
    await using several = await ServerProcess.start({ args })
    const runs = schemes.map(async scheme => {
      const url = `${several.urls[scheme]}/live/bytes-${scheme}`
      const rates = words`--kbps 2000 --gop-ms 500 --warmup-ms 500 --seconds 3`
      const report = await rtmpload.relay(
        words`--url ${url} --streams 8 --players 3 --verify-all ${rates} --pid ${several.pid}`,
      )
      expect(report, scheme).toMatchObject({ players_playing: 24, lost: 0, corrupted: 0 })
      expect(report.delivered_msgs, scheme).toBe(report.expected_msgs)
    })
    await Promise.all(runs)
  },
)

test.concurrent('gives every message to 200 players over rtmpt for a while', {
  timeout: runs * (seconds * 1000 + 60_000),
}, async context => {
  await requireClient(context, 'rtmpload')
  for (let run = 1; run <= runs; run += 1) {
    const url = `${server.urls.rtmpt}/live/soak-${run}`
    const rates = words`--kbps 800 --gop-ms 1000 --warmup-ms 2000 --seconds ${seconds}`
    const limit = seconds * 1000 + 50_000
    const report = await rtmpload.relay(words`--url ${url} --players 200 ${rates} --pid ${server.pid}`, limit)
    expect(report, `run ${run}`).toMatchObject({ players_playing: 200, lost: 0, corrupted: 0 })
    expect(report.delivered_msgs, `run ${run}`).toBe(report.expected_msgs)
    expectLittleGrowth(report)
  }
})

// Both wait more than they compute.
test.concurrent('neither loses frames of others nor keeps growing when players stop reading', async context => {
  await requireClient(context, 'rtmpload')
  await using own = await ServerProcess.start()
  const url = `${own.urls.rtmp}/live/slow`
  // Fast and long enough for the stalled players to fall behind what the kernel buffers for them, and five seconds more.
  const rates = words`--kbps 20000 --gop-ms 500 --before-s 1 --stall-s 9 --after-s 2`
  const report = await rtmpload.slow(words`--url ${url} --players 10 --stalled 2 ${rates} --pid ${own.pid}`)
  expect(report.healthy).toMatchObject({ players: 8, lost: 0, closed: 0 })
  expect(report.stalled.disconnected + report.stalled.gap_msgs, 'what stalled players paid').toBeGreaterThan(0)
  expect(report.server_rss_growth_mb, 'growth of resident memory in megabytes').toBeLessThan(150)
})
