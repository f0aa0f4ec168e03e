import { describe, expect, it } from 'vitest'
import type { Plugin } from '@rtmpipe/session'
import { stall } from '../src/faults/stall.ts'
import { type AwaitedHook, unanswered } from '../src/faults/unanswered.ts'
import { samples, sampleStream } from '../src/samples.ts'
import { send } from '../src/send.ts'
import { settled } from '../src/settled.ts'
import { TestServer } from '../src/test-server.ts'

describe('TestServer', () => {
  it('tells plugins that it listens before the first client comes, and once', async () => {
    const told: string[] = []
    const plugin: Plugin = {
      name: 'watch',
      onListen: async ({ listeners }) => {
        await settled()
        told.push(`onListen ${listeners.length}`)
      },
      onConnect: ({ app }) => void told.push(`onConnect ${app}`),
      onClose: () => void told.push('onClose'),
    }
    {
      await using server = new TestServer({ plugins: [plugin] })
      await Promise.all([server.connect('one'), server.connect('two')])
    }
    expect(told).toEqual(['onListen 0', 'onConnect one', 'onConnect two', 'onClose'])
  })

  it('may have been told to listen by the test', async () => {
    await using server = new TestServer()
    await server.server.listen()
    expect((await server.connect('live')).state).toBe('connected')
  })
})

describe('send', () => {
  it('resolves when players and plugins have got the messages', async () => {
    const seen: number[] = []
    const plugin: Plugin = {
      name: 'watch',
      onPublishStart: ({ stream }) => void stream.subscribe().on('data', ({ timestamp }) => seen.push(timestamp)),
    }
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.play('live/name')
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(20))
    expect(seen).toEqual(sampleStream(20).map(({ timestamp }) => timestamp))
    expect(player.readableLength).toBe(sampleStream(20).length)
    await send(publisher, [samples.audio(800)])
    expect(seen.at(-1)).toBe(800)
  })

  it('fails when the stream is closed', async () => {
    await using server = new TestServer()
    const publisher = await server.publish('live/name')
    publisher.on('error', () => {}).end()
    await expect(send(publisher, [samples.audio(0)])).rejects.toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
  })
})

describe('stall, of a player', () => {
  it('has the server leave messages out, and goes on with a keyframe', async () => {
    await using server = new TestServer({ limits: { maxPlayerQueueBytes: 64 * 1024 } })
    const player = await server.play('live/name')
    const got: number[] = []
    player.on('data', ({ timestamp }) => void got.push(timestamp))
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(10))
    const before = got.length
    const stalled = stall(player)
    await send(publisher, sampleStream(1_000))
    expect(got).toHaveLength(before)
    stalled.resume()
    await send(publisher, [samples.keyframe(50_000), samples.interframe(50_040)])
    expect(got.slice(-2)).toEqual([50_000, 50_040])
    expect(got.length).toBeLessThan(1_500)
  })

  it('is what not reading a player amounts to', async () => {
    await using server = new TestServer({ limits: { maxPlayerQueueBytes: 64 * 1024 } })
    const player = await server.play('live/name')
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(1_000))
    const got = player.toArray()
    publisher.end()
    expect((await got).slice(0, 100)).toHaveLength(100)
    expect((await got).length).toBeLessThan(1_500)
  })
})

describe('unanswered', () => {
  const hooks: [hook: AwaitedHook, ask: (server: TestServer) => Promise<unknown>, message: string][] = [
    ['onConnect', server => server.connect('live'), 'NetConnection.Connect.Failed: internal error'],
    ['onPublish', server => server.publish('live/name'), 'NetStream.Failed: internal error'],
    ['onPlay', server => server.play('live/name'), 'NetStream.Failed: internal error'],
    ['sourcePlay', server => server.play('live/name'), 'NetStream.Play.Failed: internal error'],
    ['onCall', async server => (await server.connect('live')).call('method'), 'NetConnection.Call.Failed'],
    [
      'onSharedObject',
      async server => (await server.connect('live')).sharedObject('name'),
      'SharedObject.ObjectCreationFailed',
    ],
  ]

  it.each(hooks)('%s keeps the client waiting until the deadline', async (hook, ask, message) => {
    await using server = new TestServer({ plugins: [unanswered(hook)], limits: { hookTimeout: 20 } })
    await expect(ask(server)).rejects.toThrow(message)
  })
})
