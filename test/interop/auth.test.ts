import {
  authmod,
  type AuthmodMethod,
  httpCallback,
  jwtAuth,
  publishKeys,
  signedUrls,
  signUrl,
} from '@rtmpipe/plugins/auth'
import { quotas } from '@rtmpipe/plugins/quotas'
import { take } from '@rtmpipe/testing'
import { SignJWT } from 'jose'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Listener, type Logger, type Plugin, silentLogger, tcp } from 'rtmpipe'
import { expect, test } from 'vitest'
import {
  type FfmpegName,
  playWithFfmpeg,
  playWithGstreamer,
  playWithRtmpdump,
  publishWithFfmpeg,
  publishWithGstreamer,
} from '../support/clients.ts'
import { liveRecipe, makeMedia, tinyRecipe } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { ServerProcess } from '../support/server-process.ts'

const ffmpegs: readonly FfmpegName[] = ['ffmpeg-2018', 'ffmpeg']

interface Guarded extends AsyncDisposable {
  /** Without a scheme: `127.0.0.1:4711`. */
  readonly host: string
  readonly started: readonly string[]
}

/** A server behind plugins, which writes down what was published. */
async function guarded(plugins: readonly Plugin[], log: Logger = silentLogger): Promise<Guarded> {
  const started: string[] = []
  const told: Plugin = { name: 'told', onPublishStart: ({ streamName }) => void started.push(streamName) }
  const server = createServer({ transports: [tcp({ port: 0 })], plugins: [...plugins, told], log })
  const [{ address }] = (await server.listen()) as [Listener]
  return { host: `127.0.0.1:${address.port}`, started, [Symbol.asyncDispose]: () => server.close() }
}

test.concurrent.for(ffmpegs)('%s needs the key of serve --publish-key, which no log shows', async (name, context) => {
  await requireClient(context, name)
  const media = await makeMedia(tinyRecipe)
  await using server = await ServerProcess.start({
    args: ['--publish-key', 'f1rst', '--publish-key', 's3cond', '--log-level', 'debug'],
  })
  const url = `${server.urls.rtmp}/live`
  for (const [query, reason] of [
    ['?key=s3cre', 'wrong key'],
    ['', 'a key is needed: name?key=…'],
  ] as const) {
    await using refused = publishWithFfmpeg(name, media.file, `${url}/stream${query}`)
    const { code, stderr } = await refused.program.exited
    expect(code).toBe(1)
    expect(stderr.join('\n')).toContain(reason)
  }
  for (const key of ['f1rst', 's3cond']) {
    await using allowed = publishWithFfmpeg(name, media.file, `${url}/stream?key=${key}`)
    await allowed.finish()
  }
  server.program.kill('SIGTERM')
  const { stdout, stderr } = await server.program.finish()
  const log = [...stdout, ...stderr]
  expect(log.filter(line => line.includes('stream?key=KEY'))).toHaveLength(1)
  expect(log.filter(line => line.includes('"publish refused"'))).toHaveLength(2)
  expect(log.filter(line => /f1rst|s3c/.test(line))).toEqual([])
})

test.concurrent.for(ffmpegs)('%s publishes by a signed URL until it expires', async (name, context) => {
  await requireClient(context, name)
  const media = await makeMedia(tinyRecipe)
  await using server = await guarded([signedUrls({ keys: { a: 'k' } })])
  const sign = (stream: string, minutes: number) =>
    signUrl(`rtmp://${server.host}/live/${stream}`, {
      key: 'k',
      keyId: 'a',
      action: 'publish',
      ip: '127.0.0.1',
      expires: new Date(Date.now() + minutes * 60_000),
    })
  await using late = publishWithFfmpeg(name, media.file, sign('late', -1))
  const { code, stderr } = await late.program.exited
  expect(code).not.toBe(0)
  expect(stderr.join('\n')).toContain('this URL has expired')
  await using allowed = publishWithFfmpeg(name, media.file, sign('allowed', 1))
  await allowed.finish()
  expect(server.started).toEqual(['allowed'])
})

