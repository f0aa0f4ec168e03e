import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream, send, settled, take, TestServer, VirtualClock } from '@rtmpipe/testing'
import { once } from 'node:events'
import { PassThrough, Readable, Transform } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { ConnectionInfo } from '../../../src/contract/connection-info.ts'
import { deny } from '../../../src/contract/denial.ts'
import type { InProcessPlayer } from '../../../src/contract/in-process.ts'
import type { PlayInfo } from '../../../src/contract/info.ts'
import type { Plugin } from '../../../src/contract/plugin.ts'
import type { Subscription } from '../../../src/contract/stream-view.ts'
import { status } from '../../../src/protocol/status.ts'
import { RtmpServer } from '../../../src/server/rtmp-server.ts'

const who: InProcessPlayer = { transport: 'http-flv', remote: { address: '192.0.2.1', port: 4711 } }
const essence = ({ messageTypeId, timestamp, payload }: RtmpMessage) =>
  `${messageTypeId} ${timestamp} ${payload.toString('base64')}`
const failure = async (stream: Subscription) => (await once(stream, 'error'))[0] as unknown

/** A plugin that writes down what it is told, and the plays that have started. */
function spy() {
  const told: string[] = []
  const plays: PlayInfo[] = []
  const plugin: Plugin = {
    name: 'spy',
    onConnect: ({ app }) => void told.push(`connect ${app}`),
    onPlay: ({ streamName }) => void told.push(`play ${streamName}`),
    onPlayStart: play => void told.push(`start ${plays.push(play)}`),
    onPlayEnd: (_play, { error }) => void told.push(`end ${error?.message ?? ''}`.trim()),
    onDisconnect: ({ error }) => void told.push(`disconnect ${error?.message ?? ''}`.trim()),
  }
  return { told, plays, plugin }
}

