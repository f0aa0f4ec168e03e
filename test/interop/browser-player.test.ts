import { createServer, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, onTestFinished, test } from 'vitest'
import { ffmpeg2018 } from '../support/programs.ts'
import { RunningProgram } from '../support/running-program.ts'
import { words } from '../support/words.ts'
import { openWebPage, servePage } from './browser/web-page.ts'
import { webSocket } from '@rtmpipe/transport-websocket'

async function serve(plugins: readonly Plugin[] = []): Promise<{ server: Server; rtmp: string; ws: string }> {
  const server = createServer({ transports: [tcp({ port: 0 }), webSocket({ port: 0, origins: '*' })], plugins })
  onTestFinished(() => server.close())
  const [rtmp, ws] = (await server.listen()) as [Listener, Listener]
  return {
    server,
    rtmp: `rtmp://127.0.0.1:${rtmp.address.port}/live`,
    ws: `ws://127.0.0.1:${ws.address.port}/live`,
  }
}

/** Red pictures with B-frames and a tone. */
function publish(url: string, ...more: string[]): RunningProgram {
  const input = words`-re -f lavfi -i color=c=red:size=320x180:rate=25 -f lavfi -i sine=frequency=440:sample_rate=44100`
  const codecs = words`-c:v libx264 -preset ultrafast -tune fastdecode -bf 2 -g 50 -pix_fmt yuv420p -c:a aac -b:a 64k`
  const args = words`-nostdin -v error -nostats ${input} ${codecs} ${more} -f flv ${url}`
  const program = new RunningProgram({ name: 'ffmpeg', file: ffmpeg2018(), args })
  onTestFinished(() => program[Symbol.asyncDispose]())
  return program
}

const html = `<!doctype html><canvas id="c"></canvas><script>
  const connect = AudioNode.prototype.connect
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) {
      const analyser = globalThis.analyser = new AnalyserNode(this.context)
      connect.call(this, analyser)
    }
    return connect.call(this, to, ...more)
  }
</script>
<script type="module">
  import { Player } from '/rtmpipe/rtmpipe.js'
  const told = globalThis.told = []
  const player = globalThis.player = new Player(document.querySelector('canvas'))
  for (const name of ['playing', 'waiting', 'unsupported', 'error', 'end', 'reconnect', 'volume'])
    player.on(name, (...values) => told.push([name, ...values.map(String)].join(' ')))
</script>`

test('a stream of ffmpeg with B-frames and AAC is seen and heard', async context => {
  const { ws, rtmp } = await serve()
  publish(`${rtmp}/show`)
  const { page, complaints } = await openWebPage(context, await servePage(html))
  await page.waitForFunction('globalThis.player')
  await page.evaluate(`player.play('${ws}/show')`)
  try {
    await expect.poll(() => page.evaluate('told.join()'), { timeout: 10_000 }).toContain('playing')
    await expect
      .poll(
        () =>
          page.evaluate(
            `(() => { const f = new Float32Array(2048); globalThis.analyser?.getFloatTimeDomainData(f); return Math.max(...f) })()`,
          ),
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0.05)
  } finally {
    for (let i = 0; i < 8; i++) {
      await new Promise(r => setTimeout(r, 1000))
      console.log(await page.evaluate('told.join()'), JSON.stringify(await page.evaluate('player.stats')))
    }
    console.log(
      JSON.stringify(
        await page.evaluate(`[...document.querySelector('canvas').getContext('2d').getImageData(100,100,1,1).data]`),
      ),
      complaints,
    )
  }
})
