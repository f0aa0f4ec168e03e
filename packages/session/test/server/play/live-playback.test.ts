import { type RtmpMessage, userControl } from '@rtmpipe/chunk-stream'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { defaultSessionLimits } from '../../../src/contract/limits.ts'
import type { Plugin } from '../../../src/contract/plugin.ts'
import type { RtmpServerOptions } from '../../../src/server/rtmp-server.ts'
import { samples, settled, stall, VirtualClock } from '@rtmpipe/testing'
import { type Described, described } from '../../support/described.ts'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'
import { netConnections } from '../../support/net-connections.ts'

const pictures = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => samples.interframe(from + 40 * index))

/** A Transform that hands on each message a turn later. */
const slow = () =>
  new PassThrough({
    objectMode: true,
    transform: (message, _, done) => void setImmediate(() => done(null, message)),
  })

describe('pause of a live stream', () => {
  it('stops it; resumed it begins like a late player', async () => {
    await using server = new RawServer()
    const publisher = server.peer()
    await publisher.publish('name')
    await publisher.media(1, samples.videoHeader(0), samples.keyframe(0)).replies()
    const peer = server.peer()
    await peer.play('name')
    expect(await peer.command(1, 'pause', 0, null, true, 0).replies()).toEqual([
      ['onStatus', 1, 0, null, 'status NetStream.Pause.Notify'],
    ])
    await publisher.media(1, samples.interframe(40), samples.keyframe(80)).replies()
    expect(await peer.replies()).toEqual([])
    expect(await peer.command(1, 'pause', 0, null, false, 0).replies()).toEqual([
      ['onStatus', 1, 0, null, 'status NetStream.Unpause.Notify'],
      ['video', 1, 80],
      ['video', 1, 80],
    ])
  })

  describe.each<[what: string, plugins: () => Plugin[]]>([
    ['alone', () => []],
    ['with a Transform', () => [{ name: 'through', bindPlay: () => new PassThrough({ objectMode: true }) }]],
    ['with a slow Transform', () => [{ name: 'slow', bindPlay: slow }]],
  ])('while the player lags, %s', (_what, plugins) => {
    const lagging = async (options: Partial<RtmpServerOptions> = {}) => {
      const server = new RawServer({ ...options, plugins: plugins() })
      const [publisher, peer] = [server.peer(), server.peer()]
      await publisher.publish('name')
      await peer.play('name')
      const stalled = stall(peer.messages)
      const got: Described[] = []
      peer.messages.on('data', (message: RtmpMessage) => got.push(described(message)))
      publisher.media(1, samples.videoHeader(0), samples.keyframe(0, 50_000))
      // Three batches: the connection has room for two, and the third waits.
      for (const start of [0, 800, 1_600]) {
        for (let count = 1; count <= 20; count += 1) {
          publisher.media(1, samples.interframe(start + 40 * count, 10_000))
        }
        await settled()
      }
      const pause = async (paused: boolean) => {
        peer.command(1, 'pause', 0, null, paused)
        await settled()
      }
      /** Reads again: gives what has come after the answer to `pause`. */
      const afterPause = async () => {
        stalled.resume()
        await settled()
        const paused = got.findIndex(message => message.at(-1) === 'status NetStream.Pause.Notify')
        const pictures = got.slice(0, paused).filter(([what]) => what === 'video').length
        expect([pictures > 10, pictures < 62]).toEqual([true, true])
        return got.splice(0).slice(paused + 1)
      }
      return { publisher, got, pause, afterPause, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
    }

    it('is the end of what waits for it; resumed it begins like a late player', async () => {
      await using test = await lagging()
      await test.pause(true)
      expect(await test.afterPause()).toEqual([])
      await test.publisher.media(1, samples.keyframe(3_000), samples.interframe(3_040)).replies()
      await settled()
      expect(test.got).toEqual([])
      await test.pause(false)
      expect(test.got).toEqual([
        ['onStatus', 1, 0, null, 'status NetStream.Unpause.Notify'],
        ['video', 1, 3_000],
        ['video', 1, 3_000],
        ['video', 1, 3_040],
      ])
    })

    it('still tells of the publisher’s end', async () => {
      await using test = await lagging()
      await test.publisher.command(1, 'closeStream', 0, null).replies()
      await test.pause(true)
      expect(await test.afterPause()).toEqual([
        ['StreamEof', 1],
        ['onStatus', 1, 0, null, 'status NetStream.Play.UnpublishNotify'],
      ])
    })

    it('lets the publisher go on that it has held', async () => {
      await using test = await lagging({ whenSlow: 'backpressure', limits: { maxPlayerQueueBytes: 20_000 } })
      await test.pause(true)
      await test.publisher.media(1, samples.keyframe(3_000)).replies()
      expect(await test.afterPause()).toEqual([])
    })
  })

  it('survives the publisher’s leaving and coming back, of which it is told; time goes on', async () => {
    await using server = new RawServer()
    const publisher = server.peer()
    await publisher.publish('name')
    const peer = server.peer()
    await peer.play('name')
    await publisher.media(1, samples.keyframe(0)).replies()
    expect(await peer.replies()).toEqual([['video', 1, 0]])
    await peer.command(1, 'pause', 0, null, true).replies()
    await publisher.command(1, 'closeStream', 0, null).replies()
    expect(await peer.replies()).toEqual([
      ['StreamEof', 1],
      ['onStatus', 1, 0, null, 'status NetStream.Play.UnpublishNotify'],
    ])
    await publisher.command(1, 'publish', 0, null, 'name').replies()
    expect(await peer.replies()).toEqual([
      ['StreamBegin', 1],
      ['onStatus', 1, 0, null, 'status NetStream.Play.PublishNotify'],
    ])
    await peer.command(1, 'pause', 0, null, false).replies()
    await publisher.media(1, samples.keyframe(0)).replies()
    expect(await peer.replies()).toEqual([['video', 1, 40]])
  })

  it.each([true, false])('leaves nothing behind when it is stopped; paused: %s', async paused => {
    await using server = new RawServer()
    const peer = server.peer()
    await peer.play('name')
    await peer.command(1, 'pause', 0, null, true).command(1, 'pause', 0, null, paused).replies()
    expect(server.server.streams.get('live', 'name')?.consumerCount).toBe(1)
    await peer.command(1, 'closeStream', 0, null).replies()
    expect(server.server.streams.size).toBe(0)
  })

  it('does not hide the publisher who comes in time', async () => {
    using clock = new VirtualClock()
    await using server = new RawServer({ publishWait: 500 })
    const [peer, publisher] = [server.peer(), server.peer()]
    await peer.play('name')
    await peer.command(1, 'pause', 0, null, true).replies()
    await publisher.publish('name')
    await peer.command(1, 'pause', 0, null, false).replies()
    await clock.advance(500)
    await publisher.media(1, samples.keyframe(0)).replies()
    expect(await peer.replies()).toEqual([['video', 1, 0]])
  })

  it('without anything playing does nothing', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    await peer.createStream()
    peer.command(1, 'pause', 0, null, true).command(1, 'seek', 0, null, 0).command(7, 'pause', 0, null, true)
    peer.command(1, 'receiveAudio', 0, null, false).command(1, 'receiveVideo', 0, null, false)
    expect(await peer.replies()).toEqual([])
  })
})

