import { hls, httpFlv } from '@rtmpipe/http-view'
import { publishKeys } from '@rtmpipe/plugins/auth'
import type { Page } from 'playwright-core'
import { createServer, type Listener, type Plugin, tcp } from 'rtmpipe'
import { http, type Mount, pages } from 'rtmpipe/http'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { requireClient } from '../support/programs.ts'
import { RunningProgram } from '../support/running-program.ts'
import { words } from '../support/words.ts'
import { eventually, publishFile } from './browser/player-page.ts'
import { openWebPage } from './browser/web-page.ts'

const noWebCodecs = 'delete globalThis.VideoDecoder'
const noSources = `${noWebCodecs}; delete globalThis.MediaSource; delete globalThis.ManagedMediaSource`

/** The page that watches, and where to publish. */
async function serve(views: readonly Mount[], ...plugins: readonly Plugin[]) {
  const web = http({ port: 0, mount: [pages(), ...views] })
  const server = createServer({
    transports: [tcp({ host: '127.0.0.1', port: 0 }), web.webSocket()],
    plugins: [...plugins, web],
  })
  onTestFinished(() => server.close())
  const [{ address }] = (await server.listen()) as [Listener]
  const base = `http://127.0.0.1:${web.address?.port}`
  return { rtmp: `rtmp://127.0.0.1:${address.port}/live`, watch: `${base}/watch/live/show`, base }
}

/** Pictures and a tone by a real encoder, for as long as the test lasts or until it is stopped. */
function publish(rtmp: string, name = 'show'): () => Promise<void> {
  const input = words`-re -f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000`
  const codecs = words`-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -pix_fmt yuv420p -c:a aac -b:a 64k`
  const args = words`-nostdin -v error -nostats ${input} ${codecs} -f flv ${rtmp}/${name}`
  const program = new RunningProgram({ name: 'ffmpeg', file: 'ffmpeg', args })
  const stop = async () => program[Symbol.asyncDispose]()
  onTestFinished(stop)
  return stop
}

async function open(context: TestContext, url: string, before?: string) {
  const opened = await openWebPage(context, url, before)
  // Of the policy, too: nothing is asked for that it does not allow.
  context.onTestFinished(() =>
    expect(opened.complaints.filter(text => !/status of (401|403|404)/.test(text))).toEqual([]),
  )
  return opened.page
}

const seconds = 'document.querySelector("video").currentTime'
const drawn = `(() => {
  const video = document.querySelector('video')
  const canvas = new OffscreenCanvas(64, 36)
  const context = canvas.getContext('2d')
  context.drawImage(video, 0, 0, 64, 36)
  return context.getImageData(0, 0, 64, 36).data.reduce((sum, byte, at) => (sum + byte * (at % 251)) % 1_000_003, 0)
})()`

/** Its time goes on, and its pictures are others. */
async function expectPictures(page: Page): Promise<void> {
  await eventually(() => page.evaluate(seconds)).toBeGreaterThan(0)
  const [from, before] = [await page.evaluate<number>(seconds), await page.evaluate(drawn)]
  await eventually(() => page.evaluate(seconds)).toBeGreaterThan(from + 1)
  expect(await page.evaluate(drawn)).not.toBe(before)
  expect(await page.evaluate('document.querySelector("video").videoWidth')).toBe(320)
}

const both = () => [httpFlv(), hls({ always: true, segmentDuration: 1_000 })]

test.for([
  ['FLV over HTTP, where there are no WebCodecs', both, noWebCodecs, 'FLV over HTTP, by mpegts.js'],
  ['HLS, where there is no FLV either', () => [hls({ always: true })], noWebCodecs, 'HLS, by hls.js'],
  ['HLS by itself, where there is nothing else', both, noSources, 'HLS, by the browser'],
] as const)('the page plays %s', async ([, views, before, name], context) => {
  await requireClient(context, 'ffmpeg')
  const { rtmp, watch } = await serve(views())
  publish(rtmp)
  const page = await open(context, watch, before)
  await page.getByText(`Plays ${name}.`).waitFor()
  await expectPictures(page)
})