test.concurrent.for(ffmpegs.flatMap(name => (['adobe', 'llnw'] as const).map(method => [name, method] as const)))(
  '%s logs in by authmod=%s',
  async ([name, method]: readonly [FfmpegName, AuthmodMethod], context) => {
    await requireClient(context, name)
    const media = await makeMedia(tinyRecipe)
    await using server = await guarded([authmod({ users: { studio: 's3cret' }, method })])
    await using wrong = publishWithFfmpeg(name, media.file, `rtmp://studio:wrong@${server.host}/live/wrong`)
    const exit = await wrong.program.exited
    expect(exit.code).not.toBe(0)
    expect(exit.stderr.join('\n')).toContain('Incorrect username/password')
    for (const app of ['live', 'live/room']) {
      await using right = publishWithFfmpeg(name, media.file, `rtmp://studio:s3cret@${server.host}/${app}/right`)
      await right.finish()
    }
    expect(server.started).toEqual(['right', 'right'])
  },
)

// FFmpeg hashes name and password as they stand in the URL.
test.concurrent.for(
  ffmpegs.flatMap(name =>
    (['adobe', 'llnw'] as const).flatMap(method =>
      ['a%40b:p@s:s%2Fw', 'a%40b:p%40s%3As%2Fw', 'a%40b:p%40s%3as%2fw'].map(login => [name, method, login] as const),
    ),
  ),
)(
  '%s logs in by authmod=%s as %s',
  async ([name, method, login]: readonly [FfmpegName, AuthmodMethod, string], context) => {
    await requireClient(context, name)
    const media = await makeMedia(tinyRecipe)
    await using server = await guarded([authmod({ users: { 'a@b': 'p@s:s/w' }, method })])
    await using publisher = publishWithFfmpeg(name, media.file, `rtmp://${login}@${server.host}/live/right`)
    await publisher.finish()
    expect(server.started).toEqual(['right'])
  },
)

test.concurrent('GStreamer logs in by authmod=adobe', async context => {
  await requireClient(context, 'gstreamer')
  const media = await makeMedia(tinyRecipe)
  await using server = await guarded([authmod({ users: { 'a@b': 's3 cret' } })])
  await using wrong = publishWithGstreamer(media.file, `rtmp://a%40b:wrong@${server.host}/live/wrong`)
  expect((await wrong.program.exited).code).not.toBe(0)
  await using right = publishWithGstreamer(media.file, `rtmp://a%40b:s3%20cret@${server.host}/live/right`)
  await right.finish()
  expect(server.started).toEqual(['right'])
})

test.concurrent.for(['adobe', 'llnw'] as const)(
  'ffmpeg and rtmpipe play after a login by authmod=%s',
  async (method, context) => {
    await requireClient(context, 'ffmpeg')
    const media = await makeMedia(tinyRecipe)
    await using server = await guarded([authmod({ users: { studio: 's3cret' }, method })])
    const url = `rtmp://studio:s3cret@${server.host}/live`
    await using stranger = playWithFfmpeg('ffmpeg', `rtmp://${server.host}/live/stream`)
    expect((await stranger.program.exited).code).not.toBe(0)
    await using ffmpeg = playWithFfmpeg('ffmpeg', `${url}/stream`)
    await using client = await connect(url)
    const ours = await client.play('stream')
    await ffmpeg.playing()
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${url}/stream`)
    expect(await take(ours, 3)).toHaveLength(3)
    ours.resume()
    await publisher.finish()
    expect((await ffmpeg.finish()).packets.length).toBeGreaterThan(0)
  },
)

test.concurrent('players need not log in where only publishers must', async context => {
  await requireClient(context, 'ffmpeg', 'gstreamer', 'rtmpdump')
  const media = await makeMedia(tinyRecipe)
  await using server = await guarded([authmod({ users: { studio: 's3cret' }, actions: ['publish'] })])
  const path = `${server.host}/live/stream`
  await using gstreamer = await playWithGstreamer(`rtmp://${path}`)
  await using rtmpdump = await playWithRtmpdump(`rtmp://${path}`)
  await using ffmpeg = playWithFfmpeg('ffmpeg', `rtmp://${path}`)
  const players = [gstreamer, rtmpdump, ffmpeg]
  await Promise.all(players.map(player => player.playing()))
  for (const publish of [publishWithFfmpeg.bind(undefined, 'ffmpeg'), publishWithGstreamer]) {
    await using stranger = publish(media.file, `rtmp://${path}`)
    expect((await stranger.program.exited).code).not.toBe(0)
  }
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://studio:s3cret@${path}`)
  await publisher.finish()
  for (const player of players) expect((await player.finish()).packets.length).toBeGreaterThan(0)
  expect(server.started).toEqual(['stream'])
})

