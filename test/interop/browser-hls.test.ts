import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hls, type HlsOptions } from '@rtmpipe/http-view'
import { createServer, type Listener, tcp } from 'rtmpipe'
import { http } from 'rtmpipe/http'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { requireClient } from '../support/programs.ts'
import { RunningProgram } from '../support/running-program.ts'
import { words } from '../support/words.ts'
import { eventually, publishFile } from './browser/player-page.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

const library = readFileSync(
  fileURLToPath(new URL('../../node_modules/hls.js/dist/hls.min.js', import.meta.url)),
  'utf8',
)

const page = `<!doctype html><video muted autoplay></video><script src="/hls.js"></script><script>
const video = document.querySelector('video')
const told = globalThis.told = []
globalThis.watch = (url, options) => {
  const hls = globalThis.hls = new Hls(options)
  hls.on(Hls.Events.ERROR, (_, { fatal, details, error }) => told.push([fatal ? 'fatal' : 'passing', details, error?.message].join(' ')))
  hls.loadSource(url)
  hls.attachMedia(video)
}
/** Milliseconds from when a picture came to the server to now that it is seen. */
globalThis.latency = () => {
  const date = hls.playingDate
  return date === null ? undefined : Date.now() - date.getTime()
}
</script>`

interface Serving {
  readonly rtmp: string
  readonly index: string
}

async function serve(options: HlsOptions): Promise<Serving> {
  const web = http({ port: 0, mount: [hls({ origins: '*', ...options })] })
  const server = createServer({ transports: [tcp({ host: '127.0.0.1', port: 0 })], plugins: [web] })
  onTestFinished(() => server.close())
  const [{ address }] = (await server.listen()) as [Listener]
  const port = web.address?.port ?? 0
  return { rtmp: `rtmp://127.0.0.1:${address.port}/live`, index: `http://127.0.0.1:${port}/live/show/index.m3u8` }
}

/** A page with hls.js, which watches. */
async function watch(context: TestContext, index: string, options: object = {}) {
  const opened = await openWebPage(context, await servePage(page, { '/hls.js': library }))
  await opened.page.waitForFunction('globalThis.watch')
  await opened.page.evaluate(`watch('${index}', ${JSON.stringify(options)})`)
  return opened
}

/** Pictures and a tone, by a real encoder; a keyframe each second. */
function publish(url: string): void {
  const input = words`-re -f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000`
  const codecs = words`-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -pix_fmt yuv420p -c:a aac -b:a 64k`
  const args = words`-nostdin -v error -nostats ${input} ${codecs} -f flv ${url}`
  const program = new RunningProgram({ name: 'ffmpeg', file: 'ffmpeg', args })
  onTestFinished(() => program[Symbol.asyncDispose]())
}

/** Seconds of the video element. */
const clock = 'document.querySelector("video").currentTime'

test.for([
  ['parts of 200 ms', { segmentDuration: 1_000 }, { lowLatencyMode: true }, 1_500],
  ['segments of 1 s alone', { segmentDuration: 1_000, partDuration: 0 }, {}, 500],
] as const)('hls.js plays %s', async ([name, options, ofPlayer, behind], context) => {
  await requireClient(context, 'ffmpeg')
  const { rtmp, index } = await serve({ always: true, ...options })
  publish(`${rtmp}/show`)
  await eventually(async () => (await fetch(index)).status).toBe(200)
  const { page: opened } = await watch(context, index, ofPlayer)
  await eventually(() => opened.evaluate(clock)).toBeGreaterThan(0)
  const from = await opened.evaluate<number>(clock)
  await eventually(() => opened.evaluate(clock)).toBeGreaterThan(from + 4)
  const latencies: number[] = []
  for (let time = 0; time < 10; time += 1) {
    latencies.push(await opened.evaluate<number>('latency()'))
    await opened.waitForTimeout(100)
  }
  const median = latencies.sort((one, other) => one - other)[5] ?? Infinity
  const target = await opened.evaluate<number>('hls.targetLatency')
  console.log(`latency of hls.js, ${name}: ${Math.round(median)} ms, its target ${target} s`)
  expect(median).toBeGreaterThan(0)
  // After a stall of a busy machine it stays a second further behind, by its target.
  expect(median).toBeLessThanOrEqual(1_000 * target + behind)
  expect(await opened.evaluate('told')).not.toContainEqual(expect.stringContaining('fatal'))
  expect(await opened.evaluate('hls.lowLatencyMode')).toBe(true)
})

test.for([
  ['av1-flac', 'hevc-opus', 'av01.', 'Opus'],
  ['vp9-ac3', 'hevc-opus', 'vp09.', 'Opus'],
] as const)('hls.js plays the pictures of %s with the sound of %s', async ([name, sound, video, audio], context) => {
  const { rtmp, index } = await serve({ always: true, segmentDuration: 1_000 })
  await publishFile(rtmp, name, sound)
  await eventually(async () => (await fetch(index)).status).toBe(200)
  const { page: opened } = await watch(context, index, { lowLatencyMode: true })
  await eventually(() => opened.evaluate(clock)).toBeGreaterThan(0)
  const from = await opened.evaluate<number>(clock)
  await eventually(() => opened.evaluate(clock)).toBeGreaterThan(from + 2)
  const codecs = await opened.evaluate<string>('hls.levels[0].attrs.CODECS')
  expect([codecs.startsWith(video), codecs.endsWith(audio)]).toEqual([true, true])
  expect(await opened.evaluate('video.videoWidth')).toBe(64)
  expect(await opened.evaluate('video.webkitDecodedFrameCount')).toBeGreaterThan(20)
  expect(await opened.evaluate('video.webkitAudioDecodedByteCount')).toBeGreaterThan(1_000)
  expect(await opened.evaluate('told')).not.toContainEqual(expect.stringContaining('fatal'))
})

test('hls.js says in a sentence that it can not play HEVC where the browser has no decoder', async context => {
  const { rtmp, index } = await serve({ always: true, segmentDuration: 1_000 })
  await publishFile(rtmp, 'hevc-opus')
  await eventually(async () => (await fetch(index)).status).toBe(200)
  const { page: opened } = await watch(context, index)
  const sentence = /^fatal manifestIncompatibleCodecsError .*hvc1\./
  await eventually(() => opened.evaluate('told')).toContainEqual(expect.stringMatching(sentence))
  console.log(await opened.evaluate('told'))
})
