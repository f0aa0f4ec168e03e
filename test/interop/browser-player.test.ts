import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { FlvDemuxer, type MediaMessage } from '@rtmpipe/flv'
import { webSocket } from '@rtmpipe/transport-websocket'
import { connect, createServer, deny, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, onTestFinished, test } from 'vitest'
import type { Page } from 'playwright-core'
import { accessibilityFaults } from '../support/dashboard/browser.ts'
import { freePort } from '../support/free-port.ts'
import { ffmpeg2018 } from '../support/programs.ts'
import { RunningProgram } from '../support/running-program.ts'
import { words } from '../support/words.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

interface Served {
  readonly server: Server
  readonly rtmp: string
  readonly ws: string
}

/** A real server over TCP and WebSockets, which ends with the test. */
async function serve(plugins: readonly Plugin[] = [], ports: readonly [number, number] = [0, 0]): Promise<Served> {
  const [tcpPort, wsPort] = ports
  const transports = [tcp({ port: tcpPort }), webSocket({ port: wsPort, origins: '*' })]
  const server = createServer({ transports, plugins })
  onTestFinished(() => server.close())
  const [rtmp, ws] = (await server.listen()) as [Listener, Listener]
  return {
    server,
    rtmp: `rtmp://127.0.0.1:${rtmp.address.port}/live`,
    ws: `ws://127.0.0.1:${ws.address.port}/live`,
  }
}

/** Red pictures with B-frames and a tone, by a real encoder. */
function publishRed(url: string, size = '320x180'): RunningProgram {
  const picture = `color=c=red:size=${size}:rate=25`
  const input = words`-re -f lavfi -i ${picture} -f lavfi -i sine=frequency=440:sample_rate=44100`
  const codecs = words`-c:v libx264 -preset ultrafast -bf 2 -g 50 -pix_fmt yuv420p -c:a aac -b:a 64k`
  const args = words`-nostdin -v error -nostats ${input} ${codecs} -f flv ${url}`
  const program = new RunningProgram({ name: 'ffmpeg', file: ffmpeg2018(), args })
  onTestFinished(() => program[Symbol.asyncDispose]())
  return program
}

/** Publishes a recorded file again and again, at its own speed. */
async function publishFile(url: string, name: string): Promise<void> {
  const file = await readFile(new URL(`../../packages/flv/test/fixtures/${name}.flv`, import.meta.url))
  const messages: MediaMessage[] = []
  new FlvDemuxer().push(file, message => void messages.push(message))
  const length = Math.max(...messages.map(({ timestamp }) => timestamp)) + 40
  const client = await connect(url)
  const stream = await client.publish('show')
  let isOver = false
  const play = async (): Promise<void> => {
    for (let [round, began] = [0, performance.now()]; !isOver; round += 1) {
      for (const message of messages) {
        const timestamp = message.timestamp + round * length
        if (timestamp > performance.now() - began) await wait(timestamp - (performance.now() - began))
        if (isOver) return
        stream.write({ ...message, timestamp })
      }
    }
  }
  const playing = play()
  onTestFinished(async () => {
    isOver = true
    await playing
    await client.close()
  })
}

/** Notes what a player tells, and what comes to the loudspeaker. */
const listener = `{
  const connect = AudioNode.prototype.connect
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) connect.call(this, globalThis.analyser = new AnalyserNode(this.context))
    return connect.call(this, to, ...more)
  }
  globalThis.loudness = () => {
    const samples = new Float32Array(2048)
    globalThis.analyser?.getFloatTimeDomainData(samples)
    return Math.max(...samples)
  }
  globalThis.pixel = () => {
    const canvas = (document.querySelector('rtmpipe-player')?.shadowRoot ?? document).querySelector('canvas')
    return [...canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data]
  }
}`

const playerPage = `<!doctype html><canvas></canvas><script src="/listener.js"></script><script type="module">
  import { Player, connect } from '/rtmpipe/rtmpipe.js'
  globalThis.connect = connect
  globalThis.told = []
  globalThis.make = options => {
    globalThis.player = new Player(document.querySelector('canvas'), options)
    for (const name of ['playing', 'waiting', 'unsupported', 'error', 'end', 'reconnect'])
      player.on(name, (...values) => told.push([name, ...values.map(String)].join(' ')))
  }
</script>`

async function openPlayer(
  ...[context, headers]: [Parameters<typeof openWebPage>[0], Record<string, string>?]
): Promise<{ page: Page; complaints: readonly string[]; told: () => Promise<string[]> }> {
  const { page, complaints } = await openWebPage(
    context,
    await servePage(playerPage, { '/listener.js': listener }, headers),
  )
  await page.waitForFunction('globalThis.make')
  return { page, complaints, told: () => page.evaluate<string[]>('told') }
}

