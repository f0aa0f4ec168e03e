import { setTimeout as wait } from 'node:timers/promises'
import { webSocket } from '@rtmpipe/transport-websocket'
import type { Page } from 'playwright-core'
import { createServer, type Listener } from 'rtmpipe'
import { expect, onTestFinished, test } from 'vitest'
import { figuresOf, type LatencyFigures, type LatencyPages, measureLatency, play } from './browser/measure-latency.ts'

/**
 * Longer and further runs are for figures, on a machine that does nothing else:
 * `LATENCY_SECONDS=60 npx vitest run test/interop/browser-latency.test.ts`, and `LATENCY_MINUTES=30` for what grows.
 */
const asked = process.env['LATENCY_SECONDS']
const seconds = Number(asked ?? 4)
const minutes = Number(process.env['LATENCY_MINUTES'] ?? 0)
const timeout = seconds * 1_000 + 30_000

async function serve(): Promise<string> {
  const server = createServer({ transports: [webSocket({ port: 0, origins: '*' })] })
  onTestFinished(() => server.close())
  const [listener] = (await server.listen()) as [Listener]
  return `ws://127.0.0.1:${listener.address.port}/live/time`
}

const run = { seconds, width: 640, height: 360, bitrate: 1_000_000, video: 'avc1', sound: true } as const

/** What is measured depends on what else the machine does: these only say that nothing is broken. */
function expectSound({ video, audio, skew, first }: LatencyFigures): void {
  expect(first).toBeLessThan(3_000)
  expect(video.count).toBeGreaterThan(5 * seconds)
  expect(video.p50).toBeLessThan(800)
  expect(audio.count).toBeGreaterThanOrEqual(Math.floor(seconds / 2))
  expect(Math.abs(skew)).toBeLessThan(150)
}

test('pictures and sound are there soon after they were made, and together', { timeout }, async context => {
  const figures = await measureLatency(context, { ...run, url: await serve() })
  console.log(`H.264 + Opus: ${JSON.stringify(figures)}`)
  expectSound(figures)
})

test('without sound, pictures do not wait', { timeout }, async context => {
  const figures = await measureLatency(context, { ...run, sound: false, url: await serve() })
  console.log(`H.264: ${JSON.stringify(figures)}`)
  expect(figures.video.count).toBeGreaterThan(5 * seconds)
  expect(figures.video.p50).toBeLessThan(500)
})

test('a page that is busy half of the time is heard all the same', { timeout }, async context => {
  const block = `setInterval(() => { for (const end = performance.now() + 400; performance.now() < end; ); }, 800)`
  const disturb = ({ player }: LatencyPages) => player.evaluate(block)
  const figures = await measureLatency(context, { ...run, url: await serve(), disturb })
  console.log(`H.264 + Opus, busy page: ${JSON.stringify(figures)}`)
  expect(figures.audio.count).toBeGreaterThanOrEqual(Math.floor(seconds / 2))
  expect(figures.audio.p50).toBeLessThan(800)
})

test('sound that was never recorded moves no other sound', { timeout }, async context => {
  // Half a second, where a busy computer loses some milliseconds each time.
  const disturb = async ({ publisher }: LatencyPages) => {
    await publisher.evaluate('audio.suspend()')
    await wait(500)
    await publisher.evaluate('audio.resume()')
    await wait(2_000)
  }
  const figures = await measureLatency(context, { ...run, url: await serve(), disturb })
  console.log(`H.264 + Opus after missing sound: ${JSON.stringify(figures)}`)
  expectSound(figures)
})

test.runIf(asked).for(['vp09', 'av01'] as const)('%s and Opus', { timeout }, async (video, context) => {
  const figures = await measureLatency(context, { ...run, video, url: await serve() })
  console.log(`${video} + Opus: ${JSON.stringify(figures)}`)
  expectSound(figures)
})

test.runIf(asked)(
  'five seconds after six with an eighth of the processor, nothing is left of it',
  { timeout },
  async context => {
    const disturb = async ({ player }: LatencyPages) => {
      const session = await player.context().newCDPSession(player)
      await session.send('Emulation.setCPUThrottlingRate', { rate: 8 })
      await wait(6_000)
      await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
      await wait(5_000)
    }
    const figures = await measureLatency(context, { ...run, url: await serve(), disturb })
    console.log(`H.264 + Opus after a slow time: ${JSON.stringify(figures)}`)
    expectSound(figures)
  },
)

test.runIf(minutes)('nothing grows', { timeout: minutes * 60_000 + 120_000 }, async context => {
  const { player } = await play(context, { ...run, url: await serve() })
  const [atFirst, heapAtFirst] = [await figuresOf(player, 30), await heapOf(player)]
  await wait(minutes * 60_000)
  const [atLast, heapAtLast] = [await figuresOf(player, 30), await heapOf(player)]
  console.log(`At first: ${JSON.stringify(atFirst)}, ${heapAtFirst} bytes`)
  console.log(`After ${minutes} minutes: ${JSON.stringify(atLast)}, ${heapAtLast} bytes`)
  expect(atLast.video.p50).toBeLessThan(atFirst.video.p50 + 30)
  expect(atLast.audio.p50).toBeLessThan(atFirst.audio.p50 + 30)
  for (const { skew } of [atFirst, atLast]) expect(Math.abs(skew)).toBeLessThanOrEqual(40)
  expect(heapAtLast).toBeLessThan(heapAtFirst + 5_000_000)
})

/** Bytes that are in use after a collection, in the page. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}
