import { readdirSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { record } from '@rtmpipe/plugins/record'
import { webSocket } from '@rtmpipe/transport-websocket'
import { metadataOf } from '@rtmpipe/flv'
import {
  connect,
  createServer,
  deny,
  type Listener,
  MediaRole,
  mediaRole,
  type Plugin,
  type RtmpMessage,
  type Server,
  tcp,
} from 'rtmpipe'
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest'
import { chromium as launcher, type Page } from 'playwright-core'
import { type Decoded, decodeWithNodeAv } from '../support/clients/node-av-decode.ts'
import { accessibilityFaults } from '../support/dashboard/browser.ts'
import { chromium, requireClient } from '../support/programs.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

/** What takes its time on a machine that has others to serve. */
const patient = { timeout: 90_000 }

/** Seconds that are decoded; CI tries it once more for longer. */
const seconds = Number(process.env['SOAK_SECONDS'] ?? 3)

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

/** Lets in who has the key. */
const keeper: Plugin = {
  name: 'keeper',
  onPublish: ({ query }) =>
    query.get('key') === 'right' ? undefined : deny('NetStream.Publish.Denied', 'this key is not known'),
}

const script = `<!doctype html><script type="module">
  import { Publisher } from '/rtmpipe/rtmpipe.js'
  const told = globalThis.told = []
  const publishers = globalThis.publishers = []
  globalThis.camera = () => navigator.mediaDevices.getUserMedia({ video: true, audio: true })
  globalThis.publish = async (media, url, options) => {
    const publisher = globalThis.publisher = new Publisher(media, options)
    publishers.push(publisher)
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
function expectWhole(decoded: Decoded | undefined, video: RegExp): void {
  expect(decoded?.errors).toEqual([])
  const { tracks = [] } = decoded ?? {}
  const [picture, sound] = ['video', 'audio'].map(kind => tracks.find(track => track.kind === kind))
  expect(picture?.codec).toMatch(video)
  expect(sound?.codec).toMatch(/opus/)
  expect([picture?.backwards, sound?.backwards]).toEqual([0, 0])
  expect(picture?.frames).toBe(picture?.packets)
  // Decoders of sound keep what belongs to the next packet.
  expect(Math.abs((sound?.frames ?? 0) - (sound?.packets ?? 0))).toBeLessThanOrEqual(1)
  expect(picture?.packets).toBeGreaterThan(10)
  expect(sound?.packets).toBeGreaterThan(50)
  const starts = [picture?.first ?? 0, sound?.first ?? 1_000] as const
  expect(Math.abs(starts[0] - starts[1]), starts.join(' and ')).toBeLessThanOrEqual(40)
}

const decoders = { avc1: /h264/, vp09: /vp9|vpx/, av01: /av1|dav1d/ } as const

test(
  'camera and microphone as H.264, VP9 and AV1 with Opus: FFmpeg decodes them live, and from FLV and MP4',
  patient,
  async context => {
    const folder = await TemporaryFolder.create()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const recorders = (['flv', 'mp4'] as const).map(format => record({ dir: folder.path, format }))
    const { server, rtmp, ws } = await serve(recorders)
    const page = await publisherPage(context)
    const codecs = Object.entries(decoders)
    const decoding = codecs.map(([codec]) => decodeWithNodeAv(seconds, `${rtmp}/${codec}`))
    const publishing = codecs.map(([codec]) =>
      page.evaluate<void>(`camera().then(media => publish(media, '${ws}/${codec}', { video: ['${codec}'] }))`),
    )
    const [live] = await Promise.all([Promise.all(decoding), Promise.all(publishing)])
    for (const [index, [, decoder]] of codecs.entries()) expectWhole(live[index]?.[0], decoder)
    const stats = await page.evaluate<Record<string, number>>('publisher.stats')
    expect(stats['bitrate']).toBeGreaterThan(10_000)
    expect(stats['fps']).toBeGreaterThan(2)
    await page.evaluate('Promise.all(publishers.map(each => each.stop()))')
    const told = await page.evaluate<string[]>('told')
    // On a machine that has others to serve, pictures may have been left out.
    expect(told.filter(text => !text.startsWith('slow '))).toEqual(['live', 'live', 'live', 'end', 'end', 'end'])
    await server.close()
    const names = readdirSync(folder.path, { recursive: true, encoding: 'utf8' })
    const files = names.filter(name => /\.(flv|mp4)$/.test(name)).sort()
    expect(files.map(name => name.slice(-3))).toEqual(['flv', 'mp4', 'flv', 'mp4', 'flv', 'mp4'])
    const read = await decodeWithNodeAv(Infinity, ...files.map(name => join(folder.path, name)))
    for (const [index, name] of files.entries()) {
      const [, decoder] = codecs.find(([codec]) => name.includes(codec)) ?? []
      expectWhole(read[index], decoder ?? /none/)
    }
  },
)

test(
  'a canvas that stands still, and Web Audio, by a client of the page: pictures come all the same',
  patient,
  async context => {
    const { rtmp, ws } = await serve()
    const page = await publisherPage(context)
    await using viewer = await connect(rtmp)
    const messages: RtmpMessage[] = []
    const playing = await viewer.play('show')
    playing.on('data', (message: RtmpMessage) => void messages.push(message))
    await page.evaluate(`(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 321, height: 181 })
    const pictures = canvas.captureStream()
    canvas.getContext('2d').fillRect(0, 0, 100, 100)
    const context = new AudioContext()
    const speaker = context.createMediaStreamDestination()
    const tone = context.createOscillator()
    tone.connect(speaker)
    tone.start()
    const media = new MediaStream([...pictures.getTracks(), ...speaker.stream.getTracks()])
    const { connect } = await import('/rtmpipe/rtmpipe.js')
    globalThis.client = await connect('${ws}')
    await publish(media, await client.publish('show'), { frameRate: 10, keyframeInterval: 1000 })
  })()`)
    const keyframes = (): RtmpMessage[] => messages.filter(message => mediaRole(message) === MediaRole.Keyframe)
    await expect.poll(() => keyframes().length, { timeout: 10_000 }).toBeGreaterThan(1)
    const [first, second] = keyframes()
    // Both are rounded to milliseconds.
    expect((second?.timestamp ?? 0) - (first?.timestamp ?? 0)).toBeGreaterThanOrEqual(999)
    const metadata = messages.map(({ payload }) => metadataOf(payload)).find(found => found !== undefined)
    expect(metadata).toMatchObject({ width: 320, height: 180, videocodecid: 7 })
    // Its connection is the page's: the publisher ends with it.
    await page.evaluate('client.close()')
    await expect.poll(() => page.evaluate('told')).toEqual(['live', 'end'])
  },
)

test(
  'a browser without MediaStreamTrackProcessor takes pictures from a video element, and sound from a worklet',
  patient,
  async context => {
    const { rtmp, ws } = await serve()
    const page = await publisherPage(
      context,
      '<!doctype html><script>delete globalThis.MediaStreamTrackProcessor</script>',
    )
    const [decoded] = await Promise.all([
      decodeWithNodeAv(2, `${rtmp}/show`),
      page.evaluate(`camera().then(media => publish(media, '${ws}/show'))`),
    ])
    expectWhole(decoded[0], /h264/)
  },
)

test('what is not to be: a wrong key, no encoder, nothing to publish, twice', patient, async context => {
  const { ws } = await serve([keeper])
  const page = await publisherPage(context)
  const failure = (media: string, options = '{}', url = `${ws}/show?key=right`): Promise<string> =>
    page.evaluate(`${media}.then(media => publish(media, '${url}', ${options})).then(() => 'fine', String)`)
  expect(await failure('camera()', '{}', `${ws}/show?key=wrong`)).toMatch(
    /NetStream.Publish.Denied: this key is not known/,
  )
  expect(await page.evaluate('told.splice(0)')).toEqual([
    expect.stringMatching(/^refused .*this key is not known/),
    'end',
  ])
  expect(await failure('camera()', `{ audio: ['mp4a'] }`)).toBe('CaptureError: This browser has no encoder for mp4a.')
  expect(await failure('Promise.resolve(new MediaStream())')).toMatch(
    /^CaptureError: There is neither picture nor sound/,
  )
  expect(await page.evaluate('told.splice(0)')).toEqual(['end', 'end'])
  expect(await failure('camera()')).toBe('fine')
  expect(await page.evaluate(`publisher.publish('${ws}/other').catch(String)`)).toMatch(/^UsageError: /)
  expect(await page.evaluate('told')).toEqual(['live'])
})

test(
  'a server that is started again, or asks for it, is connected to again; a microphone that goes leaves the picture',
  patient,
  async context => {
    let published = 0
    const counter: Plugin = { name: 'counter', onPublishStart: () => void (published += 1) }
    const first = await serve([keeper])
    const page = await publisherPage(context)
    await page.evaluate(`camera().then(media => publish(media, '${first.ws}/show?key=right'))`)
    await first.server.close()
    await expect.poll(() => page.evaluate('told.length')).toBeGreaterThan(1)
    expect((await page.evaluate<string[]>('told'))[1]).toMatch(/^reconnecting /)
    const second = await serve([keeper, counter], Number(new URL(first.ws).port))
    expectWhole((await decodeWithNodeAv(2, `${second.rtmp}/show`))[0], /h264/)
    // A line may be slow at any time, for others' reasons.
    const heard = async (): Promise<string[]> =>
      (await page.evaluate<string[]>('told.splice(0)')).filter(text => !text.startsWith('slow '))
    const told = await heard()
    expect(told.at(-1)).toBe('live')
    expect(told.slice(1, -1).every(text => text.startsWith('reconnecting '))).toBe(true)
    // Asked to connect again, it does so at a keyframe, without an end.
    const asked = [...second.server.connections].map(connection => connection.requestReconnect())
    expect(asked).toContain(true)
    await expect.poll(() => published, { timeout: 10_000 }).toBe(2)
    expect(await heard()).toEqual([])
    // As when it is unplugged.
    await page.evaluate(`camera().then(() => {
    for (const track of publisher.media.getAudioTracks()) track.dispatchEvent(new Event('ended'))
  })`)
    expect(await heard()).toEqual([
      'error CaptureError: The sound has ended: its source was unplugged or closed, or the permission was taken back. The picture goes on.',
    ])
    await page.evaluate(`publisher.media.getVideoTracks()[0].dispatchEvent(new Event('ended'))`)
    await expect.poll(() => page.evaluate("told.includes('end')")).toBe(true)
    expect(await heard()).toEqual([expect.stringMatching(/^error CaptureError: The picture has ended: /), 'end'])
  },
)

test('who stops while nobody answers waits for nobody', patient, async context => {
  const sockets = new Set<Socket>()
  const silent = createTcpServer(socket => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}))
    socket.resume()
  })
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const page = await publisherPage(context)
  const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/live/show`
  await page.evaluate(
    `globalThis.going = camera().then(media => publish(media, '${url}')).then(() => 'fine', String), 0`,
  )
  await expect.poll(() => sockets.size).toBe(1)
  await page.evaluate('publisher.stop()')
  expect(await page.evaluate('going')).toBe('fine')
  await expect.poll(() => sockets.size).toBe(0)
  expect(await page.evaluate('told')).toEqual(['end'])
})

