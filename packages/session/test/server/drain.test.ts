import { PassThrough } from 'node:stream'
import { samples, send, settled, take } from '@rtmpipe/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Plugin } from '../../src/contract/plugin.ts'
import type { ServerView } from '../../src/contract/server-view.ts'
import { RtmpServer } from '../../src/server/rtmp-server.ts'
import { ByteServer } from '../support/byte-server.ts'
import { RawServer } from '../support/raw-server.ts'

afterEach(() => void vi.useRealTimers())

/** Whether a promise is over. */
function watched(promise: Promise<void>): { readonly isOver: boolean } {
  const watch = { isOver: false }
  void promise.then(() => (watch.isOver = true))
  return watch
}

describe('drain', () => {
  it('lets in nobody new, and those who are there finish', async () => {
    await using server = await ByteServer.listening()
    const [publisher, player] = [await server.client(), await server.client()]
    const published = await publisher.publish('name')
    const played = await player.play('name')
    const [listener] = server.server.listeners
    const draining = server.server.drain()
    const watch = watched(draining)
    await settled()
    await expect(server.transport.dial(new URL(`memory://x:${listener?.address.port}`))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    const late = new PassThrough()
    server.server.accept({ stream: late, transport: 'memory', secure: false, remote: { address: 'late', port: 1 } })
    expect(late.destroyed).toBe(true)
    expect(server.log.at('warn')).toMatchObject([
      { remote: 'late', message: 'connection refused: the server is draining' },
    ])
    const who = { transport: 'http', remote: { address: 'late', port: 0 } }
    await expect(server.server.play('live', 'name', who)).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
    })

    const more = await player.play('name')
    await send(published, [samples.keyframe(0)])
    for (const stream of [played, more]) expect(await take(stream, 1)).toHaveLength(1)
    await player.close()
    await settled()
    expect(watch.isOver).toBe(false)
    await publisher.close()
    await draining
    expect(server.server.connections.size).toBe(0)
    await expect(server.server.replacePlugins([])).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
  })

  it('ends no sooner than whoever asked for it wants, unless the server is closed', async () => {
    for (const end of ['until', 'close', 'timeout'] as const) {
      await using server = await ByteServer.listening()
      let resolve = () => {}
      const until = new Promise<void>(done => (resolve = done))
      const draining = server.server.drain({ until, timeout: end === 'timeout' ? 1 : Infinity })
      const watch = watched(draining)
      await settled()
      if (end !== 'timeout') expect(watch.isOver).toBe(false)
      if (end === 'until') resolve()
      if (end === 'close') await server.server.close()
      await draining
    }
  })

  it('is told to plugins, and shown', async () => {
    const told: unknown[] = []
    let view: ServerView | undefined
    const plugin: Plugin = {
      name: 'watch',
      setup: ({ server }) => void (view = server),
      onDrain: () => void told.push(['drain', view?.isDraining]),
      onClose: () => void told.push(['close', view?.isDraining]),
    }
    await using server = await ByteServer.listening({ plugins: [plugin] })
    const client = await server.client()
    expect([view?.isDraining, server.server.isDraining]).toEqual([false, false])
    const draining = server.server.drain()
    await settled()
    expect(told).toEqual([['drain', true]])
    expect([view?.isDraining, server.server.isDraining]).toEqual([true, true])
    await client.close()
    await draining
    expect(told.slice(1)).toEqual([['close', true]])
  })

  it('is not told when the server closes without it', async () => {
    const told: string[] = []
    await using server = new RawServer({ plugins: [{ name: 'watch', onDrain: () => void told.push('drain') }] })
    await server.server.close()
    expect(server.server.isDraining).toBe(true)
    expect(told).toEqual([])
  })

  it('asks clients that know of such requests to connect elsewhere, and ends nobody', async () => {
    await using server = await ByteServer.listening()
    const [able, other] = [await server.peer(), await server.peer()]
    await able.connect('live', { capsEx: 1 })
    await other.connect('live')
    const draining = server.server.drain({ reconnectTo: 'rtmp://b/live' })
    const request = { info: 'status NetConnection.Connect.ReconnectRequest', tcUrl: 'rtmp://b/live' }
    expect(await able.next()).toEqual(['onStatus', 0, 0, null, request])
    expect([await able.createStream(), await other.createStream()]).toEqual([1, 1])
    for (const { messages } of [able, other]) {
      messages.end()
      messages.resume()
    }
    await draining
  })

  it('ends those who have not left in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = new RawServer()
    const peer = await server.peer().connect('live')
    const draining = server.server.drain({ timeout: 60_000 })
    await vi.advanceTimersByTimeAsync(59_999)
    expect(await peer.createStream()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    peer.messages.once('end', () => peer.messages.end())
    expect(await peer.rest()).toEqual([['onStatus', 0, 0, null, 'error NetConnection.Connect.AppShutdown']])
    await draining
  })

  it.each([Infinity, 3_000_000_000])('waits %s ms if it is told to', async timeout => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = new RawServer({ limits: { pingInterval: 0 } })
    const peer = await server.peer().connect('live')
    const draining = server.server.drain({ timeout })
    await vi.advanceTimersByTimeAsync(2_000_000_000)
    expect(await peer.createStream()).toBe(1)
    peer.messages.destroy()
    await draining
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is over when the server is closed meanwhile', async () => {
    await using server = await ByteServer.listening()
    const client = await server.client()
    const draining = server.server.drain({ timeout: Infinity })
    await settled()
    await server.server.close()
    await draining
    expect(client.state).toBe('closed')
    await server.server.drain()
  })

  it('may be asked for again, and before the server listens', async () => {
    const server = new RtmpServer({ transports: [] })
    const draining = server.drain()
    expect(server.drain()).toBe(draining)
    await draining
    await expect(server.listen()).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
  })

  it('tells plugins of the end after everybody has left', async () => {
    const told: string[] = []
    const spy = {
      name: 'spy',
      onDisconnect: () => void told.push('disconnect'),
      onClose: () => void told.push('close'),
    }
    await using server = await ByteServer.listening({ plugins: [spy] })
    const client = await server.client()
    const draining = server.server.drain()
    await settled()
    expect(told).toEqual([])
    await client.close()
    await draining
    expect(told).toEqual(['disconnect', 'close'])
  })
})