describe('playing in process', () => {
  it('passes the gates, gets what every player gets, and is told of like one', async () => {
    const { told, plays, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin] })
    const publisher = await server.publish('live/name')
    const sent = sampleStream(12)
    await send(publisher, sent.slice(0, 9))
    const player = await server.server.play('live', 'name', who)
    expect([server.server.connections.size, plays[0]?.stream?.consumerCount]).toEqual([2, 1])
    await send(publisher, sent.slice(9))
    // A late player gets the headers in an order of the stream's own.
    expect((await take(player, sent.length)).map(essence).sort()).toEqual(sent.map(essence).sort())
    expect(plays[0]?.connection.bytesSent).toBeGreaterThan(sent.reduce((sum, { payload }) => sum + payload.length, 0))
    player.destroy()
    await once(player, 'close')
    await settled()
    expect(told).toEqual(['connect live', 'connect live', 'play name', 'start 1', 'end', 'disconnect'])
    expect(server.server.connections.size).toBe(1)
  })

  it('shows the gates who it is', async () => {
    let seen: ConnectionInfo | undefined
    const asked: unknown[] = []
    const plugin: Plugin = {
      name: 'spy',
      onConnect({ connection, commandObject, query }) {
        seen = connection
        asked.push(commandObject['authorization'], query.get('key'))
      },
      onPlay: ({ query, rawQuery, start, duration }) => void asked.push(query.get('key'), rawQuery, start, duration),
    }
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.server.play('live/room', 'name?a=1', {
      ...who,
      secure: true,
      query: 'key=a%20b',
      tcUrl: 'https://host/live/room',
      flashVer: 'curl/8',
      commandObject: { authorization: 'Bearer x', app: 'other' },
      start: 'live',
      duration: 60_000,
    })
    expect(asked).toEqual(['Bearer x', 'a b', 'a b', 'a=1&key=a%20b', 'live', 60_000])
    expect(seen).toMatchObject({
      transport: 'http-flv',
      secure: true,
      remote: { address: '192.0.2.1', port: 4711 },
      app: 'live/room',
      tcUrl: 'https://host/live/room',
      flashVer: 'curl/8',
    })
    player.destroy()
  })

  it.each<[string, Plugin]>([
    ['onConnect', { name: 'no', onConnect: () => deny('NetConnection.Connect.Rejected', 'not for you') }],
    ['onPlay', { name: 'no', onPlay: () => deny('NetStream.Play.Failed', 'not for you') }],
  ])('is refused by %s with its code, and leaves nothing behind', async (hook, plugin) => {
    const { told, plugin: notices } = spy()
    await using server = new TestServer({ plugins: [notices, plugin] })
    await expect(server.server.play('live', 'name', who)).rejects.toMatchObject({
      code: 'RTMP_ERR_STATUS',
      statusCode: hook === 'onPlay' ? 'NetStream.Play.Failed' : 'NetConnection.Connect.Rejected',
      description: 'not for you',
    })
    await settled()
    expect([server.server.connections.size, server.server.streams.size]).toEqual([0, 0])
    expect(told.filter(what => /start|end/.test(what))).toEqual([])
  })

  it('is told of a name that could not be meant', async () => {
    await using server = new TestServer()
    await expect(server.server.play('live', 'a\u0000b', who)).rejects.toMatchObject({
      statusCode: 'NetStream.Play.Failed',
    })
    await settled()
    expect(server.server.connections.size).toBe(0)
  })

  it('counts as a connection', async () => {
    await using server = new TestServer({ limits: { maxConnections: 1 } })
    const player = await server.server.play('live', 'name', who)
    await expect(server.server.play('live', 'name', who)).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
      description: 'there are 1 connections already',
    })
    player.destroy()
    await once(player, 'close')
    await settled()
    ;(await server.server.play('live', 'name', who)).destroy()
  })

  it('ends with the publish, after everything that was published', async () => {
    await using server = new TestServer()
    const publisher = await server.publish('live/name')
    const player = await server.server.play('live', 'name', who)
    const sent = sampleStream(30)
    for (const message of sent) publisher.write(message)
    publisher.end()
    await once(publisher, 'finish')
    await settled()
    expect(server.server.connections.size).toBe(1)
    expect((await player.toArray()).map(essence)).toEqual(sent.map(essence))
  })

  it('stays with follow, and goes on with the next publish', async () => {
    await using server = new TestServer()
    const player = await server.server.play('live', 'name', { ...who, follow: true })
    const codes: string[] = []
    player.on('status', ({ code }: { code: string }) => void codes.push(code))
    for (const timestamp of [0, 40]) {
      const publisher = await server.publish('live/name')
      await send(publisher, [samples.keyframe(timestamp)])
      publisher.destroy()
      await settled()
    }
    expect(await take(player, 2)).toHaveLength(2)
    const [started, ended] = ['NetStream.Play.PublishNotify', 'NetStream.Play.UnpublishNotify']
    expect(codes).toEqual([started, ended, started, ended])
    player.destroy()
  })

  it('may end the stream when it is told that it begins', async () => {
    const { told, plugin } = spy()
    plugin.onPublishEnd = () => void told.push('publish end')
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.server.play('live', 'name', { ...who, follow: true })
    const stream = server.server.streams.get('live', 'name')
    player.once('status', () => stream?.end())
    await server.publish('live/name').catch(() => {})
    await expect.poll(() => told, { interval: 1 }).toContain('publish end')
    expect(stream?.isPublishing).toBe(false)
    await server.publish('live/name')
    player.destroy()
  })

  it.each<[string, (play: PlayInfo) => void, string]>([
    [
      'its play is ended',
      play => play.end(status('NetStream.Play.InsufficientBW', 'x')),
      'NetStream.Play.InsufficientBW',
    ],
    [
      'its play is ended with any status',
      play => play.end(status('NetStream.Play.PublishNotify', 'x')),
      'NetStream.Play.PublishNotify',
    ],
    [
      'its connection is ended',
      play => play.connection.end(status('NetConnection.Connect.Rejected', 'x')),
      'NetConnection.Connect.Rejected',
    ],
    ['its connection is ended without a word', play => play.connection.end(), 'NetConnection.Connect.Closed'],
  ])('fails with the status when %s by a plugin', async (_what, end, statusCode) => {
    const { told, plays, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.server.play('live', 'name', who)
    const failed = failure(player)
    end(plays[0] as PlayInfo)
    expect(await failed).toMatchObject({ code: 'RTMP_ERR_STATUS', statusCode })
    await settled()
    expect(told.slice(-2)).toEqual(['end', 'disconnect'])
    expect(server.server.connections.size).toBe(0)
  })

  it('ends in peace when a plugin just ends its play', async () => {
    const { plays, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.server.play('live', 'name', who)
    plays[0]?.end()
    expect(await player.toArray()).toEqual([])
  })

  it('rejects when it is ended before its caller has it', async () => {
    const plugin: Plugin = {
      name: 'early',
      onPlayStart: play => play.end(status('NetStream.Play.Failed', 'at once')),
    }
    await using server = new TestServer({ plugins: [plugin] })
    await expect(server.server.play('live', 'name', who)).rejects.toMatchObject({ description: 'at once' })
  })

  it('is told when the server closes, which does not wait for its reader', async () => {
    const server = new RtmpServer({ transports: [] })
    const player = await server.play('live', 'name', who)
    const failed = failure(player)
    await server.close()
    expect(await failed).toMatchObject({ statusCode: 'NetConnection.Connect.AppShutdown' })
    await expect(server.play('live', 'name', who)).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
      description: 'the server is closing',
    })
  })

  it('plays a recording, which ends', async () => {
    const messages = [samples.keyframe(0), samples.audio(20), samples.interframe(40)]
    await using server = new TestServer({ plugins: [{ name: 'vod', sourcePlay: () => Readable.from(messages) }] })
    const player = await server.server.play('vod', 'film', who)
    expect((await player.toArray()).map(essence)).toEqual(messages.map(essence))
  })

  it('fails when a Transform of a recording puts out what is no message', async () => {
    const wrong = () =>
      new Transform({
        objectMode: true,
        transform: (_message, _encoding, done) => void setImmediate(() => done(null, { messageTypeId: 9 })),
      })
    const sourcePlay = () => Readable.from([samples.keyframe(0), samples.keyframe(40)])
    const { told, plugin } = spy()
    await using server = new TestServer({ plugins: [{ ...plugin, sourcePlay, bindPlay: wrong }] })
    const player = await server.server.play('live', 'file', { ...who, duration: 1_000 })
    const error = { statusCode: 'NetStream.Play.Failed', description: 'internal error' }
    expect(await failure(player.resume())).toMatchObject(error)
    expect(server.server.players.size).toBe(0)
    expect(told.some(line => line.startsWith('end'))).toBe(true)
  })

  it('opens a shared source, which ends when it leaves', async () => {
    const source = new PassThrough({ objectMode: true })
    const plugin: Plugin = { name: 'pull', sourcePlay: () => ({ kind: 'shared', open: () => source }) }
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.server.play('live', 'name', who)
    source.write(samples.keyframe(0))
    expect(await take(player, 1)).toHaveLength(1)
    const closed = once(source, 'close')
    player.destroy()
    await closed
    await settled()
    expect(server.server.streams.size).toBe(0)
  })

  it('passes bindPlay', async () => {
    const plugin: Plugin = {
      name: 'stamp',
      bindPlay() {
        const through = new PassThrough({ objectMode: true })
        through._transform = (message: RtmpMessage, _encoding, done) => done(null, { ...message, timestamp: 7 })
        return through
      },
    }
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.server.play('live', 'name', who)
    await send(await server.publish('live/name'), [samples.keyframe(1_000)])
    expect((await take(player, 1))[0]?.timestamp).toBe(7)
    player.destroy()
  })

  it('ends when its signal is aborted, also while a gate is asked', async () => {
    let asked = () => {}
    const whenAsked = new Promise<void>(resolve => (asked = resolve))
    const never: Plugin = { name: 'slow', onPlay: ({ streamName }) => (streamName === 'slow' ? wait() : undefined) }
    const wait = () => {
      asked()
      return new Promise<void>(() => {})
    }
    await using server = new TestServer({ plugins: [never] })
    const reason = new Error('the request was aborted')
    const [early, late] = [new AbortController(), new AbortController()]
    const refused = server.server.play('live', 'slow', { ...who, signal: early.signal })
    await whenAsked
    early.abort(reason)
    await expect(refused).rejects.toBe(reason)
    await expect(server.server.play('live', 'name', { ...who, signal: early.signal })).rejects.toBe(reason)
    const player = await server.server.play('live', 'name', { ...who, signal: late.signal })
    const failed = failure(player)
    late.abort(reason)
    expect(await failed).toBe(reason)
    await settled()
    expect(server.server.connections.size).toBe(0)
  })

  it('answers pings and calls, so that it is not taken for dead', async () => {
    using clock = new VirtualClock()
    const { plays, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin], limits: { pingInterval: 1_000, pingTimeout: 1_000 } })
    const player = await server.server.play('live', 'name', who)
    const before = plays[0]?.connection.bytesReceived ?? 0
    await clock.advance(10_000)
    expect([player.destroyed, server.server.connections.size]).toEqual([false, 1])
    expect(plays[0]?.connection.bytesReceived).toBeGreaterThan(before)
    await expect(plays[0]?.connection.call('x')).rejects.toMatchObject({
      statusCode: 'NetConnection.Call.Prohibited',
    })
    expect(plays[0]?.connection.requestReconnect()).toBe(false)
    player.destroy()
  })
})