describe('<rtmpipe-publisher>', () => {
  const policy = { 'content-security-policy': "default-src 'self'; connect-src 'self' ws:; media-src 'self' blob:" }
  const element = (attributes: string): string =>
    `<!doctype html><html lang="en"><title>Publish</title><main><h1>Publish</h1><rtmpipe-publisher ${attributes}></rtmpipe-publisher></main><script type="module" src="/rtmpipe/elements.js"></script>`

  test('publishes with a key, mutes, says a wrong key, and needs no inline script or style', patient, async context => {
    const { rtmp, ws } = await serve([keeper])
    await requireClient(context, 'chromium', 'node-av')
    const { page, complaints } = await openWebPage(context, await servePage(element(`src="${ws}/show"`), {}, policy))
    await page.getByLabel('Key').fill('wrong')
    await page.getByRole('button', { name: 'Start' }).click()
    await page
      .getByRole('status')
      .filter({ hasText: 'The server refuses: NetStream.Publish.Denied: this key is not known' })
      .waitFor()
    await page.getByLabel('Key').fill('right')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByRole('status').filter({ hasText: 'On air.' }).waitFor()
    expect((await decodeWithNodeAv(1, `${rtmp}/show`))[0]?.errors).toEqual([])
    await page.getByText(/[1-9]\d* kbit\/s/).waitFor()
    await page.getByRole('button', { name: 'Mute' }).click()
    expect(
      await page.evaluate('document.querySelector("rtmpipe-publisher").publisher.media.getAudioTracks()[0].enabled'),
    ).toBe(false)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Start' }).waitFor()
    // A camera of its own name can be chosen now.
    expect(await page.getByLabel('Picture').locator('option').allTextContents()).toContainEqual(
      expect.stringMatching(/^fake/),
    )
    expect(complaints).toEqual([])
  })

  test('says when the permission is taken back, and when it is denied', patient, async context => {
    const { ws } = await serve()
    await requireClient(context, 'chromium')
    // Without somebody who allows everything.
    const browser = await launcher.launch({
      executablePath: chromium,
      args: ['--no-sandbox', '--use-fake-device-for-media-stream'],
    })
    onTestFinished(() => browser.close())
    const own = await browser.newContext({ permissions: ['camera', 'microphone'] })
    const page = await own.newPage()
    const url = await servePage(element(`src="${ws}/show"`), {}, policy)
    await page.goto(url)
    const said = page.getByRole('status')
    await page.getByRole('button', { name: 'Start' }).click()
    await expect.poll(() => said.textContent(), { timeout: 20_000 }).toBe('On air.')
    // As browsers do it then; they can't be asked to.
    await page.evaluate(`for (const track of document.querySelector('rtmpipe-publisher').publisher.media.getTracks()) {
      track.stop()
      track.dispatchEvent(new Event('ended'))
    }`)
    const taken = /has ended: its source was unplugged or closed, or the permission was taken back\.$/
    await expect.poll(() => said.textContent()).toMatch(taken)
    await own.clearPermissions()
    // All others than these are denied.
    await own.grantPermissions([])
    await page.getByRole('button', { name: 'Start' }).click()
    await expect.poll(() => said.textContent()).toMatch(/^The permission for camera, microphone or screen was denied\./)
  })

  test(
    'lets go of a camera that is given when the element is there no more, or has asked anew',
    patient,
    async context => {
      await requireClient(context, 'chromium')
      const slow = `const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      globalThis.asked = []
      navigator.mediaDevices.getUserMedia = async wanted => {
        const media = await ask(wanted)
        await new Promise(allow => asked.push({ media, allow }))
        return media
      }`
      const { page } = await openWebPage(
        context,
        await servePage(`<script src="/slow.js"></script>${element('')}`, { '/slow.js': slow }),
      )
      const answer = `(async () => {
      const element = document.querySelector('rtmpipe-publisher')
      const previews = [element.preview(), element.preview()]
      while (asked.length < 2) await new Promise(requestAnimationFrame)
      asked[1].allow()
      await previews[1]
      asked[0].allow()
      await previews[0]
      const states = () => asked.map(({ media }) => media.getTracks().map(({ readyState }) => readyState).join(' '))
      const first = states()
      const last = element.preview()
      while (asked.length < 3) await new Promise(requestAnimationFrame)
      element.remove()
      asked[2].allow()
      await last
      return [first, states()]
    })()`
      expect(await page.evaluate(answer)).toEqual([
        ['ended ended', 'live live'],
        ['ended ended', 'ended ended', 'ended ended'],
      ])
    },
  )

  test('says when nobody answers; a path is one of the page’s own server', patient, async context => {
    await requireClient(context, 'chromium')
    const url = await servePage(element('src="/live/show"'), {}, policy)
    const { page } = await openWebPage(context, url)
    await page.getByRole('button', { name: 'Start' }).click()
    const said = `The server can not be reached: ${new URL(url).host} `
    await page.getByRole('status').filter({ hasText: said }).waitFor()
  })
})
