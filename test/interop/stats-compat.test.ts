import { once } from 'node:events'
import { createServer, type Listener, type Server, tcp } from 'rtmpipe'
import { http, statsCompat } from 'rtmpipe/http'
import { expect, test, type TestContext } from 'vitest'
import { at, type Element, namesIn, parseXml } from '../../packages/http/test/compat/parse-xml.ts'
import { playWithFfmpeg, publishWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { startNginxRtmp } from '../support/nginx-rtmp.ts'
import { requireClient } from '../support/programs.ts'
import { ServerProcess } from '../support/server-process.ts'

const token = 'of-the-test'
const headers = { authorization: `Basic ${Buffer.from(`any:${token}`).toString('base64')}` }

/** A server of ours: where it takes streams, and what it answers scripts. */
async function listen(): Promise<{ server: Server; url: string; web: string }> {
  const web = http({ port: 0, token, mount: [statsCompat()] })
  const server = createServer({ transports: [tcp({ port: 0 })], plugins: [web] })
  const [{ address }] = (await server.listen()) as [Listener]
  return { server, url: `rtmp://127.0.0.1:${address.port}`, web: `http://127.0.0.1:${web.address?.port}` }
}

/** What scripts are told while ffmpeg publishes and another one plays. */
async function whileOneWatches<T>(context: TestContext, url: string, look: () => Promise<T>): Promise<T> {
  await requireClient(context, 'ffmpeg')
  // Longer than a busy machine takes to look.
  const media = await makeMedia({ ...liveRecipe, seconds: 30 })
  await using player = playWithFfmpeg('ffmpeg', `${url}/live/cam`)
  await player.playing()
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${url}/live/cam`)
  await publisher.published(2)
  return await look()
}

async function statOf(url: string): Promise<Element> {
  const response = await fetch(url, { headers })
  expect(response.status).toBe(200)
  return parseXml(await response.text())
}

/** Every path of names, each once, in the order in which they come. */
function shapeOf(element: Element, path = ''): string[] {
  const paths = element.children.flatMap(child => {
    const own = `${path}/${child.name}`
    return [own, ...shapeOf(child, own)]
  })
  return [...new Set(paths)]
}

test.concurrent('/stat has the elements of nginx-rtmp, in its order', async context => {
  await using nginx = await startNginxRtmp(context)
  const { server, url, web } = await listen()
  await using _ = server
  const theirs = shapeOf(await whileOneWatches(context, nginx.url, () => statOf(nginx.statUrl)))
  const ours = shapeOf(await whileOneWatches(context, url, () => statOf(`${web}/stat`)))
  expect(theirs).toContain('/server/application/live/stream/meta/video/frame_rate')
  // Whose compiler it was, and what only a build for debugging tells.
  const wanted = theirs.filter(path => !/\/(compiler|pool)\b/.test(path))
  expect(ours).toEqual(wanted)
})

test.concurrent('NOALBS finds its stream, in the words of each server', async context => {
  const { server, url, web } = await listen()
  await using _ = server
  await whileOneWatches(context, url, async () => {
    const application = at(await statOf(`${web}/stat`), 'server', 'application')
    const stream = at(application, 'live', 'stream')
    expect([at(application, 'name')?.text, at(stream, 'name')?.text]).toEqual(['live', 'cam'])
    expect(Number(at(stream, 'bw_video')?.text)).toBeGreaterThan(0)
    expect(namesIn(stream)).toContain('active')
    expect(['width', 'height', 'codec'].map(name => at(stream, 'meta', 'video', name)?.text)).toEqual([
      '320',
      '180',
      'H264',
    ])
    const json = async (path: string) =>
      (await (await fetch(`${web}${path}`, { headers })).json()) as {
        readonly bytesReceived: number
        readonly streams: readonly object[]
      }
    expect(await json('/v3/paths/get/live/cam')).toMatchObject({ name: 'live/cam', source: { type: 'rtmpConn' } })
    expect((await json('/v3/paths/get/live/cam')).bytesReceived).toBeGreaterThan(0)
    expect(await json('/nms/api/streams/live/cam')).toMatchObject({ isLive: true, viewers: 1 })
    expect((await json('/srs/api/v1/streams/')).streams[0]).toMatchObject({ name: 'cam', clients: 2 })
  })
})

test.concurrent('/control/drop ends a player, and its encoder goes on', async context => {
  const { server, url, web } = await listen()
  await using _ = server
  await whileOneWatches(context, url, async () => {
    const [play] = server.players
    const gone = once(play?.connection.signal as AbortSignal, 'abort')
    const dropped = await fetch(`${web}/control/drop/subscriber?app=live&name=cam`, { headers })
    expect([dropped.status, await dropped.text()]).toEqual([200, '1'])
    await gone
    expect(server.players.size).toBe(0)
    expect(server.streams.get('live', 'cam')?.isPublishing).toBe(true)
  })
})

test.concurrent.each([
  ['true', 200],
  ['false', 404],
])('the command answers scripts with RTMPIPE_STATS_COMPAT=%s: %i', async (RTMPIPE_STATS_COMPAT, status) => {
  await using rtmpipe = await ServerProcess.start({ env: { RTMPIPE_STATS_COMPAT, RTMPIPE_VIEW_TOKEN: token } })
  const web = rtmpipe.urls.rtmpt.replace('rtmpt', 'http')
  expect((await fetch(`${web}/stat`, { headers })).status).toBe(status)
  expect((await fetch(`${web}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
})
