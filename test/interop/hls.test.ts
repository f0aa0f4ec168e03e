import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { FlvDemuxer } from '@rtmpipe/flv'
import { hls, type HlsOptions } from '@rtmpipe/http-view'
import { connect, createServer, type Listener, MessageType, type Server, tcp } from 'rtmpipe'
import { http } from 'rtmpipe/http'
import { describe, expect, test, type TestContext, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Media, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

/** Seconds of media that are watched live; CI tries it once more for longer. */
const seconds = Number(process.env['SOAK_SECONDS'] ?? 8)
const limit = seconds * 1_000 + 60_000
const recipe = { seconds, size: '320x180', gop: 30, bFrames: 2, noise: true }
/** FFmpeg reads the beginning of fMP4 again after each reload of a live playlist, whoever made it. */
const known = /Found duplicated MOOV Atom. Skipped it|Last message repeated/

interface Serving {
  readonly server: Server
  readonly rtmp: string
  readonly http: string
  readonly port: number
}

async function serve({ onTestFinished }: TestContext, options: HlsOptions = {}): Promise<Serving> {
  const web = http({ port: 0, mount: [hls(options)] })
  const server = createServer({ transports: [tcp({ host: '127.0.0.1', port: 0 })], plugins: [web] })
  onTestFinished(() => server.close())
  const [{ address }] = (await server.listen()) as [Listener]
  const port = web.address?.port ?? 0
  return { server, rtmp: `rtmp://127.0.0.1:${address.port}/live`, http: `http://127.0.0.1:${port}/live`, port }
}

/** FFmpeg publishes as a camera would. */
function publish({ onTestFinished }: TestContext, media: Media, url: string): RunningProgram {
  const args = words`-nostdin -v error -re -i ${media.file} -c copy -f flv ${url}`
  const program = new RunningProgram({ name: 'ffmpeg', file: 'ffmpeg', args, limit })
  onTestFinished(() => program[Symbol.asyncDispose]())
  return program
}

/** What FFmpeg reads, and what it complains of. */
async function read(url: string): Promise<{ video: string[]; audio: string[]; complaints: string[] }> {
  const args = words`-nostdin -v warning -i ${url} -c copy -copyinkf -map 0:v -map 0:a -f framehash -hash md5 pipe:1`
  const { stdout, stderr } = await run('ffmpeg', args, { limit })
  const kinds = new Map(stdout.flatMap(line => pair(/^#media_type (\d+): (\w+)/.exec(line))))
  const packets = stdout.flatMap(line => pair(/^(\d+),.*,\s*([\da-f]{32})$/.exec(line)))
  const of = (kind: string) => packets.flatMap(([track, hash]) => (kinds.get(track) === kind ? [hash] : []))
  const complaints = stderr.filter(line => line.trim() !== '' && !known.test(line))
  return { video: of('video'), audio: of('audio'), complaints }
}

function pair(match: RegExpExecArray | null): [string, string][] {
  return match === null ? [] : [[match[1] ?? '', match[2] ?? '']]
}

async function published(url: string): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(url)).status).toBe(200), { timeout: 20_000, interval: 100 })
}

/** Where a run of packets begins in all of them; fails unless they are one. */
function placeOf(part: readonly string[], all: readonly string[]): number {
  const place = all.indexOf(part[0] ?? '')
  expect(all.slice(place, place + part.length)).toEqual(part)
  return place
}

