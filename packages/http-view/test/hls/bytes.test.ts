import type { PlayInfo, Plugin } from '@rtmpipe/session'
import { send } from '@rtmpipe/testing'
import { expect, it, vi } from 'vitest'
import { hls, type HlsOptions } from '../../src/index.ts'
import { stream } from '../support/cut.ts'
import { namesIn } from '../support/hls-viewer.ts'
import { served } from '../support/served.ts'

const whole = stream({ seconds: 5 })

/** A stream with viewers who all come from one address, each with an address of its own by a proxy that is trusted. */
async function live(options: HlsOptions = {}) {
  const plays: PlayInfo[] = []
  const notes: Plugin = { name: 'notes', onPlayStart: play => void plays.push(play) }
  const http = { port: 0, mount: [hls(options)], trustProxy: ['127.0.0.1'] }
  const server = await served(hls(options), { plugins: [notes], http })
  const publisher = await server.test.publish('live/stream')
  /** A viewer's `get`, which adds up what it was sent. */
  const viewer = (address: string) => {
    const got = { bytes: 0 }
    const get = async (path: string, method = 'GET') => {
      const headers = { 'accept-encoding': 'identity', 'x-forwarded-for': address }
      const response = await server.get(`/live/stream/${path}`, { method, headers })
      const body = Buffer.from(await response.arrayBuffer())
      got.bytes += body.length
      return { status: response.status, text: body.toString() }
    }
    return { got, get }
  }
  const begin = async () => {
    await send(
      publisher,
      whole.filter(({ timestamp }) => timestamp < 1_000),
    )
    const first = viewer('203.0.113.1')
    const index = first.get('index.m3u8')
    await vi.waitFor(() => expect(plays).toHaveLength(1))
    await send(
      publisher,
      whole.filter(({ timestamp }) => timestamp >= 1_000),
    )
    return { first, path: pathIn((await index).text) }
  }
  return { server, plays, viewer, begin }
}

const pathIn = (index: string): string => index.split('\n').find(line => line.startsWith('main')) ?? ''
const mediaIn = (playlist: string): string[] => namesIn(playlist).filter(name => /\.(m4s|mp4)$/.test(name))

it('bytes of a viewer are those of its playlists and of its files, which have no token', async () => {
  const { server, plays, viewer, begin } = await live()
  const { first, path } = await begin()
  const names = mediaIn((await first.get(path)).text).slice(0, 4)
  const second = viewer('203.0.113.2')
  const other = pathIn((await second.get('index.m3u8')).text)
  await second.get(other)
  for (const name of names) expect((await first.get(name)).status).toBe(200)
  await second.get(names[0] ?? '')
  await second.get(names[0] ?? '', 'HEAD')
  await first.get(`${path}&_HLS_msn=x`)
  expect(first.got.bytes).toBeGreaterThan(2_000)
  expect(plays.map(({ connection }) => connection.bytesSent)).toEqual([first.got.bytes, second.got.bytes])
  expect(server.test.server.traffic.get('hls')?.sent).toBe(first.got.bytes + second.got.bytes)
  for (const play of plays) play.end()
  await vi.waitFor(() => expect(server.test.server.players.size).toBe(0))
  expect(server.test.server.traffic.get('hls')?.sent).toBe(first.got.bytes + second.got.bytes)
})

it('bytes of files that nobody there has asked a playlist for are those of whoever asked last', async () => {
  const { plays, viewer, begin } = await live()
  const { first, path } = await begin()
  const [name = ''] = mediaIn((await first.get(path)).text)
  const moved = viewer('203.0.113.9')
  await moved.get(name)
  expect(plays[0]?.connection.bytesSent).toBe(first.got.bytes + moved.got.bytes)
})

it('bytes of all viewers behind a caching proxy are those of the one that they are', async () => {
  const { plays, viewer, begin } = await live({ cdn: true })
  const { first, path } = await begin()
  const second = viewer('203.0.113.2')
  const [name = ''] = mediaIn((await second.get(path)).text)
  await second.get(name)
  expect(plays).toHaveLength(1)
  expect(plays[0]?.connection.bytesSent).toBe(first.got.bytes + second.got.bytes)
})