test.concurrent('GStreamer and rtmpdump play with a token, and are refused without', async context => {
  await requireClient(context, 'ffmpeg', 'gstreamer', 'rtmpdump')
  const media = await makeMedia(tinyRecipe)
  const secret = 'a secret of at least thirty-two bytes'
  const token = await new SignJWT({ rtmp: { play: 'live/*' } })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))
  const key = publishKeys({ keys: ['k'] })
  await using server = await guarded([key, jwtAuth({ key: { secret }, actions: ['play'] })])
  const url = `rtmp://${server.host}/live/stream`

  await using without = await playWithRtmpdump(url)
  expect((await without.program.exited).code).not.toBe(0)
  await using one = await playWithGstreamer(`${url}?token=${token}`)
  await using other = await playWithRtmpdump(`${url}?token=${token}`)
  await Promise.all([one.playing(), other.playing()])
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${url}?key=k`)
  await publisher.finish()
  for (const player of [one, other]) expect((await player.finish()).packets.length).toBeGreaterThan(0)
})

test.concurrent.for(ffmpegs)(
  '%s is let in and renamed by a web server that nginx-rtmp would ask',
  async (name, context) => {
    await requireClient(context, name)
    const media = await makeMedia(tinyRecipe)
    const bodies: string[] = []
    const web = createHttpServer((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        bodies.push(body)
        const isKnown = new URLSearchParams(body).get('token') === 'abc'
        response.writeHead(isKnown ? 302 : 403, { location: 'inner' }).end()
      })
    })
    await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
    const { port } = web.address() as AddressInfo
    try {
      const callback = httpCallback({ url: { publish: `http://127.0.0.1:${port}/on_publish` }, format: 'nginx-rtmp' })
      await using server = await guarded([callback])
      const url = `rtmp://${server.host}/live`
      await using refused = publishWithFfmpeg(name, media.file, `${url}/cam?token=other`)
      const { code, stderr } = await refused.program.exited
      expect(code).not.toBe(0)
      expect(stderr.join('\n')).toContain('not allowed')
      await using allowed = publishWithFfmpeg(name, media.file, `${url}/cam?token=abc&x=1`)
      await allowed.finish()
      expect(server.started).toEqual(['inner'])
      expect(bodies[1]).toMatch(
        /^app=live&flashver=.{1,40}&swfurl=&tcurl=rtmp:\/\/127\.0\.0\.1:\d+\/live&pageurl=&addr=/,
      )
      expect(bodies[1]).toMatch(/&addr=127\.0\.0\.1&clientid=2&call=publish&name=cam&type=live&token=abc&x=1$/)
    } finally {
      web.closeAllConnections()
      web.close()
    }
  },
)

test.concurrent('ffmpeg is told which quota it is over', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  const bitrate = { bitsPerSecond: 50_000, window: 500 }
  await using server = await guarded([quotas({ bitrate, viewersPerStream: 0, streamsPerKey: 1 })])
  const url = `rtmp://${server.host}/live`
  await using loud = publishWithFfmpeg('ffmpeg', media.file, `${url}/loud`)
  await using viewer = playWithFfmpeg('ffmpeg', `${url}/stream`)
  await using client = await connect(url)
  await client.publish('first?key=k')
  await using second = publishWithFfmpeg('ffmpeg', media.file, `${url}/second?key=k`)
  for (const [{ program }, reason] of [
    [loud, 'more than 50000 bits per second'],
    [viewer, '0 viewers watch this stream already'],
    [second, '1 streams are published with this key already'],
  ] as const) {
    const { code, stderr } = await program.exited
    expect(code).not.toBe(0)
    expect(stderr.join('\n')).toContain(reason)
  }
})

test.concurrent('ffmpeg publishes as long as a web server lets it', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  const paths: string[] = []
  const web = createHttpServer((request, response) => {
    paths.push(request.url ?? '')
    response.writeHead(paths.length < 3 ? 200 : 403).end()
  })
  await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
  const { port } = web.address() as AddressInfo
  try {
    const update = { url: `http://127.0.0.1:${port}/on_update`, interval: 300 }
    const callback = httpCallback({ url: {}, format: 'nginx-rtmp', method: 'GET', update })
    await using server = await guarded([callback])
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://${server.host}/live/cam?token=abc`)
    const { code, stderr } = await publisher.program.exited
    expect(code).not.toBe(0)
    expect(stderr.join('\n')).toContain('not allowed any more')
    expect(paths).toHaveLength(3)
    expect(paths[2]).toMatch(/&call=update_publish&time=\d+&timestamp=[1-9]\d*&name=cam&token=abc$/)
  } finally {
    web.closeAllConnections()
    web.close()
  }
})
