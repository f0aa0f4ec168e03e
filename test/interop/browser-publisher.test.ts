import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { record } from '@rtmpipe/plugins/record'
import { webSocket } from '@rtmpipe/transport-websocket'
import { createServer, deny, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import type { Page } from 'playwright-core'
import { type Decoded, NodeAvDecoder } from '../support/clients/node-av-decode.ts'
import { requireClient } from '../support/programs.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

/** Seconds that are decoded. */
const seconds = process.env['CI'] === undefined ? 3 : 7

interface Served {
  readonly server: Server
  readonly rtmp: string
  readonly ws: string
}

async function serve(plugins: readonly Plugin[] = [], port = 0): Promise<Served> {
  const server = createServer({ transports: [tcp({ port: 0 }), webSocket({ port, origins: '*' })], plugins })
  onTestFinished(() => server.close())
  const [rtmp, ws] = (await server.listen()) as [Listener, Listener]
  return {
    server,
    rtmp: `rtmp://127.0.0.1:${rtmp.address.port}/live`,
    ws: `ws://127.0.0.1:${ws.address.port}/live`,
  }
}

const script = `<!doctype html><script type="module">
  import { Publisher } from '/rtmpipe/rtmpipe.js'
  const told = globalThis.told = []
  globalThis.camera = () => navigator.mediaDevices.getUserMedia({ video: true, audio: true })
  globalThis.publish = async (media, url, options) => {
    const publisher = globalThis.publisher = new Publisher(media, options)
    for (const name of ['live', 'slow', 'refused', 'reconnecting', 'error', 'end'])
      publisher.on(name, (...values) => told.push([name, ...values.map(String)].join(' ')))
    await publisher.publish(url)
  }
</script>`

async function publisherPage(context: TestContext, before = ''): Promise<Page> {
  await requireClient(context, 'chromium', 'node-av')
  const { page, complaints } = await openWebPage(context, await servePage(before + script))
  context.onTestFinished(() => expect(complaints).toEqual([]))
  await page.waitForFunction('globalThis.publish')
  return page
}

/** Nothing is wrong, nothing goes back, and both begin together. */
function expectWhole({ tracks, errors }: Decoded, video: RegExp, audio = /opus/): void {
  expect(errors).toEqual([])
  const [picture, sound] = ['video', 'audio'].map(kind => tracks.find(track => track.kind === kind))
  expect(picture?.codec).toMatch(video)
  expect(sound?.codec).toMatch(audio)
  expect([picture?.backwards, sound?.backwards]).toEqual([0, 0])
  expect(picture?.frames).toBe(picture?.packets)
  // Decoders of sound keep what belongs to the next packet.
  expect(Math.abs((sound?.frames ?? 0) - (sound?.packets ?? 0))).toBeLessThanOrEqual(1)
  expect(picture?.packets).toBeGreaterThan(10)
  expect(sound?.packets).toBeGreaterThan(50)
  expect(Math.abs((picture?.first ?? 0) - (sound?.first ?? 1_000))).toBeLessThanOrEqual(40)
}

test.for([
  ['avc1', /h264/],
  ['vp09', /vp9|vpx/],
  ['av01', /av1|dav1d/],
] as const)(
  'camera and microphone as %s and Opus: FFmpeg decodes it live, and from FLV and MP4',
  async ([codec, decoder], context) => {
    const folder = await TemporaryFolder.create()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const recorders = (['flv', 'mp4'] as const).map(format => record({ dir: folder.path, format }))
    const { server, rtmp, ws } = await serve(recorders)
    const page = await publisherPage(context)
    await using player = new NodeAvDecoder(`${rtmp}/show`, seconds)
    await page.evaluate(`camera().then(media => publish(media, '${ws}/show', { video: ['${codec}'] }))`)
    expectWhole(await player.finish(), decoder)
    const stats = await page.evaluate<Record<string, number>>('publisher.stats')
    expect(stats['bitrate']).toBeGreaterThan(10_000)
    expect(stats['fps']).toBeGreaterThan(2)
    await page.evaluate('publisher.stop()')
    expect(await page.evaluate('told')).toEqual(['live', 'end'])
    await server.close()
    const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter(name =>
      /\.(flv|mp4)$/.test(name),
    )
    expect(files.map(name => name.slice(-3)).sort()).toEqual(['flv', 'mp4'])
    for (const name of files) {
      await using reader = new NodeAvDecoder(join(folder.path, name))
      expectWhole(await reader.finish(), decoder)
    }
  },
)

void deny
