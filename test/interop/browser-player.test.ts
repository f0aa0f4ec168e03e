import { expect, test } from 'vitest'
import {
  eventually,
  isRed,
  listener,
  openPlayer,
  playerPage,
  publishFile,
  publishRed,
  serve,
} from './browser/player-page.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

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

test('without WebCodecs, what the video element does not play is told, and playing ends', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const spoils = `const append = SourceBuffer.prototype.appendBuffer
  SourceBuffer.prototype.appendBuffer = function (bytes) { append.call(this, new Uint8Array(bytes.length).fill(255)) }`
  const { page } = await openWebPage(
    context,
    await servePage(playerPage, { '/listener.js': `${withoutWebCodecs}\n${spoils}` }),
  )
  await page.waitForFunction('globalThis.make')
  await page.evaluate(`make(), player.play('${ws}/show')`)
  const said = expect.stringMatching(/^error PlayerError: The video element of this browser does not play it: ./)
  await eventually(() => page.evaluate('told')).toEqual([said])
})

test('without WebCodecs, an address that can not be meant is refused, too', async context => {
  const { page, complaints } = await openWebPage(
    context,
    await servePage(playerPage, { '/listener.js': withoutWebCodecs }),
  )
  await page.waitForFunction('globalThis.make')
  const answer = `make(), player.play('ws://127.0.0.1:1/').then(() => 'played', ({ code }) => code)`
  expect(await page.evaluate(answer)).toBe('RTMP_ERR_URL')
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

test.for([
  ['hevc-opus', 'unsupported HEVC video', { audioCodec: 'Opus' }],
  ['h263-mp3', 'unsupported Sorenson H.263 video', { audioCodec: 'MP3' }],
  ['vp9-ac3', 'unsupported AC-3 audio', { videoCodec: 'VP9' }],
] as const)('of %s, it is said what this browser has no decoder for, and the rest plays', async (row, context) => {
  const [name, said, played] = row
  const { ws, rtmp } = await serve()
  const { page, told } = await openPlayer(context)
  await page.evaluate(`make(), player.play('${ws}/show')`)
  await publishFile(rtmp, name)
  await eventually(told).toContain(said)
  await eventually(told).toContain('playing')
  expect(await page.evaluate('player.stats')).toMatchObject(played)
})