describe('other wishes of a live player', () => {
  it.each([0, 1000, -1, NaN, 'x', undefined, null, {}])('it can not seek to %j', async position => {
    await using server = new RawServer()
    const peer = server.peer()
    await peer.play('name')
    expect(await peer.command(1, 'seek', 0, null, position).replies()).toEqual([
      ['onStatus', 1, 0, null, 'error NetStream.Seek.Failed'],
    ])
  })

  it('it gets audio and video as it wants, headers always, and video again from a keyframe on', async () => {
    await using server = new RawServer()
    const publisher = server.peer()
    await publisher.publish('name')
    const peer = server.peer()
    await peer.play('name')
    const send = async (...messages: Parameters<RawPeer['media']>[1][]) => {
      await publisher.media(1, ...messages).replies()
      return peer.replies()
    }
    await peer.command(1, 'receiveVideo', 0, null, false).replies()
    expect(await send(samples.videoHeader(0), samples.keyframe(0), samples.audio(10))).toEqual([
      ['video', 1, 0],
      ['audio', 1, 10],
    ])
    await peer.command(1, 'receiveVideo', 0, null, true).command(1, 'receiveAudio', 0, null, false).replies()
    expect(await send(samples.interframe(20), samples.audio(30), samples.keyframe(40), samples.interframe(50))).toEqual(
      [
        ['video', 1, 40],
        ['video', 1, 50],
      ],
    )
    await peer.command(1, 'receiveAudio', 0, null, true).replies()
    expect(await send(samples.audio(60), samples.interframe(70))).toEqual([
      ['audio', 1, 60],
      ['video', 1, 70],
    ])
  })
})