describe.concurrent('FFmpeg', () => {
  test('reads fMP4 live and after the end, packets bit for bit', { timeout: 2 * limit }, async context => {
    await requireClient(context, 'ffmpeg', 'ffmpeg-2018')
    const media = await makeMedia(recipe)
    const { rtmp, http: url } = await serve(context, { segmentDuration: 1_000 })
    const publisher = publish(context, media, `${rtmp}/stream`)
    const index = `${url}/stream/index.m3u8`
    await published(index)
    const live = await read(index)
    await publisher.exited
    const late = await read(index)
    const hashes = (kind: string) => media.packets.filter(packet => packet.media === kind).map(({ hash }) => hash)
    for (const { video, audio, complaints } of [live, late]) {
      expect(complaints).toEqual([])
      expect(placeOf(video, hashes('video')) + video.length).toBe(hashes('video').length)
      expect(placeOf(audio, hashes('audio')) + audio.length).toBe(hashes('audio').length)
    }
    expect(late.video.length).toBeGreaterThan((seconds - 3) * 30)
  })

  test('reads MPEG-TS live and after the end', async context => {
    await requireClient(context, 'ffmpeg', 'ffmpeg-2018')
    const media = await makeMedia({ ...recipe, seconds: 5 })
    const { rtmp, http: url } = await serve(context, { segmentDuration: 1_000, format: 'ts' })
    const publisher = publish(context, media, `${rtmp}/stream`)
    const index = `${url}/stream/index.m3u8`
    await published(index)
    const live = await read(index)
    await publisher.exited
    const late = await read(index)
    expect([live.complaints, late.complaints]).toEqual([[], []])
    expect(live.video.length).toBeGreaterThan(60)
    expect(late.video.length).toBeGreaterThanOrEqual(live.video.length)
    const { stderr } = await run('ffmpeg', words`-nostdin -v warning -i ${index} -f null -`)
    expect(stderr.filter(Boolean)).toEqual([])
  })

  /** Files of packages/flv/test/fixtures, and what the playlist says of them. */
  test.for([
    ['hevc-opus', 'hevc', 'opus', /CODECS="hvc1\.[\dA-F.]+\.L\d+[\dA-F.]*,Opus"/],
    ['av1-flac', 'av1', 'flac', /CODECS="av01\.0\.\d\dM\.08,fLaC"/],
    ['vp9-ac3', 'vp9', 'ac3', /CODECS="vp09\.0\d\.\d\d\.08,ac-3"/],
    ['vp9-opus51', 'vp9', 'opus', /CODECS="vp09\.0\d\.\d\d\.08,Opus"/],
    ['hevc-hdr-eac3', 'hevc', 'eac3', /CODECS="hvc1\.2\.[\dA-F.]+\.L\d+[\dA-F.]*,ec-3"/],
  ] as const)('reads %s', async ([name, video, audio, codecs], context) => {
    await requireClient(context, 'ffprobe')
    const { index, url } = await ended(context, name)
    expect(index).toMatch(codecs)
    const args = words`-v warning -show_entries stream=codec_name -of default=nw=1:nk=1 ${url}`
    const { stdout, stderr } = await run('ffprobe', args)
    expect(new Set(stdout.filter(Boolean))).toEqual(new Set([video, audio]))
    expect(stderr.filter(line => line !== '' && !known.test(line))).toEqual([])
  })

  test('is offered several tracks', async context => {
    await requireClient(context, 'ffprobe')
    const { index, url } = await ended(context, 'manycodecs')
    expect(index.match(/#EXT-X-MEDIA:TYPE=AUDIO/g)?.length).toBeGreaterThanOrEqual(3)
    expect(index.match(/#EXT-X-STREAM-INF/g)?.length).toBeGreaterThanOrEqual(1)
    const { stdout } = await run(
      'ffprobe',
      words`-v error -show_entries stream=codec_type -of default=nw=1:nk=1 ${url}`,
    )
    expect(stdout.filter(line => line.startsWith('audio')).length).toBeGreaterThanOrEqual(3)
  })
})

/** A recording that is published, watched, and over. */
async function ended(context: TestContext, name: string): Promise<{ index: string; url: string }> {
  const { server, rtmp, http: url } = await serve(context)
  await using client = await connect(rtmp)
  const publisher = await client.publish('stream')
  const file = fileURLToPath(new URL(`../../packages/flv/test/fixtures/${name}.flv`, import.meta.url))
  let bytes = 0
  new FlvDemuxer().push(readFileSync(file), message => {
    publisher.write(message)
    if (message.messageTypeId !== MessageType.DataAmf0) bytes += message.payload.length
  })
  const index = `${url}/stream/index.m3u8`
  await context.expect.poll(async () => (await fetch(index, { method: 'OPTIONS' })).status).toBe(204)
  const stream = server.streams.get('live', 'stream')
  await context.expect.poll(() => stream?.bytes).toBeGreaterThanOrEqual(bytes)
  const answer = fetch(index)
  await context.expect.poll(() => stream?.consumerCount).toBeGreaterThan(0)
  publisher.end()
  const response = await answer
  expect(response.status).toBe(200)
  return { index: await response.text(), url: index }
}

describe('nginx with proxy_cache', () => {
  test('asks once for each part, however many watch', async context => {
    await requireClient(context, 'nginx', 'ffmpeg', 'ffmpeg-2018')
    const media = await makeMedia({ ...recipe, seconds: 12 })
    const { rtmp, port: upstream } = await serve(context, { cdn: true, segmentDuration: 1_000 })
    publish(context, media, `${rtmp}/stream`)
    await using folder = await TemporaryFolder.create()
    const port = await freePort()
    await writeFile(folder.file('nginx.conf'), nginxConfig(folder.path, port, upstream))
    const args = ['-p', folder.path, '-c', folder.file('nginx.conf'), '-e', 'stderr']
    const nginx = new RunningProgram({ name: 'nginx', file: '/usr/sbin/nginx', args, limit: 60_000 })
    context.onTestFinished(async () => {
      // Alone, it takes its workers along.
      nginx.kill('SIGTERM')
      await nginx.exited.catch(() => {})
    })
    await nginx.waitForLine(/start worker process /)
    const base = `http://127.0.0.1:${port}/live/stream`
    await published(`http://127.0.0.1:${upstream}/live/stream/index.m3u8`)
    // Its lock looks every half a second whether what others wait for is there.
    const got = await Promise.all(Array.from({ length: 200 }, () => watchParts(base, 4)))
    expect(got.every(({ parts }) => parts === 4)).toBe(true)
    expect(new Set(got.map(({ path }) => path)).size).toBe(1)
    const lines = readFileSync(folder.file('access.log'), 'utf8').split('\n').filter(Boolean)
    const asked = lines.filter(line => /MISS|EXPIRED|BYPASS/.test(line)).map(line => line.split(' ')[0] ?? '')
    const parts = asked.filter(uri => uri.endsWith('.m4s'))
    expect(parts.length).toBeGreaterThanOrEqual(4)
    expect(new Set(parts).size).toBe(parts.length)
    const reloads = asked.filter(uri => uri.includes('_HLS_msn'))
    expect(new Set(reloads).size).toBe(reloads.length)
  })
})

function nginxConfig(folder: string, port: number, upstream: number): string {
  // Who is not root can not be anybody else anyway.
  const user = process.getuid?.() === 0 ? 'user root;\n' : ''
  return `${user}worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 2000; }
http {
  log_format cache '$request_uri $upstream_cache_status';
  access_log ${folder}/access.log cache;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  proxy_cache_path ${folder}/cache keys_zone=hls:1m max_size=100m;
  upstream rtmpipe { server 127.0.0.1:${upstream}; keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://rtmpipe;
      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_cache hls;
      proxy_cache_lock on;
      proxy_cache_lock_timeout 10s;
      proxy_cache_lock_age 10s;
    }
  }
}
`
}

/** A player that follows the parts. */
async function watchParts(base: string, count: number): Promise<{ parts: number; path: string }> {
  const path = (await text(`${base}/index.m3u8`)).split('\n').find(line => line.startsWith('main')) ?? ''
  let [number, part, parts] = [0, 0, 0]
  const first = await text(`${base}/${path}`)
  number = Number(/MEDIA-SEQUENCE:(\d+)/.exec(first)?.[1]) + (first.match(/#EXTINF/g)?.length ?? 0)
  part = first.slice(first.lastIndexOf('#EXTINF')).match(/#EXT-X-PART:/g)?.length ?? 0
  while (parts < count) {
    const list = await text(`${base}/${path}&_HLS_msn=${number}&_HLS_part=${part}`)
    const names = [...list.matchAll(/#EXT-X-PART:[^\n]*URI="([^"]+)"/g)].map(([, name = '']) => name)
    await text(`${base}/${names.at(-1)}`)
    parts += 1
    number = Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)?.[1]) + (list.match(/#EXTINF/g)?.length ?? 0)
    part = list.slice(list.lastIndexOf('#EXTINF')).match(/#EXT-X-PART:/g)?.length ?? 0
  }
  return { parts, path }
}

async function text(url: string): Promise<string> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  let body = ''
  for await (const piece of response.setEncoding('latin1')) body += String(piece)
  if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode} ${body}`)
  return body
}