test('WebCodecs come first, and nothing else is loaded', async context => {
  await requireClient(context, 'ffmpeg')
  const { rtmp, watch } = await serve(both())
  publish(rtmp)
  const asked: string[] = []
  const page = await open(context, 'about:blank')
  page.on('request', request => asked.push(new URL(request.url()).pathname))
  await page.goto(watch)
  await page.getByText('Plays RTMP and WebCodecs.').waitFor()
  await eventually(() =>
    page.evaluate('document.querySelector("rtmpipe-player").player.stats.decoded'),
  ).toBeGreaterThan(5)
  expect(asked.filter(path => /\/(flv|hls|native-hls)-|\.flv$|\.m3u8$/.test(path))).toEqual([])
})

test('a way that leads nowhere leads to the next one', async context => {
  await requireClient(context, 'ffmpeg')
  const { rtmp, watch } = await serve(both())
  publish(rtmp)
  const page = await open(context, 'about:blank', noWebCodecs)
  await page.route(/\/flv-[^/]*\.js$/, route => route.fulfill({ contentType: 'text/javascript', body: 'export {}' }))
  await page.goto(watch)
  await page.getByText('Plays HLS, by hls.js.').waitFor()
  await expectPictures(page)
})

test('a codec that nothing here decodes is said in a sentence', async context => {
  const { rtmp, watch } = await serve(both())
  await publishFile(rtmp, 'hevc-opus')
  const page = await open(context, 'about:blank')
  // It is played in these ways for a moment only.
  const tried = ['**/show.flv', '**/index.m3u8'].map(url => page.waitForRequest(url))
  await page.goto(watch)
  await Promise.all(tried)
  await page.getByText('Plays RTMP and WebCodecs.').waitFor()
  await page.getByText('This browser cannot decode HEVC.').waitFor()
})

test('a browser without Media Source Extensions is told what is missing', async context => {
  const { watch } = await serve([httpFlv()])
  const page = await open(context, watch, noSources)
  await page.getByText('This browser can not play what the server has for it.').waitFor()
  await page.goto(`${watch}?player=webcodecs`)
  await page.getByText('This browser has no WebCodecs.').waitFor()
})

test('the server says what it offers', async context => {
  await requireClient(context, 'chromium')
  for (const [views, told] of [
    [[], { flv: false, hls: false }],
    [[httpFlv()], { flv: true, hls: false }],
    [both(), { flv: true, hls: true }],
  ] as const) {
    const { base, watch } = await serve(views)
    expect(await (await fetch(`${base}/rtmpipe/views`)).json()).toEqual(told)
    if (told.flv) continue
    const page = await open(context, `${watch}?player=flv`)
    await page.getByText('it is started with --http-flv').waitFor()
  }
})

test('what is asked for is played, with the key behind #, and again when the publisher returns', {
  timeout: 40_000,
}, async context => {
  await requireClient(context, 'ffmpeg')
  const { rtmp, watch } = await serve(both(), publishKeys({ keys: ['right'], actions: ['publish', 'play'] }))
  const stop = publish(rtmp, 'show?key=right')
  const refused = await open(context, `${watch}?player=flv`)
  await refused.getByText('The server refuses to play this stream.').waitFor()
  const flv = await open(context, `${watch}?player=flv#key=right`)
  await flv.getByText('Plays FLV over HTTP, by mpegts.js.').waitFor()
  const byHls = await open(context, `${watch}?player=hls#key=right`)
  await byHls.getByText('Plays HLS, by hls.js.').waitFor()
  for (const page of [flv, byHls]) await expectPictures(page)
  await stop()
  for (const page of [flv, byHls]) await page.getByText('The stream has ended.').waitFor()
  publish(rtmp, 'show?key=right')
  for (const page of [flv, byHls]) {
    await page.getByText('The stream has ended.').waitFor({ state: 'detached' })
    await expectPictures(page)
  }
})