describe('bindPlay', () => {
  const upTo = (limit: number) =>
    new PassThrough({
      objectMode: true,
      transform: (message, _, done) => (message.timestamp < limit ? done(null, message) : done()),
    })

  it('is spliced into the path of this player only, and the end comes last', async () => {
    const transforms = [upTo(50), undefined]
    await using server = new RawServer({ plugins: [{ name: 'cut', bindPlay: () => transforms.shift() }] })
    const publisher = server.peer()
    await publisher.publish('name')
    const peers = [server.peer(), server.peer()]
    for (const peer of peers) await peer.play('name')
    await publisher
      .media(1, samples.keyframe(0), samples.interframe(40), samples.interframe(80))
      .command(1, 'closeStream', 0, null)
      .replies()
    await new Promise<void>(resolve => void setImmediate(() => setImmediate(resolve)))
    const end = [
      ['StreamEof', 1],
      ['onStatus', 1, 0, null, 'status NetStream.Play.UnpublishNotify'],
    ]
    expect(await peers[0]?.replies()).toEqual([['video', 1, 0], ['video', 1, 40], ...end])
    expect(await peers[1]?.replies()).toEqual([['video', 1, 0], ['video', 1, 40], ['video', 1, 80], ...end])
  })

  it('may take its time: the end comes last all the same, unless the next publisher is there before', async () => {
    const later = slow()
    await using server = new RawServer({ plugins: [{ name: 'slow', bindPlay: () => later }] })
    const publisher = server.peer()
    await publisher.publish('name')
    const peer = server.peer()
    await peer.play('name')
    publisher.media(1, samples.keyframe(0), samples.interframe(40)).command(1, 'closeStream', 0, null)
    const end = ['onStatus', 1, 0, null, 'status NetStream.Play.UnpublishNotify']
    expect([await peer.next(), await peer.next(), await peer.next(), await peer.next()]).toEqual([
      ['video', 1, 0],
      ['video', 1, 40],
      ['StreamEof', 1],
      end,
    ])
    await publisher.command(1, 'publish', 0, null, 'name').replies()
    await peer.replies()
    publisher
      .media(1, samples.keyframe(0), samples.interframe(40))
      .command(1, 'closeStream', 0, null)
      .command(1, 'publish', 0, null, 'name')
    await publisher.media(1, samples.keyframe(0)).replies()
    expect([await peer.next(), await peer.next(), await peer.next()]).toEqual([
      ['video', 1, 80],
      ['video', 1, 120],
      ['video', 1, 160],
    ])
  })

  it.each([false, true])(
    'that takes its time gets all that a late player begins with; paused before: %s',
    async pauses => {
      const later = slow()
      await using server = new RawServer({ plugins: [{ name: 'slow', bindPlay: () => later }] })
      const publisher = server.peer()
      await publisher.publish('name')
      const peer = await server.peer().connect()
      await peer.createStream()
      if (pauses) await peer.command(1, 'play', 0, null, 'name').command(1, 'pause', 0, null, true).replies()
      await publisher.media(1, samples.keyframe(0), ...pictures(40, 249)).replies()
      peer.command(1, pauses ? 'pause' : 'play', 0, null, pauses ? false : 'name')
      const begun = `status NetStream.${pauses ? 'Unpause.Notify' : 'Play.Start'}`
      while ((await peer.next()).at(-1) !== begun);
      // More comes before the Transform has taken what there was.
      publisher.media(1, ...pictures(10_000, 50))
      const video: Described[] = []
      while (video.at(-1)?.[2] !== 11_960) {
        const message = await peer.next()
        if (message[0] === 'video') video.push(message)
      }
      expect(video).toHaveLength(300)
    },
  )

  it('that takes nothing loses what comes after a late player’s beginning', async () => {
    const stuck = new PassThrough({ objectMode: true, transform() {} })
    let dropped = 0
    using clock = new VirtualClock()
    await using server = new RawServer({
      plugins: [{ name: 'stuck', bindPlay: () => stuck, onPlayEnd: info => void (dropped = info.dropped) }],
    })
    const publisher = server.peer()
    await publisher.publish('name')
    await publisher.media(1, samples.keyframe(0), ...pictures(40, 100)).replies()
    const peer = server.peer()
    await peer.play('name')
    for (const picture of pictures(4_040, 200)) {
      publisher.media(1, picture)
      await clock.advance(40)
    }
    await peer.command(1, 'closeStream', 0, null).replies()
    expect(dropped).toBeGreaterThan(100)
  })

  it('is destroyed when the player leaves, without a word', async () => {
    const transform = upTo(Infinity)
    await using server = new RawServer({ plugins: [{ name: 'bind', bindPlay: () => transform }] })
    const peer = server.peer()
    await peer.play('name')
    expect(await peer.command(1, 'closeStream', 0, null).replies()).toEqual([])
    expect(transform.destroyed).toBe(true)
    expect(server.log.at('error')).toEqual([])
  })

  it('that is being destroyed leaves the next play of the same NetStream alone', async () => {
    await using server = new RawServer({ plugins: [{ name: 'bind', bindPlay: () => upTo(Infinity) }] })
    const peer = server.peer()
    await peer.play('a')
    expect((await peer.command(1, 'play', 0, null, 'b').replies()).at(-1)?.at(-1)).toBe('status NetStream.Play.Start')
    expect(await peer.replies()).toEqual([])
    expect(server.server.streams.get('live', 'b')?.consumerCount).toBe(1)
  })

  it.each([
    ['fails', (transform: PassThrough) => transform.destroy(new Error('boom')), 'error NetStream.Failed'],
    ['ends', (transform: PassThrough) => transform.end(), 'status NetStream.Play.Stop'],
  ])('that %s ends this play alone', async (_what, act, info) => {
    const transforms = [upTo(Infinity), undefined]
    const [transform] = transforms as [PassThrough, undefined]
    await using server = new RawServer({ plugins: [{ name: 'bind', bindPlay: () => transforms.shift() }] })
    const [peer, other] = [server.peer(), server.peer()]
    await peer.play('name')
    await other.play('name')
    act(transform)
    expect(await peer.next()).toEqual(['onStatus', 1, 0, null, info])
    expect(server.server.streams.get('live', 'name')?.consumerCount).toBe(1)
    expect(await other.replies()).toEqual([])
  })
})

