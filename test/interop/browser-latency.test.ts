import { setTimeout as wait } from 'node:timers/promises'
import { webSocket } from '@rtmpipe/transport-websocket'
import type { Page } from 'playwright-core'
import { createServer, type Listener } from 'rtmpipe'
import { expect, onTestFinished, test } from 'vitest'
import { type LatencyFigures, measureLatency } from './browser/measure-latency.ts'

/**
 * Longer and further runs are for figures, on a machine that does nothing else:
 * `LATENCY_SECONDS=60 npx vitest run test/interop/browser-latency.test.ts`.
 */
const asked = process.env['LATENCY_SECONDS']
const seconds = Number(asked ?? 4)

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

test('pictures and sound are there soon after they were made, and together', async context => {
  const figures = await measureLatency(context, { ...run, url: await serve() })
  console.log(`H.264 + Opus: ${JSON.stringify(figures)}`)
  expectSound(figures)
})

test('without sound, pictures do not wait', async context => {
  const figures = await measureLatency(context, { ...run, sound: false, url: await serve() })
  console.log(`H.264: ${JSON.stringify(figures)}`)
  expect(figures.video.count).toBeGreaterThan(5 * seconds)
  expect(figures.video.p50).toBeLessThan(500)
})

test('a page that is busy half of the time is heard all the same', async context => {
  const block = `setInterval(() => { for (const end = performance.now() + 400; performance.now() < end; ); }, 800)`
  const disturb = (page: Page) => page.evaluate(block)
  const figures = await measureLatency(context, { ...run, url: await serve(), disturb })
  console.log(`H.264 + Opus, busy page: ${JSON.stringify(figures)}`)
  expect(figures.audio.count).toBeGreaterThanOrEqual(Math.floor(seconds / 2))
  expect(figures.audio.p50).toBeLessThan(800)
})

test.runIf(asked).for(['vp09', 'av01'] as const)('%s and Opus', async (video, context) => {
  const figures = await measureLatency(context, { ...run, video, url: await serve() })
  console.log(`${video} + Opus: ${JSON.stringify(figures)}`)
  expectSound(figures)
})

test.runIf(asked)('five seconds after six with an eighth of the processor, nothing is left of it', async context => {
  const disturb = async (page: Page) => {
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: 8 })
    await wait(6_000)
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
    await wait(5_000)
  }
  const figures = await measureLatency(context, { ...run, url: await serve(), disturb })
  console.log(`H.264 + Opus after a slow time: ${JSON.stringify(figures)}`)
  expectSound(figures)
})
