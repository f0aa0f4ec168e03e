import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { connect as http2, type IncomingHttpHeaders } from 'node:http2'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { playWithFfmpeg, publishWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, type Media, makeMedia } from '../support/media.ts'
import { packetsOf } from '../support/packets.ts'
import { requireClient } from '../support/programs.ts'
import { Proxy } from '../support/proxy.ts'
import { expectRelayed } from '../support/relayed.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

/** Seconds that a live stream is read for; CI tries it once more for longer. */
const live = Number(process.env['SOAK_SECONDS'] ?? 5)
const limit = live * 1_000 + 25_000

let server: ServerProcess
let media: Media
let folder: TemporaryFolder

beforeAll(async () => {
  folder = await TemporaryFolder.create()
  media = await makeMedia(liveRecipe)
  await copyFile(media.file, folder.file('movie.flv'))
  server = await ServerProcess.start({ args: words`--http-flv --vod ${folder.path}` })
})
afterAll(async () => {
  await server?.stop()
  await folder?.[Symbol.asyncDispose]()
})

/** The HTTP port, without a path. */
const httpOf = ({ urls }: ServerProcess) => urls.rtmpt.replace(/^rtmpt/, 'http')

/** FFmpeg reads a stream over HTTP, without a word, while it is published from its beginning on. */
async function expectExact(at: ServerProcess, from: string, name: string): Promise<void> {
  await using player = playWithFfmpeg('ffmpeg', `${from}/live/${name}.flv`)
  await at.program.waitForLine(new RegExp(`"stream":"${name}".*"msg":"play started"`))
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${at.urls.rtmp}/live/${name}`)
  await publisher.finish()
  expectRelayed(await player.finish(), media, { fromStart: true })
}

describe.concurrent('ffmpeg reads over HTTP what was published, bit for bit', () => {
  test('from the server', async context => {
    await requireClient(context, 'ffmpeg')
    await expectExact(server, httpOf(server), 'flv')
  })

  test('over HTTPS', async context => {
    await requireClient(context, 'ffmpeg')
    await expectExact(server, server.urls.rtmpts.replace(/^rtmpts/, 'https'), 'flv-tls')
  })

  test('through nginx, and by HTTP/2 too', async context => {
    await requireClient(context, 'ffmpeg', 'nginx')
    await using proxy = await Proxy.start('nginx', Number(new URL(httpOf(server)).port))
    await expectExact(server, `http://${proxy.http}`, 'flv-nginx')
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${server.urls.rtmp}/live/flv-h2`)
    await publisher.published(1)
    const file = folder.file('h2.flv')
    const session = http2(`https://${proxy.https}`, { rejectUnauthorized: false })
    const request = session.request({ ':path': '/live/flv-h2.flv' })
    const [head] = (await once(request, 'response')) as [IncomingHttpHeaders]
    expect(head[':status']).toBe(200)
    await pipeline(request, createWriteStream(file))
    session.close()
    expectRelayed(await packetsOf(file), media, { fromStart: false })
  })

  test('at any of several workers', async context => {
    await requireClient(context, 'ffmpeg')
    await using several = await ServerProcess.start({ args: words`--http-flv --workers 2` })
    // Connections are spread over them, and so are publishers.
    await Promise.all(['one', 'two', 'three'].map(name => expectExact(several, httpOf(several), name)))
    await several.stop()
  })

  test('of a file', async context => {
    await requireClient(context, 'ffmpeg')
    await using player = playWithFfmpeg('ffmpeg', `${httpOf(server)}/vod/movie.flv`)
    expectRelayed(await player.finish(), media, { fromStart: true })
  })

  test('at one port for all', async context => {
    await requireClient(context, 'ffmpeg')
    await using one = await ServerProcess.start({ args: words`--http-flv`, onePort: true })
    await expectExact(one, httpOf(one), 'flv-port')
    await one.stop()
  })
})

test.concurrent('a WebSocket has the same', async context => {
  await requireClient(context, 'ffmpeg')
  const file = folder.file('web-socket.flv')
  const socket = new WebSocket(`${server.urls.ws}/live/ws-flv.flv`)
  const out = createWriteStream(file)
  socket.on('message', data => void out.write(data as Buffer))
  await server.program.waitForLine(/"stream":"ws-flv".*"msg":"play started"/)
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${server.urls.rtmp}/live/ws-flv`)
  await publisher.finish()
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
  out.end()
  await once(out, 'finish')
  expectRelayed(await packetsOf(file), media, { fromStart: true })
})

test.concurrent('ffprobe and ffmpeg say nothing, live and after the end', { timeout: 2 * limit }, async context => {
  await requireClient(context, 'ffmpeg', 'ffprobe')
  const loop = words`-nostdin -v error -re -stream_loop -1 -i ${media.file} -t ${live + 6} -c copy -f flv`
  await using publisher = new RunningProgram({
    name: 'ffmpeg in a loop',
    file: 'ffmpeg',
    args: words`${loop} ${server.urls.rtmp}/live/loop`,
    limit,
  })
  await server.program.waitForLine(/"stream":"loop".*"msg":"publish started"/)
  const url = `${httpOf(server)}/live/loop.flv`
  const file = folder.file('live.flv')
  const [probed, saved, decoded] = await Promise.all([
    run('ffprobe', words`-v warning -show_entries stream=codec_name,width,height -of csv=p=0 ${url}`),
    run('ffmpeg', words`-nostdin -v warning -i ${url} -t ${live} -c copy -y ${file}`, { limit }),
    run('ffmpeg', words`-nostdin -v warning -i ${url} -f null -`, { limit }),
    publisher.finish(),
  ])
  expect([probed.stdout.toSorted(), probed.stderr]).toEqual([['aac', 'h264,320,180'], []])
  expect([saved.stderr, decoded.stderr]).toEqual([[], []])
  expect((await run('ffprobe', words`-v warning -show_packets -of csv=p=0 ${file}`)).stderr).toEqual([])
})