/** A busy machine takes its time. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 12_000 })

const isRed = ([red = 0, green = 0, blue = 0]: number[]): boolean => red > 200 && green < 60 && blue < 60

test('a stream of ffmpeg with B-frames and AAC is seen and heard, muted and heard again', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const { page, complaints, told } = await openPlayer(context)
  await page.evaluate(`make(), player.play('${ws}/show')`)
  await eventually(told).toContain('playing')
  await eventually(async () => isRed(await page.evaluate('pixel()'))).toBe(true)
  await eventually(() => page.evaluate('loudness()')).toBeGreaterThan(0.05)
  expect(await page.evaluate('player.muted')).toBe(false)
  await page.evaluate('player.mute()')
  await eventually(() => page.evaluate('loudness()')).toBeLessThan(0.001)
  await page.evaluate('player.unmute()')
  await eventually(() => page.evaluate('loudness()')).toBeGreaterThan(0.05)
  await eventually(() => page.evaluate('player.stats')).toMatchObject({
    videoCodec: 'H.264',
    audioCodec: 'AAC',
    width: 320,
    height: 180,
  })
  await eventually(() => page.evaluate('player.stats.buffer')).toBeGreaterThan(0)
  await eventually(() => page.evaluate('player.stats.decoded')).toBeGreaterThan(10)
  expect(await page.evaluate('player.stats.latency')).toBeGreaterThan(0)
  expect(complaints).toEqual([])
})

test("a stream of the page's own client plays in the page, and ends with its publisher", async context => {
  const { ws, rtmp } = await serve()
  const publisher = publishRed(`${rtmp}/show`)
  const { page, told } = await openPlayer(context)
  await page.evaluate(
    `make({ muted: true }), connect('${ws}').then(client => client.play('show')).then(stream => player.play(stream))`,
  )
  await eventually(async () => isRed(await page.evaluate('pixel()'))).toBe(true)
  await publisher[Symbol.asyncDispose]()
  await eventually(told).toEqual(['playing', 'end'])
})

test('a publisher that leaves may return, with other pictures', async context => {
  const { ws, rtmp } = await serve()
  const publisher = publishRed(`${rtmp}/show`)
  const { page, told } = await openPlayer(context)
  await page.evaluate(`make({ muted: true }), player.play('${ws}/show')`)
  await eventually(told).toEqual(['playing'])
  await publisher[Symbol.asyncDispose]()
  await eventually(told).toEqual(['playing', 'end'])
  publishRed(`${rtmp}/show`, '160x90')
  await eventually(told).toEqual(['playing', 'end', 'playing'])
  await eventually(() => page.evaluate('player.stats')).toMatchObject({ width: 160, height: 90 })
  await eventually(async () => isRed(await page.evaluate('pixel()'))).toBe(true)
})

test('it goes where the server asks it to connect again', async context => {
  const [here, there] = [await serve(), await serve()]
  publishRed(`${here.rtmp}/show`)
  publishRed(`${there.rtmp}/show`, '160x90')
  const { page, told } = await openPlayer(context)
  await page.evaluate(`make({ muted: true }), player.play('${here.ws}/show')`)
  await eventually(() => page.evaluate('player.stats.width')).toBe(320)
  for (const connection of here.server.connections) connection.requestReconnect({ tcUrl: there.ws, description: 'go' })
  await eventually(() => page.evaluate('player.stats.width')).toBe(160)
  expect(await told()).toEqual(['playing'])
})

test('where a page may have no workers, it plays in the page', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const { page, told } = await openPlayer(context, {
    'content-security-policy': "worker-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  })
  await page.evaluate(`make({ muted: true }), player.play('${ws}/show')`)
  await eventually(told).toContain('playing')
  await eventually(async () => isRed(await page.evaluate('pixel()'))).toBe(true)
})

const withoutWebCodecs = `delete globalThis.VideoDecoder; delete globalThis.AudioDecoder\n${listener}`

test('without WebCodecs, a video element plays MP4 that is made in the page', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const { page, complaints } = await openWebPage(
    context,
    await servePage(playerPage, { '/listener.js': withoutWebCodecs }),
  )
  await page.waitForFunction('globalThis.make')
  await page.evaluate(`make(), player.play('${ws}/show')`)
  await eventually(() => page.evaluate('told')).toContain('playing')
  await eventually(async () => isRed(await page.evaluate('pixel()'))).toBe(true)
  await eventually(() => page.evaluate('player.stats')).toMatchObject({ videoCodec: 'H.264', audioCodec: 'AAC' })
  await eventually(() => page.evaluate('player.stats.latency')).toBeLessThan(1_500)
  expect(complaints).toEqual([])
})

test("without WebCodecs, the page's own player plays if there is one", async context => {
  const { page } = await openWebPage(context, await servePage(playerPage, { '/listener.js': withoutWebCodecs }))
  await page.waitForFunction('globalThis.make')
  await page.evaluate(`make({
    fallback(video, url) {
      told.push(url)
      const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 32 })
      const context = canvas.getContext('2d')
      const timer = setInterval(() => {
        context.fillStyle = 'red'
        context.fillRect(0, 0, 32, 32)
      }, 20)
      video.srcObject = canvas.captureStream()
      return () => {
        clearInterval(timer)
        told.push('over')
      }
    },
  })`)
  await page.evaluate(`player.play('ws://127.0.0.1:1/live/show')`)
  await eventually(async () => isRed(await page.evaluate('pixel()'))).toBe(true)
  await page.evaluate('player.close()')
  expect(await page.evaluate('told')).toEqual(['ws://127.0.0.1:1/live/show', 'playing', 'over'])
})

test.for([
  ['av1-flac', 'AV1', 'FLAC'],
  ['vp9-opus51', 'VP9', 'Opus'],
  ['h264-aac', 'H.264', 'AAC'],
  ['multitrack', 'H.264', 'AAC'],
])('%s is decoded', async ([name = '', videoCodec, audioCodec], context) => {
  const { ws, rtmp } = await serve()
  const { page, told } = await openPlayer(context)
  await page.evaluate(`make(), player.play('${ws}/show')`)
  await publishFile(rtmp, name)
  await eventually(async () => ({
    ...(await page.evaluate<object>('player.stats')),
    told: await told(),
  })).toMatchObject({ videoCodec, audioCodec })
  await eventually(() => page.evaluate('player.stats.decoded')).toBeGreaterThan(3)
  expect((await told()).filter(each => each !== 'playing' && each !== 'waiting')).toEqual([])
})

test('what this browser has no decoder for is said, and the sound plays on', async context => {
  const { ws, rtmp } = await serve()
  const { page, told } = await openPlayer(context)
  await page.evaluate(`make(), player.play('${ws}/show')`)
  await publishFile(rtmp, 'hevc-opus')
  await eventually(told).toContain('unsupported HEVC video')
  await eventually(told).toContain('playing')
})

const elementPage = (src: string, attributes: string): string =>
  `<!doctype html><html lang="en"><title>Player</title><main><h1>Player</h1>
  <rtmpipe-player src="${src}" ${attributes}></rtmpipe-player></main>
  <script src="/listener.js"></script><script type="module" src="/rtmpipe/elements.js"></script>
  <script>globalThis.told = []
  for (const name of ['playing', 'error', 'reconnect', 'end', 'unsupported'])
    addEventListener(name, event => event instanceof CustomEvent && told.push(name))</script>`

test('the element plays, is used by keyboard and mouse, and tells what happens', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const page = elementPage(`${ws}/show`, 'autoplay muted controls')
  const { page: shown, complaints } = await openWebPage(context, await servePage(page, { '/listener.js': listener }))
  await eventually(() => shown.evaluate('told')).toEqual(['playing'])
  expect(isRed(await shown.evaluate('pixel()'))).toBe(true)
  await shown.getByRole('button', { name: 'Unmute' }).click()
  await eventually(() => shown.evaluate('loudness()')).toBeGreaterThan(0.05)
  await shown.getByRole('slider', { name: 'Volume' }).fill('0')
  await eventually(() => shown.evaluate('loudness()')).toBeLessThan(0.001)
  await shown.locator('rtmpipe-player').focus()
  await shown.keyboard.press('m')
  await shown.getByRole('button', { name: 'Unmute' }).waitFor()
  await shown.keyboard.press('Space')
  await shown.getByRole('button', { name: 'Play', exact: true }).click()
  await shown.getByRole('button', { name: 'Pause' }).waitFor()
  await eventually(() => shown.evaluate('told')).toEqual(['playing', 'playing'])
  await eventually(() => shown.locator('output').textContent()).toMatch(/^\d+ ms$/)
  for (const colorScheme of ['light', 'dark'] as const) {
    await shown.emulateMedia({ colorScheme })
    expect(await accessibilityFaults(shown)).toEqual([])
  }
  expect(complaints).toEqual([])
})

test('the element says that the server refuses, in its words', async context => {
  const { ws } = await serve([{ name: 'members', onPlay: () => deny('NetStream.Play.Failed', 'members only') }])
  const url = await servePage(elementPage(`${ws}/show?key=a-secret`, 'autoplay muted'), { '/listener.js': listener })
  const { page } = await openWebPage(context, url)
  await page.getByText('The server refuses: members only').waitFor()
  expect(await page.evaluate('told')).toEqual(['error'])
})

test('the element survives that the server is started again', async context => {
  const ports = [await freePort(), await freePort()] as const
  const first = await serve([], ports)
  publishRed(`${first.rtmp}/show`)
  const url = await servePage(elementPage(`${first.ws}/show`, 'autoplay muted'), { '/listener.js': listener })
  const { page } = await openWebPage(context, url)
  await eventually(() => page.evaluate('told')).toEqual(['playing'])
  await first.server.close()
  await page.getByText('Connecting again').waitFor()
  const again = await serve([], ports)
  publishRed(`${again.rtmp}/show`)
  await eventually(() => page.evaluate<string[]>('told.at(-1)')).toEqual('playing')
  await eventually(() => page.getByRole('status').textContent()).toBe('')
})
