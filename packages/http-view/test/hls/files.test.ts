import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlvMuxer } from '@rtmpipe/flv'
import { vod } from '@rtmpipe/plugins/vod'
import { deny, type Plugin, type RtmpMessage } from '@rtmpipe/session'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { hls, type HlsOptions } from '../../src/index.ts'
import { stream } from '../support/cut.ts'
import { checkedPlaylist } from '../support/hls-rules.ts'
import { namesIn, watch } from '../support/hls-viewer.ts'
import { answerTo, rawSocket } from '../support/raw-answer.ts'
import { served } from '../support/served.ts'

const film = stream({ seconds: 21, gop: 50 })

async function withFile(messages: readonly RtmpMessage[], options: HlsOptions = {}, plugins: readonly Plugin[] = []) {
  const dir = await mkdtemp(join(tmpdir(), 'movies-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const muxer = new FlvMuxer()
  const bytes = Buffer.concat([muxer.header(), ...messages.map(message => muxer.tag(message))])
  await writeFile(join(dir, 'film.flv'), bytes)
  const server = await served(hls(options), { plugins: [...plugins, vod({ dir })] })
  return server
}

/** Sizes and media of the boxes of a segment. */
function mediaOf(segment: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < segment.length; ) {
    const size = segment.readUInt32BE(at)
    if (segment.toString('latin1', at + 4, at + 8) === 'mdat') parts.push(segment.subarray(at + 8, at + size))
    at += size
  }
  return Buffer.concat(parts)
}

describe('a file of vod()', () => {
  it('plays from beginning to end, with all of its media', async () => {
    const server = await withFile(film)
    const viewer = await watch(server, '/vod/film')
    expect(viewer.index).toMatch(/CODECS="avc1\.42C00D,mp4a\.40\.2",RESOLUTION=640x360,FRAME-RATE=25\.000/)
    const text = await (await viewer.playlist()).text()
    checkedPlaylist(text)
    expect(text).toMatch(/#EXT-X-PLAYLIST-TYPE:VOD\n/)
    expect(text).toMatch(/#EXT-X-ENDLIST\n$/)
    const durations = [...text.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds))
    expect(durations.slice(0, -1)).toEqual(Array.from({ length: 10 }, () => 2))
    expect(durations.reduce((sum, one) => sum + one, 0)).toBeCloseTo(21, 0)
    const [init = '', ...names] = namesIn(text)
    const head = Buffer.from(await (await viewer.file(init)).arrayBuffer())
    expect(head.toString('latin1', 4, 8)).toBe('ftyp')
    let bytes = 0
    // In any order, and together.
    for (const name of names.toReversed()) {
      const file = await viewer.file(name)
      expect([name, file.status]).toEqual([name, 200])
      bytes += mediaOf(Buffer.from(await file.arrayBuffer())).length
    }
    const frames = film.filter(({ messageTypeId, payload }) => messageTypeId !== 18 && payload[1] === 1)
    const sent = frames.map(({ messageTypeId, payload }) => payload.length - (messageTypeId === 9 ? 5 : 2))
    expect(bytes).toBe(sent.reduce((sum, one) => sum + one, 0))
    const all = await Promise.all(names.map(async name => (await viewer.file(name)).status))
    expect(new Set(all)).toEqual(new Set([200]))
  })

  it('is shown to one viewer as to all, who are counted and can be sent away', async () => {
    const server = await withFile(film)
    const [one, two] = [await watch(server, '/vod/film'), await watch(server, '/vod/film.flv')]
    const [first, second] = [await (await one.playlist()).text(), await (await two.playlist()).text()]
    expect(second).toBe(first)
    const plays = [...server.test.server.players]
    expect(plays.map(({ connection }) => connection.transport)).toEqual(['hls', 'hls'])
    expect(plays[0]?.connection.bytesSent).toBeGreaterThan(300)
    plays[0]?.end()
    expect([(await one.playlist()).status, (await two.playlist()).status]).toEqual([403, 200])
  })

  it('is behind the gates of players', async () => {
    const gate: Plugin = {
      name: 'gate',
      onPlay: ({ query }) =>
        query.get('key') === 'right' ? undefined : deny('NetStream.Play.Failed', 'not for you', { httpStatus: 401 }),
    }
    const server = await withFile(film, {}, [gate])
    expect((await server.get('/vod/film/index.m3u8')).status).toBe(401)
    expect((await server.get('/vod/film/index.m3u8?key=right')).status).toBe(200)
    expect((await server.get('/vod/none/index.m3u8?key=right')).status).toBe(404)
    expect((await server.get('/vod/..%2ffilm/index.m3u8?key=right')).status).toBe(404)
  })

  it('may be sound alone, and MPEG-TS', async () => {
    const server = await withFile(stream({ seconds: 10, hasPictures: false }), { format: 'ts' })
    const viewer = await watch(server, '/vod/film')
    const text = await (await viewer.playlist()).text()
    checkedPlaylist(text)
    for (const name of namesIn(text)) {
      const bytes = Buffer.from(await (await viewer.file(name)).arrayBuffer())
      expect([bytes.length % 188, bytes[0]]).toEqual([0, 0x47])
    }
    const [name = ''] = namesIn(text)
    for (const wrong of ['.99.', '.-1.', '.01.', '.1e0.', '.0.0.'])
      expect((await viewer.file(name.replace('.0.', wrong))).status).toBe(404)
  })

  it('has one segment at a time for a connection', async () => {
    const server = await withFile(film)
    const viewer = await watch(server, '/vod/film')
    const [, ...names] = namesIn(await (await viewer.playlist()).text())
    for (const name of names.slice(0, 2)) expect((await viewer.file(name)).status).toBe(200)
    const socket = await rawSocket(server.port)
    const [one, two] = names.map(name => `GET /vod/film/${name} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const text = await answerTo(socket, `${one}${two}`, /one file at a time/)
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 429'])
  })

  it('is watched by who asks for its segments, though for no playlist any more', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const server = await withFile(film)
    const viewer = await watch(server, '/vod/film')
    const [, ...names] = namesIn(await (await viewer.playlist()).text())
    for (const name of names.slice(0, 6)) {
      vi.advanceTimersByTime(4_000)
      expect((await viewer.file(name)).status).toBe(200)
    }
    expect(server.test.server.players.size).toBe(1)
    const [play] = server.test.server.players
    play?.end()
    expect((await viewer.playlist()).status).toBe(403)
  })

  it('is one of several folders', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'movies-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const server = await withFile(film, {}, [vod({ dir, app: 'other' })])
    expect((await server.get('/vod/film/index.m3u8')).status).toBe(200)
    expect((await server.get('/other/film/index.m3u8')).status).toBe(404)
  })

  it('is closed when nobody watches it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const server = await withFile(film)
    const viewer = await watch(server, '/vod/film')
    const [, name = ''] = namesIn(await (await viewer.playlist()).text())
    expect((await viewer.file(name)).status).toBe(200)
    vi.advanceTimersByTime(7_000)
    await vi.waitFor(() => expect(server.test.server.players.size).toBe(0))
    // Who has paused goes on.
    expect((await viewer.file(name)).status).toBe(200)
    vi.advanceTimersByTime(3_700_000)
    await vi.waitFor(async () => expect((await viewer.file(name)).status).toBe(404))
  })
})
