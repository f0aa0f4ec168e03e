import { readFile } from 'node:fs/promises'
import { webSocket } from '@rtmpipe/transport-websocket'
import { createServer, type Listener } from 'rtmpipe'
import { http } from 'rtmpipe/http'
import { httpFlv } from 'rtmpipe/http-view'
import { expect, onTestFinished, test } from 'vitest'
import { videoPage } from './browser/latency-pages.ts'
import { figuresOf, play } from './browser/measure-latency.ts'

/** Longer runs are for figures, on a machine that does nothing else: `LATENCY_SECONDS=60`. */
const seconds = Number(process.env['LATENCY_SECONDS'] ?? 4)

const script = '/mpegts.js'

test.for(['http', 'ws'])(
  'mpegts.js plays FLV over %s',
  { timeout: seconds * 1_000 + 30_000 },
  async (scheme, context) => {
    const web = http({ port: 0, mount: [httpFlv({ origins: '*' })] })
    const server = createServer({ transports: [webSocket({ port: 0, origins: '*' })], plugins: [web] })
    onTestFinished(() => server.close())
    const [listener] = (await server.listen()) as [Listener]
    const { player } = await play(context, {
      url: `ws://127.0.0.1:${listener.address.port}/live/time`,
      playUrl: `${scheme}://127.0.0.1:${web.address?.port}/live/time.flv`,
      page: videoPage(script),
      scripts: {
        [script]: await readFile(new URL('../../node_modules/mpegts.js/dist/mpegts.js', import.meta.url), 'utf8'),
      },
      seconds,
      width: 640,
      height: 360,
      bitrate: 1_000_000,
      video: 'avc1',
      sound: true,
    })
    const figures = await figuresOf(player, seconds)
    console.log(`mpegts.js, ${scheme}: ${JSON.stringify(figures)}`)
    expect(figures.first).toBeLessThan(3_000)
    expect(figures.video.count).toBeGreaterThan(5 * seconds)
  },
)