describe('a player that falls too far behind', () => {
  it('is told NetStream.Play.InsufficientBW and disconnected', async () => {
    using clock = new VirtualClock()
    await using server = new RawServer({ whenSlow: 'fail', limits: { maxPlayerLag: 1_000 } })
    const publisher = server.peer()
    await publisher.publish('name')
    const peer = server.peer()
    await peer.play('name')
    const [, player] = netConnections(server.server)
    // Nothing is read while media come.
    for (let count = 0; count < 100 && player?.isEnding === false; count += 1) {
      publisher.media(1, samples.interframe(40 * count, 20_000))
      await clock.advance(40)
    }
    const rest = await peer.rest()
    expect(rest.length).toBeLessThan(100)
    expect(rest.at(-1)).toEqual(['onStatus', 1, 0, null, 'warning NetStream.Play.InsufficientBW'])
    expect(await publisher.replies()).toEqual([])
  })

  it('loses nothing when it takes everything, though time jumps', async () => {
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const holding = new PassThrough({
      objectMode: true,
      transform: (message, _, done) => void held.then(() => done(null, message)),
    })
    let dropped: number | undefined
    await using server = new RawServer({
      plugins: [{ name: 'holding', bindPlay: () => holding, onPlayEnd: info => void (dropped = info.dropped) }],
    })
    const [publisher, peer] = [server.peer(), server.peer()]
    await publisher.publish('name')
    await peer.play('name')
    for (const from of [0, 2_000, 3_600_000])
      await publisher.media(1, samples.keyframe(from), ...pictures(from + 40, 48)).replies()
    release()
    const video: Described[] = []
    while (video.length < 3 * 49) {
      const message = await peer.next()
      if (message[0] === 'video') video.push(message)
    }
    await peer.command(1, 'closeStream', 0, null).replies()
    expect(dropped).toBe(0)
  })

  it('does not hold the publisher for ever, though it pings', async () => {
    using clock = new VirtualClock()
    await using server = new RawServer({ whenSlow: 'backpressure', limits: { maxPlayerQueueBytes: 100_000 } })
    const [publisher, peer] = [server.peer(), server.peer()]
    await publisher.publish('name')
    await peer.play('name')
    const [, player] = netConnections(server.server)
    for (let index = 0; index < 100; index += 1) publisher.media(1, samples.interframe(0, 20_000))
    for (let second = 1; second < 30; second += 1) {
      await clock.advance(1_000)
      publisher.media(1, samples.interframe(second * 1_000))
      peer.send(userControl({ type: 'PingRequest', timestamp: second }))
    }
    expect([player?.state, publisher.messages.queuedBytes > 0]).toEqual(['connected', true])
    await clock.advance(11_000 + defaultSessionLimits.lingerTimeout)
    expect([player?.state, publisher.messages.queuedBytes]).toEqual(['closed', 0])
    expect(server.log.at('warn')).toMatchObject([{ stream: 'name' }])
  })
})
