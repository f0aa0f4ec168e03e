import { writeFile } from 'node:fs/promises'
import { hls, httpFlv } from '@rtmpipe/http-view'
import { createServer, type Listener, tcp } from 'rtmpipe'
import { http } from 'rtmpipe/http'
import { expect, test, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

test('Caddy passes on HLS and HTTP-FLV as they come', async context => {
  await requireClient(context, 'caddy', 'ffmpeg')
  const media = await makeMedia({ seconds: 8, size: '320x180', gop: 30, bFrames: 2, noise: true })
  const web = http({ port: 0, mount: [hls({ segmentDuration: 1_000 }), httpFlv()], trustProxy: ['127.0.0.1'] })
  const server = createServer({ transports: [tcp({ host: '127.0.0.1', port: 0 })], plugins: [web] })
  context.onTestFinished(() => server.close())
  const [{ address }] = (await server.listen()) as [Listener]
  await using folder = await TemporaryFolder.create()
  const port = await freePort()
  const config = `{\n  admin off\n  auto_https off\n}\nhttp://127.0.0.1:${port} {\n  reverse_proxy 127.0.0.1:${web.address?.port}\n}\n`
  await writeFile(folder.file('Caddyfile'), config)
  const args = ['run', '--adapter', 'caddyfile', '--config', folder.file('Caddyfile')]
  const env = { HOME: folder.path, XDG_CONFIG_HOME: folder.path, XDG_DATA_HOME: folder.path }
  const caddy = new RunningProgram({ name: 'caddy', file: 'caddy', args, env, limit: 60_000 })
  context.onTestFinished(() => caddy[Symbol.asyncDispose]())
  const publishing = words`-nostdin -v error -re -i ${media.file} -c copy -f flv rtmp://127.0.0.1:${address.port}/live/stream`
  const publisher = new RunningProgram({ name: 'ffmpeg', file: 'ffmpeg', args: publishing, limit: 60_000 })
  context.onTestFinished(() => publisher[Symbol.asyncDispose]())
  const base = `http://127.0.0.1:${port}/live/stream`
  await vi.waitFor(async () => expect((await fetch(`${base}/index.m3u8`)).status).toBe(200), {
    timeout: 20_000,
    interval: 200,
  })
  const hashes = async (url: string): Promise<string[]> => {
    const reading = words`-nostdin -v error -i ${url} -c copy -map 0:v -f framehash -hash md5 pipe:1`
    const { stdout } = await run('ffmpeg', reading, { limit: 60_000 })
    return stdout.filter(line => line.startsWith('0,')).map(line => line.split(',').at(-1)?.trim() ?? '')
  }
  const all = media.packets.filter(packet => packet.media === 'video').map(({ hash }) => hash)
  for (const got of await Promise.all([hashes(`${base}/index.m3u8`), hashes(`${base}.flv`)])) {
    expect(got.length).toBeGreaterThan(60)
    // Also the end of the stream comes through, and every picture before it.
    expect(got).toEqual(all.slice(-got.length))
  }
})
