import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Plugin } from '../../src/contract/plugin.ts'
import type { Subscription } from '../../src/contract/stream-view.ts'
import { samples, send, settled, stall, take, TestServer, VirtualClock } from '@rtmpipe/testing'
import type { Described } from '../support/described.ts'
import { RawServer } from '../support/raw-server.ts'
import { Tape } from '../support/tape.ts'

const { audio, interframe, keyframe, videoHeader } = samples

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))
const onStatus = (code: string): Described => ['onStatus', 1, 0, null, code]
const video = (...timestamps: number[]) => timestamps.map(timestamp => ['video', 1, timestamp])

describe('a shared source', () => {
  function relay() {
    const opened: Tape[] = []
    const open = () => {
      const tape = new Tape()
      opened.push(tape)
      return tape
    }
    return {
      opened,
      server: new RawServer({ plugins: [{ name: 'relay', sourcePlay: () => ({ kind: 'shared', open }) }] }),
    }
  }

  it('is opened once for all players of a name, and destroyed after the last', async () => {
    const { opened, server } = relay()
    await using _ = server
    const peers = [server.peer(), server.peer(), server.peer()]
    for (const peer of peers) await peer.play('a')
    expect(opened).toHaveLength(1)
    opened[0]?.play(keyframe(0))
    await turn()
    for (const peer of peers) expect(await peer.replies()).toEqual(video(0))
    for (const peer of peers.slice(1)) await peer.command(1, 'closeStream', 0, null).replies()
    expect(opened[0]?.destroyed).toBe(false)
    await peers[0]?.command(0, 'deleteStream', 0, null, 1).replies()
    expect(opened[0]?.destroyed).toBe(true)
    await turn()
    expect(server.server.streams.size).toBe(0)
  })

  it.each<[how: string, leave: (subscription: Subscription) => void]>([
    ['destroyed', subscription => void subscription.destroy()],
    ['finished', subscription => subscription.finish()],
  ])('is destroyed when the last consumer is a subscription that is %s', async (_how, leave) => {
    const { opened, server } = relay()
    await using _ = server
    const peer = server.peer()
    await peer.play('a')
    const subscription = server.server.streams.get('live', 'a')?.subscribe() as Subscription
    await peer.command(1, 'closeStream', 0, null).replies()
    expect(opened[0]?.destroyed).toBe(false)
    leave(subscription)
    expect(opened[0]?.destroyed).toBe(true)
    await turn()
    expect(server.server.streams.size).toBe(0)
  })

  it('is opened for each name, and again after it was left', async () => {
    const { opened, server } = relay()
    await using _ = server
    const peer = server.peer()
    await peer.play('a')
    await server.peer().play('b')
    expect(opened).toHaveLength(2)
    await peer.command(1, 'closeStream', 0, null).replies()
    await peer.command(1, 'play', 0, null, 'a').replies()
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, false, false])
  })

  it.each([false, true])('is opened again for who comes while it is being destroyed; gone again: %s', async leaves => {
    const opened: Tape[] = []
    let destroyed: () => void = () => {}
    const open = () => {
      const tape = new Tape()
      tape._destroy = (error, done) => void (destroyed = () => done(error))
      opened.push(tape)
      return tape
    }
    await using server = new RawServer({ plugins: [{ name: 'relay', sourcePlay: () => ({ kind: 'shared', open }) }] })
    const [first, second] = [server.peer(), server.peer()]
    await first.play('a')
    await first.command(1, 'closeStream', 0, null).replies()
    await second.play('a')
    expect(opened.map(tape => tape.destroyed)).toEqual([true])
    if (leaves) await second.command(1, 'closeStream', 0, null).replies()
    destroyed()
    await second.replies()
    expect(opened).toHaveLength(leaves ? 1 : 2)
    opened[1]?.play(keyframe(0))
    expect(await second.replies()).toEqual(leaves ? [] : video(0))
    expect(server.server.streams.size).toBe(leaves ? 0 : 1)
    await second.command(1, 'closeStream', 0, null).replies()
    destroyed()
  })

  it('gives late players their beginning', async () => {
    const { opened, server } = relay()
    await using _ = server
    await server.peer().play('a')
    opened[0]?.play(videoHeader(0), keyframe(0), interframe(40))
    await turn()
    const late = await server.peer().connect()
    await late.createStream()
    expect((await late.command(1, 'play', 0, null, 'a').replies()).slice(3)).toEqual(video(0, 0, 40))
  })

  it('is not opened while somebody publishes', async () => {
    const { opened, server } = relay()
    await using _ = server
    await server.peer().publish('a')
    await server.peer().play('a')
    expect(opened).toHaveLength(0)
  })

  it.each<[string, (tape: Tape) => void]>([
    ['ends', tape => tape.play(null)],
    ['fails', tape => tape.destroy(new Error('boom'))],
    ['makes what has no place in a stream', tape => tape.play({ ...audio(0), messageTypeId: 20 })],
  ])('that %s ends like a publisher who leaves', async (_what, act) => {
    const { opened, server } = relay()
    await using _ = server
    const peer = server.peer()
    await peer.play('a')
    act(opened[0] as Tape)
    await expect.poll(() => server.server.streams.get('live', 'a')?.isPublishing, { interval: 1 }).toBe(false)
    expect((await peer.replies()).slice(-2)).toEqual([
      ['StreamEof', 1],
      onStatus('status NetStream.Play.UnpublishNotify'),
    ])
    expect(await peer.createStream()).toBe(2)
  })

  it('is read no faster than its slowest player when that holds it', async () => {
    let made = 0
    const open = () =>
      new Readable({
        objectMode: true,
        read() {
          made += 1
          this.push(keyframe(made, 10_000))
        },
      })
    const limits = { maxPlayerQueueBytes: 100_000 }
    await using server = new RawServer({
      limits,
      whenSlow: 'backpressure',
      plugins: [{ name: 'relay', sourcePlay: () => ({ kind: 'shared', open }) }],
    })
    const peer = await server.peer().connect()
    await peer.createStream()
    stall(peer.messages)
    peer.command(1, 'play', 0, null, 'a')
    let before = -1
    while (made !== before || made === 0) {
      before = made
      for (let count = 0; count < 20; count += 1) await turn()
    }
    expect(made * 10_000).toBeLessThan(3_000_000)
  })
})

