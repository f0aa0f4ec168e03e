import { once } from 'node:events'
import { PassThrough, Transform } from 'node:stream'
import { samples, settled, TestServer, VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { InProcessPublisher } from '../../src/contract/in-process.ts'
import type { SessionLimits } from '../../src/contract/limits.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { netConnections } from '../support/net-connections.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

const idle = ['onStatus', 1, 0, null, 'status NetStream.Publish.Idle']
const taken = ['onStatus', 1, 0, null, 'error NetStream.Publish.BadName']
const begun = ['onStatus', 1, 0, null, 'status NetStream.Publish.Start']

/** No pings: silent peers stay. */
const serve = (limits: Partial<SessionLimits> = {}, plugins: Plugin[] = []) =>
  new RawServer({ plugins, limits: { pingInterval: 0, ...limits } })

async function publishes(server: RawServer, name = 'name'): Promise<RawPeer> {
  const publisher = server.peer()
  await publisher.publish(name)
  return publisher
}

/** What a second publisher of the name is told. */
async function asks(server: RawServer, name = 'name'): Promise<readonly unknown[]> {
  const newcomer = await server.peer().connect()
  await newcomer.createStream()
  newcomer.command(1, 'publish', 0, null, name, 'live')
  for (;;) {
    const told = await newcomer.next()
    if (told[0] === 'onStatus') return told
  }
}

describe('a publisher that publishes nothing', () => {
  it('is ended after a minute, its connection too, and the log and plugins are told', async () => {
    const told: string[] = []
    using clock = new VirtualClock()
    await using server = serve({}, [{ name: 'spy', onPublishEnd: () => void told.push('ended') }])
    const publisher = await publishes(server)
    publisher.media(1, samples.keyframe(0))
    await clock.advance(59_000)
    expect([await publisher.replies(), told]).toEqual([[], []])
    const rest = publisher.rest()
    await clock.advance(2_000)
    expect([await rest, told]).toEqual([[idle], ['ended']])
    expect(server.log.at('info')).toContainEqual(
      expect.objectContaining({
        message: 'publish ended',
        stream: 'name',
        code: 'NetStream.Publish.Idle',
        reason: 'nothing was published for 60 s',
      }),
    )
    expect(await asks(server)).toEqual(begun)
  })

  it.each([
    ['pictures', samples.interframe(0)],
    ['sound', samples.audio(0)],
    ['data', samples.metadata()],
  ])('is not one that publishes %s alone', async (_what, message) => {
    using clock = new VirtualClock()
    await using server = serve({ publishIdle: 2_000 })
    const publisher = await publishes(server)
    for (let second = 0; second < 6; second += 1) {
      publisher.media(1, message)
      await clock.advance(1_000)
    }
    expect(await publisher.replies()).toEqual([])
    const rest = publisher.rest()
    await clock.advance(2_500)
    expect(await rest).toEqual([idle])
  })

  it('is one that answers pings', async () => {
    using clock = new VirtualClock()
    await using server = serve({ publishIdle: 2_000 })
    const publisher = await publishes(server)
    for (let second = 0; second < 4 && !publisher.messages.readableEnded; second += 1) {
      publisher.command(0, '_checkbw', 0, null)
      await clock.advance(1_000)
    }
    expect(server.server.streams.get('live', 'name')).toBeUndefined()
  })

  it('may stay for ever with publishIdle 0', async () => {
    using clock = new VirtualClock()
    await using server = serve({ publishIdle: 0 })
    const publisher = await publishes(server)
    await clock.advance(600_000)
    expect(await publisher.replies()).toEqual([])
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
  })

  it('keeps its connection for what else it does there', async () => {
    using clock = new VirtualClock()
    await using server = serve({ publishIdle: 2_000 })
    const other = await publishes(server, 'other')
    const peer = await publishes(server)
    expect(await peer.createStream()).toBe(2)
    await peer.command(2, 'play', 0, null, 'other').replies()
    for (let second = 0; second < 4; second += 1) {
      other.media(1, samples.keyframe(1_000 * second))
      await clock.advance(1_000)
    }
    const replies = await peer.replies()
    expect(replies.filter(([name]) => name === 'onStatus')).toEqual([idle])
    expect(replies.filter(([name]) => name === 'video')).toHaveLength(4)
  })

  it('is not one that a slow consumer holds', async () => {
    using clock = new VirtualClock()
    await using server = serve({ publishIdle: 2_000 })
    const publisher = await publishes(server)
    const stream = server.server.streams.get('live', 'name')
    const reader = stream?.subscribe({ whenSlow: 'backpressure', maxBytes: 5_000 })
    for (let count = 0; count < 100; count += 1) {
      publisher.media(1, samples.keyframe(0))
      await settled()
    }
    await clock.advance(10_000)
    expect([stream?.isPublishing, publisher.messages.queuedBytes > 0]).toEqual([true, true])
    reader?.resume()
    await clock.advance(1_000)
    expect(publisher.messages.queuedBytes).toBe(0)
  })

  it('in this process fails with the status', async () => {
    using clock = new VirtualClock()
    await using server = new TestServer({ limits: { publishIdle: 2_000 } })
    const who: InProcessPublisher = { transport: 'generator', remote: { address: '127.0.0.1', port: 0 } }
    const publisher = await server.server.publish('live', 'name', who)
    const failed = once(publisher, 'error')
    await clock.advance(3_000)
    expect((await failed)[0]).toMatchObject({ statusCode: 'NetStream.Publish.Idle' })
  })

  it('is no publisher: a supply, which may be quiet as long as it likes', async () => {
    using clock = new VirtualClock()
    await using server = serve({ publishIdle: 2_000 })
    const stream = server.server.streams.open('live', 'name')
    stream.supply(new PassThrough({ objectMode: true }))
    await clock.advance(60_000)
    expect(stream.isPublishing).toBe(true)
  })
})

describe('a name whose publisher has fallen silent', () => {
  it('goes to who asks for it after 5 s; players stay and time goes on', async () => {
    using clock = new VirtualClock()
    await using server = serve()
    const first = await publishes(server)
    const player = server.peer()
    await player.play('name')
    first.media(1, samples.keyframe(1_000))
    await clock.advance(0)
    expect(await player.replies()).toEqual([['video', 1, 1_000]])
    const rest = first.rest()
    await clock.advance(4_000)
    expect(await asks(server)).toEqual(taken)
    await clock.advance(1_000)
    const second = await server.peer().connect()
    await second.createStream()
    expect((await second.command(1, 'publish', 0, null, 'name', 'live').replies()).at(-1)).toEqual(begun)
    second.media(1, samples.keyframe(0), samples.interframe(40))
    await clock.advance(1_000)
    expect(await rest).toEqual([taken])
    expect(await player.replies()).toEqual([
      ['video', 1, 1_040],
      ['video', 1, 1_080],
    ])
    expect(server.log.at('info')).toContainEqual(
      expect.objectContaining({ message: 'publish ended', reason: 'another publisher has taken over' }),
    )
  })

  it('goes to who asks for it when its transport says that it seems to be gone', async () => {
    using clock = new VirtualClock()
    let isGone = false
    await using server = serve()
    const publisher = server.peer('memory', { seemsGone: () => isGone })
    await publisher.publish('name')
    await clock.advance(1_000)
    expect(await asks(server)).toEqual(taken)
    isGone = true
    expect(await asks(server)).toEqual(begun)
    expect(await publisher.rest()).toEqual([taken])
  })

  it.each<[what: string, plugin: Omit<Plugin, 'name'>]>([
    [
      'by its gate',
      { onPublish: ({ query }) => (query.has('no') ? deny('NetStream.Publish.Denied', 'no') : undefined) },
    ],
    [
      'where it acts',
      { onPublishAccepted: ({ query }) => (query.has('no') ? deny('NetStream.Publish.Denied', 'no') : undefined) },
    ],
  ])('stays with it when a plugin refuses the newcomer %s', async (_what, plugin) => {
    using clock = new VirtualClock()
    await using server = serve({}, [{ name: 'plugin', ...plugin }])
    const publisher = await publishes(server)
    await clock.advance(6_000)
    expect(await asks(server, 'name?no')).toEqual(['onStatus', 1, 0, null, 'error NetStream.Publish.Denied'])
    expect(await publisher.replies()).toEqual([])
    expect(await asks(server)).toEqual(begun)
  })

  it('has ended for plugins before it is claimed again, and after what its Transforms held', async () => {
    const told: string[] = []
    const holding = () => {
      const held: unknown[] = []
      return new Transform({
        objectMode: true,
        transform: (message, _, done) => {
          held.push(message)
          done()
        },
        flush(done) {
          for (const message of held) this.push(message)
          done()
        },
      })
    }
    using clock = new VirtualClock()
    const plugin: Plugin = {
      name: 'plugin',
      bindPublish: holding,
      onPublishAccepted: () => ({ whenAgreed: () => void told.push('claimed') }),
      onPublishEnd: () => void told.push('ended'),
    }
    await using server = serve({}, [plugin])
    const publisher = await publishes(server)
    const player = server.peer()
    await player.play('name')
    publisher.media(1, samples.keyframe(0))
    await clock.advance(6_000)
    expect(await asks(server)).toEqual(begun)
    expect([told, await player.replies()]).toEqual([['claimed', 'ended', 'claimed'], [['video', 1, 0]]])
  })

  it('is waited for when its publisher has left and Transforms still hold something; that one stays connected', async () => {
    using clock = new VirtualClock()
    let give = () => {}
    let isFirst = true
    const bindPublish = () => {
      if (!isFirst) return undefined
      isFirst = false
      return new PassThrough({ objectMode: true, flush: done => void (give = done) })
    }
    await using server = serve({}, [{ name: 'plugin', bindPublish }])
    const publisher = await publishes(server)
    await publisher.command(1, 'closeStream', 0, null).replies()
    await clock.advance(6_000)
    const answer = asks(server)
    await clock.advance(1_000)
    give()
    expect(await answer).toEqual(begun)
    expect(await publisher.replies()).toEqual([])
  })

  it('goes to one of two who ask at once', async () => {
    using clock = new VirtualClock()
    await using server = serve()
    await publishes(server)
    await clock.advance(6_000)
    expect([await Promise.all([asks(server), asks(server)])]).toEqual([[begun, taken]])
  })

  it('ends the wait of players when the newcomer has left meanwhile', async () => {
    using clock = new VirtualClock()
    const stuck = new PassThrough({ objectMode: true, flush() {} })
    let isFirst = true
    const bindPublish = () => {
      if (!isFirst) return undefined
      isFirst = false
      return stuck
    }
    await using server = serve({}, [{ name: 'plugin', bindPublish }])
    await publishes(server)
    const player = server.peer()
    await player.play('name')
    await clock.advance(6_000)
    const newcomer = await server.peer().connect()
    await newcomer.createStream()
    newcomer.command(1, 'publish', 0, null, 'name', 'live')
    await settled()
    newcomer.messages.destroy()
    await clock.advance(11_000)
    expect((await player.replies()).at(-1)).toEqual(['onStatus', 1, 0, null, 'status NetStream.Play.UnpublishNotify'])
    expect(netConnections(server.server)).toHaveLength(1)
  })
})
