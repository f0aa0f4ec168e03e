import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { samples, sampleStream, send, settled, stall, take, TestServer, VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { Plugin } from '../../src/contract/plugin.ts'
import { RawServer } from '../support/raw-server.ts'
import { netConnections } from '../support/net-connections.ts'

describe('traffic', () => {
  it('is that of all connections of a transport, of those that are gone too', async () => {
    await using test = new TestServer()
    const { traffic } = test.server
    expect(traffic.size).toBe(0)
    const publisher = await test.publish('live/name')
    const player = await test.play('live/name')
    await send(publisher, sampleStream(10))
    await take(player, 10)
    const sums = () => {
      const all = [...test.server.connections]
      return [
        all.reduce((sum, each) => sum + each.bytesReceived, 0),
        all.reduce((sum, each) => sum + each.bytesSent, 0),
      ]
    }
    const counts = traffic.get('memory')
    const [received, sent] = sums()
    expect(received).toBeGreaterThan(0)
    expect(counts).toMatchObject({ accepted: 2, received, sent })
    expect(counts?.closed.size).toBe(0)

    const gone = [...test.server.connections].map(({ signal }) => once(signal, 'abort'))
    for (const client of test.clients) client.messages.destroy()
    await Promise.all(gone)
    expect(test.server.connections.size).toBe(0)
    expect(counts?.received).toBeGreaterThanOrEqual(received ?? NaN)
    expect(counts?.sent).toBeGreaterThanOrEqual(sent ?? NaN)
    await test.connect('live')
    expect(traffic.get('memory')).toBe(counts)
    expect(counts?.accepted).toBe(3)
  })

  it('keeps transports apart, and counts nobody who was turned away', async () => {
    await using server = new RawServer({ limits: { maxConnections: 1 } })
    const remote = { address: 'x', port: 0 }
    const play = await server.server.play('live', 'name', { transport: 'http', remote })
    server.peer()
    expect([...server.server.traffic].map(([name, { accepted }]) => [name, accepted])).toEqual([['http', 1]])
    play.destroy()
    await settled()
    await server.peer().connect()
    expect([...server.server.traffic.keys()]).toEqual(['http', 'memory'])
  })

  it('knows with which code connections have closed', async () => {
    await using server = new RawServer()
    const closed = () => Object.fromEntries(server.server.traffic.get('memory')?.closed ?? [])
    const left = await server.peer().connect()
    left.messages.end()
    await left.rest()
    await server.peer().command(0, 'createStream', 1, null).rest()
    await settled()
    expect(closed()).toEqual({ '': 1, RTMP_ERR_COMMAND_ORDER: 1 })

    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    for (const error of [reset, reset, new Error('no code'), Object.assign(new Error('odd'), { code: 20 })]) {
      const before = new Set(server.server.connections)
      await server.peer().connect()
      const [connection] = [...server.server.connections].filter(each => !before.has(each))
      const { messages } = connection as unknown as { messages: PassThrough }
      const closed = new Promise(resolve => messages.once('close', resolve))
      messages.destroy(error)
      await closed
    }
    expect(closed()).toEqual({ '': 1, RTMP_ERR_COMMAND_ORDER: 1, ECONNRESET: 2, OTHER: 2 })
  })
})

describe('how far a player lags', () => {
  it('includes what waits in its connection', async () => {
    await using test = new TestServer()
    await test.play('live/name')
    const [play] = test.server.players
    expect(play?.lag).toEqual({ bytes: 0, duration: 0 })
    for (const { messages } of netConnections(test.server)) Object.assign(messages, { lag: 70 })
    expect(play?.lag).toEqual({ bytes: 0, duration: 70 })
  })
})

describe('what players were not sent', () => {
  const none = { audio: 0, video: 0, data: 0 }

  it('is counted by kind and reason, and not forgotten when they leave', async () => {
    using clock = new VirtualClock()
    await using test = new TestServer({ limits: { maxPlayerLag: 1_000 } })
    const { dropped } = test.server
    const publisher = await test.publish('live/name')
    const player = await test.play('live/name')
    expect(dropped).toEqual({ lag: none, keyframe: none })
    stall(player)
    let last: number | undefined
    for (let count = 0; count < 200; count += 1) {
      const timestamp = 40 * count
      const picture = count === 0 ? samples.keyframe(0) : samples.interframe(timestamp, 20_000)
      await send(publisher, [picture, samples.audio(timestamp)])
      await clock.advance(40)
      const [play] = test.server.players
      last = play?.dropped ?? last
    }
    const { lag, keyframe } = dropped
    expect(lag.video).toBeGreaterThan(0)
    expect(lag.audio).toBeGreaterThan(0)
    expect(keyframe).toEqual({ ...none, video: expect.any(Number) })
    expect(keyframe.video).toBeGreaterThan(0)
    expect(lag.video + lag.audio + lag.data + keyframe.video).toBe(last)
    player.destroy()
    await settled()
    expect(test.server.players.size).toBe(0)
    expect(dropped.lag).toEqual(lag)
  })

  it('is counted in front of a Transform too', async () => {
    using clock = new VirtualClock()
    const stuck = new PassThrough({ objectMode: true, transform() {} })
    await using test = new TestServer({ plugins: [{ name: 'stuck', bindPlay: () => stuck }] })
    const publisher = await test.publish('live/name')
    await test.play('live/name')
    await send(publisher, [samples.keyframe(0)])
    for (let count = 1; count < 200; count += 1) {
      await send(publisher, [samples.interframe(40 * count)])
      await clock.advance(40)
    }
    const [play] = test.server.players
    const { lag, keyframe } = test.server.dropped
    expect(play?.dropped).toBeGreaterThan(0)
    expect(lag.video + keyframe.video).toBe(play?.dropped)
  })

  it('has nothing of what subscriptions lose', async () => {
    await using test = new TestServer()
    const publisher = await test.publish('live/name')
    const subscription = test.server.streams.get('live', 'name')?.subscribe({ maxBytes: 10_000 })
    await send(publisher, [samples.keyframe(0), ...Array.from({ length: 100 }, (_, at) => samples.disposable(40 * at))])
    expect(subscription?.dropped).toBeGreaterThan(0)
    expect(test.server.dropped).toEqual({ lag: none, keyframe: none })
  })
})

describe('what viewers of a stream were sent', () => {
  const payload = (messages: readonly { readonly payload: Buffer }[]) =>
    messages.reduce((sum, message) => sum + message.payload.length, 0)

  it('is the payload for each of them, and stays when they leave', async () => {
    await using test = new TestServer()
    const publisher = await test.publish('live/name')
    const stream = test.server.streams.get('live', 'name')
    stream?.subscribe().resume()
    const first = [samples.keyframe(0), samples.interframe(40)]
    await send(publisher, first)
    expect(stream?.sent).toBe(0)
    const follow = { follow: true }
    const players = [await test.play('live/name', follow), await test.play('live/name', follow)]
    // A late player begins with the group of pictures.
    expect(stream?.sent).toBe(2 * payload(first))
    const second = [samples.interframe(80), samples.audio(90)]
    await send(publisher, second)
    for (const player of players) await take(player, 4)
    const sent = 2 * payload(first) + 2 * payload(second)
    expect(stream?.sent).toBe(sent)
    players[0]?.destroy()
    await settled()
    await send(publisher, [samples.audio(100)])
    expect(stream?.sent).toBe(sent + payload([samples.audio(100)]))

    publisher.end()
    await settled()
    await send(await test.publish('live/name'), [samples.audio(0)])
    expect(stream?.sent).toBe(sent + payload([samples.audio(100), samples.audio(0)]))
  })

  it('has nothing for a player that pauses', async () => {
    await using server = new RawServer()
    const publisher = server.peer()
    await publisher.publish('name')
    const peer = server.peer()
    await peer.play('name')
    const stream = server.server.streams.get('live', 'name')
    await peer.command(1, 'pause', 0, null, true, 0).replies()
    await publisher.media(1, samples.audio(0)).replies()
    expect([stream?.viewers, stream?.sent]).toEqual([1, 0])
    await peer.command(1, 'pause', 0, null, false, 0).replies()
    await publisher.media(1, samples.audio(20)).replies()
    expect(stream?.sent).toBe(payload([samples.audio(20)]))
  })
})

describe('a publish', () => {
  it('is resumed when players see it as one with what was there before', async () => {
    const resumed: boolean[] = []
    const watch: Plugin = {
      name: 'watch',
      bindPublish: ({ isResumed }) => void resumed.push(isResumed),
      onPublishStart: ({ isResumed }) => void resumed.push(isResumed),
    }
    await using test = new TestServer({ plugins: [watch] })
    await test.play('live/name', { follow: true })
    const first = await test.publish('live/name')
    const stream = test.server.streams.get('live', 'name')
    first.end()
    await settled()
    const second = await test.publish('live/name')
    const letGo = stream?.keepOpen()
    second.end()
    await settled()
    await test.publish('live/name')
    letGo?.()
    expect(resumed).toEqual([false, false, false, false, true, true])
  })
})

describe('a play', () => {
  it('has an id of its own, the same as long as it is there', async () => {
    const files: Plugin = {
      name: 'files',
      sourcePlay: ({ app }) => (app === 'vod' ? new PassThrough({ objectMode: true }) : undefined),
    }
    await using test = new TestServer({ plugins: [files] })
    const client = await test.connect('live')
    await client.play('a')
    await client.play('b')
    await test.play('vod/film')
    const plays = [...test.server.players]
    const ids = plays.map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
    expect(plays.map(({ id }) => id)).toEqual(ids)
    for (const { id, connection } of plays) expect(id.startsWith(`${connection.id}.`)).toBe(true)
  })
})