describe('a reader in process that does not keep up', () => {
  const limits = { maxPlayerQueueBytes: 100_000 }
  const picture = (index: number) =>
    index % 10 === 0 ? samples.keyframe(index * 40, 20_000) : samples.interframe(index * 40, 20_000)

  it('loses pictures up to a keyframe, and others lose none', async () => {
    await using server = new TestServer({ limits })
    const slow = await server.server.play('live', 'name', who)
    const quick = await server.server.play('live', 'name', who)
    const publisher = await server.publish('live/name')
    const all = take(quick, 100)
    await send(
      publisher,
      Array.from({ length: 100 }, (_, index) => picture(index)),
    )
    expect(await all).toHaveLength(100)
    expect(quick.dropped).toBe(0)
    expect(slow.dropped).toBeGreaterThan(50)
    const rest = take(slow, 100 - slow.dropped)
    const got = await rest
    const hole = got.findIndex(({ discontinuity }) => discontinuity === true)
    expect((got[hole]?.timestamp ?? 1) % 400).toBe(0)
    expect(got.at(-1)?.timestamp).toBe(99 * 40)
    slow.destroy()
    quick.destroy()
  })

  it('is ended when it takes nothing for half a minute', async () => {
    using clock = new VirtualClock()
    await using server = new TestServer({ limits })
    const player = await server.server.play('live', 'name', who)
    const failed = failure(player)
    await send(
      await server.publish('live/name'),
      Array.from({ length: 20 }, (_, index) => picture(index)),
    )
    await clock.advance(40_000)
    expect(await failed).toMatchObject({ statusCode: 'NetStream.Play.InsufficientBW' })
    expect(server.server.connections.size).toBe(1)
  })

  it('pauses the publisher with backpressure, and loses nothing', async () => {
    await using server = new TestServer({ limits, whenSlow: 'backpressure' })
    const player = await server.server.play('live', 'name', who)
    const publisher = await server.publish('live/name')
    const pictures = Array.from({ length: 200 }, (_, index) => picture(index))
    const sent = Readable.from(pictures).pipe(publisher)
    await settled()
    expect(sent.writableFinished).toBe(false)
    const got = await player.toArray()
    expect(got.map(essence)).toEqual(pictures.map(essence))
  })
})