describe('a paused player of a shared source', () => {
  function relay(properties: { reopen?: boolean; linger?: number } = {}) {
    const opened: Tape[] = []
    const open = () => {
      opened.push(new Tape())
      return opened.at(-1) as Tape
    }
    const plugin: Plugin = { name: 'relay', sourcePlay: () => ({ kind: 'shared', open, ...properties }) }
    return { opened, plugin }
  }
  const pause = (paused: boolean): [number, string, number, null, boolean] => [1, 'pause', 0, null, paused]

  it.each([0, 200])('goes on with it after all others have left, and a linger of %s ms', async linger => {
    using clock = new VirtualClock()
    const { opened, plugin } = relay({ linger })
    await using server = new RawServer({ plugins: [plugin] })
    const [paused, other] = [server.peer(), server.peer()]
    await paused.play('a')
    await other.play('a')
    opened[0]?.play(keyframe(0))
    expect(await paused.replies()).toEqual(video(0))
    await paused.command(...pause(true)).replies()
    await other.command(1, 'closeStream', 0, null).replies()
    await clock.advance(linger)
    opened[0]?.play(keyframe(40))
    await turn()
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([false])
    await paused.command(...pause(false)).replies()
    opened[0]?.play(keyframe(80))
    await turn()
    expect(await paused.replies()).toEqual(video(80))
    await paused.command(1, 'closeStream', 0, null).replies()
    await clock.advance(linger)
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true])
    expect(server.server.streams.size).toBe(0)
  })

  it('is told when it ends, and gets what it is opened for again', async () => {
    const { opened, plugin } = relay({ reopen: true })
    await using server = new RawServer({ plugins: [plugin] })
    const peer = server.peer()
    await peer.play('a')
    opened[0]?.play(keyframe(0))
    expect(await peer.replies()).toEqual(video(0))
    await peer.command(...pause(true)).replies()
    opened[0]?.play(null)
    await settled()
    expect(opened).toHaveLength(2)
    expect(await peer.replies()).toEqual([
      ['StreamEof', 1],
      onStatus('status NetStream.Play.UnpublishNotify'),
      ['StreamBegin', 1],
      onStatus('status NetStream.Play.PublishNotify'),
    ])
    await peer.command(...pause(false)).replies()
    opened[1]?.play(keyframe(0))
    await turn()
    expect(await peer.replies()).toEqual(video(40))
  })

  it('that leaves, as well as one that is gone without a word, does not keep it open', async () => {
    using clock = new VirtualClock()
    const { opened, plugin } = relay()
    await using server = new RawServer({ plugins: [plugin] })
    const [leaving, silent] = [server.peer(), server.peer()]
    await leaving.play('a')
    await silent.play('b')
    await leaving.command(...pause(true)).replies()
    await silent.command(...pause(true)).replies()
    leaving.messages.destroy()
    await settled()
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, false])
    // It answers no pings.
    await clock.advance(2 * 60_000)
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true])
  })
})

