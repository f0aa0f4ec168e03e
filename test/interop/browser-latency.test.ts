import { webSocket } from '@rtmpipe/transport-websocket'
import { createServer, type Listener } from 'rtmpipe'
import { expect, onTestFinished, test } from 'vitest'
import { measureLatency } from './browser/measure-latency.ts'

/** Longer runs are for figures: `LATENCY_SECONDS=60 npx vitest run test/interop/browser-latency.test.ts`. */
const seconds = Number(process.env['LATENCY_SECONDS'] ?? 5)

async function serve(): Promise<string> {
  const server = createServer({ transports: [webSocket({ port: 0, origins: '*' })] })
  onTestFinished(() => server.close())
  const [listener] = (await server.listen()) as [Listener]
  return `ws://127.0.0.1:${listener.address.port}/live/time`
}

test.for([
  ['avc1', true],
  ['avc1', false],
] as const)('%s, with sound: %s, is seen soon after it was painted', async ([video, sound], context) => {
  const figures = await measureLatency(context, {
    url: await serve(),
    seconds,
    video,
    sound,
    width: 640,
    height: 360,
    bitrate: 1_000_000,
  })
  console.log(`${video}${sound ? ' + Opus' : ''}: ${JSON.stringify(figures)}`)
})
