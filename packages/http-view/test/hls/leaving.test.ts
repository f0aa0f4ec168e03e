import { deny, type Plugin } from '@rtmpipe/session'
import { http } from '@rtmpipe/http'
import { send, TestServer } from '@rtmpipe/testing'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { hls } from '../../src/index.ts'
import { stream } from '../support/cut.ts'
import { watch } from '../support/hls-viewer.ts'
import type { Served } from '../support/served.ts'

const whole = stream({ seconds: 5 })
const part = (from: number, to: number) => whole.filter(({ timestamp }) => timestamp >= from && timestamp < to)

afterEach(() => void vi.useRealTimers())

/** A stream with a viewer, looked at by a clock that the test sets. */
async function live(plugins: readonly Plugin[] = []) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  const web = http({ port: 0, mount: [hls()] })
  const test = new TestServer({ plugins: [...plugins, web] })
  onTestFinished(() => test[Symbol.asyncDispose]())
  await test.server.listen()
  const port = web.address?.port ?? 0
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)
  const server: Served = { test, port, get }
  const publisher = await test.publish('live/stream')
  publisher.on('error', () => {})
  await send(publisher, part(0, 1_000))
  const watching = watch(server)
  await vi.waitFor(() => expect(test.server.connections.size).toBe(2))
  await send(publisher, part(1_000, 5_000))
  /** The publisher leaves, and its connection ends. */
  const end = () => {
    for (const connection of test.server.connections) if (connection.transport !== 'hls') connection.end()
  }
  return { server, web, end, viewer: await watching }
}

describe('a server that drains', () => {
  it('lets viewers of HLS watch on and nobody new in, and closes when they have left', async () => {
    const { server, end, viewer } = await live()
    const over = vi.fn()
    const draining = server.test.server.drain().then(over)
    await vi.waitFor(async () => expect((await server.get('/live/stream/index.m3u8')).status).toBe(503))
    expect((await viewer.playlist()).status).toBe(200)
    end()
    await vi.waitFor(async () => expect(await (await viewer.playlist()).text()).toContain('ENDLIST'))
    await vi.waitFor(() => expect(server.test.server.connections.size).toBe(1))
    expect(over).not.toHaveBeenCalled()
    vi.advanceTimersByTime(7_000)
    await draining
    expect(server.test.server.connections.size).toBe(0)
  })

  it('ends those who are still there when its time is over', async () => {
    const { server, viewer } = await live()
    const waiting = viewer.playlist('&_HLS_msn=2').then(
      ({ status }) => status,
      () => 'cut',
    )
    await server.test.server.drain({ timeout: 50 })
    expect([200, 403, 404, 503, 'cut']).toContain(await waiting)
    expect(server.test.server.connections.size).toBe(0)
  })
})

describe('plugins that are replaced', () => {
  it('are asked for viewers of HLS who come after that, and those before watch on', async () => {
    const before: Plugin = { name: 'before', onPlay: vi.fn(), onPlayEnd: vi.fn() }
    const { server, viewer, web } = await live([before])
    const gate: Plugin = { name: 'gate', onPlay: () => deny('NetStream.Play.Failed', 'not for you') }
    await server.test.server.replacePlugins([gate, web])
    expect((await server.get('/live/stream/index.m3u8')).status).toBe(403)
    expect((await viewer.playlist()).status).toBe(200)
    expect(before.onPlay).toHaveBeenCalledOnce()
    vi.advanceTimersByTime(7_000)
    await vi.waitFor(() => expect(before.onPlayEnd).toHaveBeenCalledOnce())
  })

  it('leave no HLS behind: who watches does so to the end, then the port is closed', async () => {
    const { server, viewer, end } = await live()
    await server.test.server.replacePlugins([])
    expect((await viewer.playlist()).status).toBe(200)
    end()
    await vi.waitFor(async () => expect(await (await viewer.playlist()).text()).toContain('ENDLIST'))
    vi.advanceTimersByTime(7_000)
    await vi.waitFor(async () => expect(await viewer.playlist().catch(() => undefined)).toBe(undefined))
    expect(server.test.server.connections.size).toBe(0)
  })
})