describe('a publisher of what is fed by a shared source', () => {
  const feed = () => {
    const opened: Readable[] = []
    const plugin: Plugin = {
      name: 'relay',
      sourcePlay: () => ({
        kind: 'shared',
        linger: 60_000,
        reopen: true,
        open: () => {
          opened.push(new Readable({ objectMode: true, read() {} }))
          return opened.at(-1) as Readable
        },
      }),
    }
    return { opened, plugin }
  }

  it('takes its place; players stay, and time goes on', async () => {
    const { opened, plugin } = feed()
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.play('live/a')
    const told: string[] = []
    player.on('status', ({ code }) => told.push(code))
    opened[0]?.push(keyframe(1_000))
    expect(await take(player, 1)).toMatchObject([{ timestamp: 1_000 }])
    const publisher = await server.publish('live/a')
    expect(opened[0]?.destroyed).toBe(true)
    await send(publisher, [keyframe(0), interframe(40)])
    const [first, second] = await take(player, 2)
    expect(first?.timestamp).toBeGreaterThan(1_000)
    expect((second?.timestamp ?? 0) - (first?.timestamp ?? 0)).toBe(40)
    await server.play('live/a')
    expect(opened).toHaveLength(1)
    expect(told).toEqual([])
    publisher.end()
    await settled()
    expect(told).toEqual(['NetStream.Play.UnpublishNotify'])
  })

  it('keeps a player nobody could have found from blocking a name', async () => {
    const { opened, plugin } = feed()
    await using server = new TestServer({ plugins: [plugin] })
    const player = await server.play('live/a')
    player.destroy()
    await settled()
    expect(opened[0]?.destroyed).toBe(false)
    await server.publish('live/a')
    await expect(server.publish('live/a')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
  })

  it('that is refused on the way leaves players with the end of the stream', async () => {
    const { plugin } = feed()
    const broken: Plugin = {
      name: 'broken',
      bindPublish: () => {
        throw new Error('bound to fail')
      },
    }
    await using server = new TestServer({ plugins: [plugin, broken] })
    const player = await server.play('live/a')
    const told: string[] = []
    player.on('status', ({ code }) => told.push(code))
    await expect(server.publish('live/a')).rejects.toMatchObject({ statusCode: 'NetStream.Failed' })
    await settled()
    expect(told).toEqual(['NetStream.Play.UnpublishNotify'])
  })
})
