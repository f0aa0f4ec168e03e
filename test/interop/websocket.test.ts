import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playWithFfmpeg } from '../support/clients/ffmpeg.ts'
import { playWithRtmpipeCommand, publishWithRtmpipeCommand } from '../support/clients/rtmpipe.ts'
import { liveRecipe, type Media, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { Proxy } from '../support/proxy.ts'
import { expectRelayed } from '../support/relayed.ts'
import { ServerProcess } from '../support/server-process.ts'

let server: ServerProcess
let media: Media

beforeAll(async () => {
  media = await makeMedia(liveRecipe)
  server = await ServerProcess.start()
})
afterAll(() => server?.stop())

const ways = [
  { from: 'rtmp', to: 'ws' },
  { from: 'ws', to: 'rtmp' },
  { from: 'ws', to: 'wss' },
  { from: 'wss', to: 'ws' },
] as const

/** Our client publishes at one place and plays at another; what comes is what was sent. */
async function expectExact(from: string, to: string, name: string): Promise<void> {
  await using player = await playWithRtmpipeCommand(`${to}/live/${name}`)
  // The player says nothing before there is something to play.
  await server.program.waitForLine(new RegExp(`"stream":"${name}".*"msg":"play started"`))
  await using publisher = publishWithRtmpipeCommand(media.file, `${from}/live/${name}`)
  await publisher.finish()
  expectRelayed(await player.finish(), media, { fromStart: true })
}

describe.concurrent('our client', () => {
  test.for(ways)('publishes over $from and plays over $to', async ({ from, to }, context) => {
    await requireClient(context, 'ffmpeg')
    await expectExact(server.urls[from], server.urls[to], `${from}-${to}`)
  })

  test('publishes over WebSocket what ffmpeg plays', async context => {
    await requireClient(context, 'ffmpeg')
    await using player = playWithFfmpeg('ffmpeg', `${server.urls.rtmp}/live/to-ffmpeg`)
    await player.playing()
    await using publisher = publishWithRtmpipeCommand(media.file, `${server.urls.ws}/live/to-ffmpeg`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })
})

describe('behind nginx', () => {
  test('our client publishes and plays over ws and wss', async context => {
    await requireClient(context, 'ffmpeg', 'nginx')
    await using proxy = await Proxy.start('nginx', Number(new URL(server.urls.rtmpt).port))
    const [ws, wss] = [`ws://${proxy.http}`, `wss://${proxy.https}`]
    await Promise.all([expectExact(ws, wss, 'by-nginx'), expectExact(wss, ws, 'by-nginx-2')])
  })

  test('a page of the same host is let in, and one of another is not', async context => {
    await requireClient(context, 'nginx')
    await using proxy = await Proxy.start('nginx', Number(new URL(server.urls.rtmpt).port))
    const status = async (origin: string) => {
      const { request } = await import('node:http')
      const [host, port] = proxy.http.split(':')
      return new Promise<number | undefined>((resolve, reject) => {
        const asked = request({
          host,
          port,
          path: '/live',
          headers: {
            Host: proxy.http,
            Origin: origin,
            Connection: 'Upgrade',
            Upgrade: 'websocket',
            'Sec-WebSocket-Version': '13',
            'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
            'Sec-WebSocket-Protocol': 'rtmp',
          },
        })
        asked.once('error', reject).once('response', ({ statusCode }) => resolve(statusCode))
        asked.once('upgrade', ({ statusCode }, socket) => {
          socket.destroy()
          resolve(statusCode)
        })
        asked.end()
      })
    }
    expect(await status(`http://${proxy.http}`)).toBe(101)
    expect(await status('https://evil.example')).toBe(403)
  })
})
