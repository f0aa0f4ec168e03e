import { once } from 'node:events'
import { deny, type PlayInfo, type Plugin } from '@rtmpipe/session'
import { pluginCompliance, samples, sampleStream, take, TestServer, VirtualClock } from '@rtmpipe/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { relayPull } from '../../src/relay/index.ts'
import { connectTo } from './support/connect-to.ts'
import { Line } from './support/line.ts'
import { essence, isMonotonic } from './support/media.ts'
import { nextState } from './support/state.ts'

const soon = { min: 1, max: 1 }

/** Tells of players. */
function watch(): { plugin: Plugin; playing: Set<PlayInfo>; ended(): Promise<void> } {
  const playing = new Set<PlayInfo>()
  const waiting: (() => void)[] = []
  const plugin: Plugin = {
    name: 'watch',
    onPlayStart: info => void playing.add(info),
    onPlayEnd: info => {
      playing.delete(info)
      waiting.shift()?.()
    },
  }
  return { plugin, playing, ended: () => new Promise(resolve => waiting.push(resolve)) }
}

afterEach(() => void vi.useRealTimers())

describe('relayPull', () => {
  it('fetches a stream once, however many play it, and not what is not to be fetched', async () => {
    const far = watch()
    await using origin = new TestServer({ plugins: [far.plugin] })
    const relay = relayPull({
      connect: connectTo({ origin }),
      from: ({ app, streamName }) => (app === 'live' ? `memory://origin/${app}/${streamName}` : undefined),
      linger: 0,
    })
    await using edge = new TestServer({ plugins: [relay] })
    const live = nextState(relay, 'live')
    const players = await Promise.all([edge.play('live/show'), edge.play('live/show'), edge.play('live/show')])
    await edge.play('other/show')
    await live
    expect(relay.origins).toMatchObject([{ destination: 'memory://origin/live/…', state: 'live' }])
    const publisher = await origin.publish('live/show')
    const sent = sampleStream(20)
    for (const message of sent) publisher.write(message)
    for (const player of players) expect((await take(player, sent.length)).map(essence)).toEqual(sent.map(essence))
    expect(far.playing.size).toBe(1)

    const gone = far.ended()
    for (const player of players) player.destroy()
    await gone
    expect(far.playing.size).toBe(0)
  })

  it('keeps a stream for a while after its last player, who may come back', async () => {
    const far = watch()
    await using origin = new TestServer({ plugins: [far.plugin] })
    const left: (() => void)[] = []
    const relay = relayPull({ connect: connectTo({ origin }), from: () => 'memory://origin/live/show', linger: 10_000 })
    await using edge = new TestServer({ plugins: [relay, { name: 'left', onPlayEnd: () => left.shift()?.() }] })
    const live = nextState(relay, 'live')
    const first = await edge.play('live/show')
    await live
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const leave = (player: typeof first) => {
      const done = new Promise<void>(resolve => left.push(resolve))
      player.destroy()
      return done
    }
    await leave(first)
    await vi.advanceTimersByTimeAsync(9_000)
    const second = await edge.play('live/show')
    await vi.advanceTimersByTimeAsync(9_000)
    expect(far.playing.size).toBe(1)
    await leave(second)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(far.playing.size).toBe(1)
    const gone = far.ended()
    await vi.advanceTimersByTimeAsync(1)
    await gone
    expect(far.playing.size).toBe(0)
  })

  it('connects again while it is wanted, and time goes on from there', async () => {
    const far = watch()
    await using origin = new TestServer({ plugins: [far.plugin] })
    const relay = relayPull({ connect: connectTo({ origin }), from: () => 'memory://origin/live/show', backoff: soon })
    await using edge = new TestServer({ plugins: [relay] })
    const publisher = await origin.publish('live/show')
    const first = nextState(relay, 'live')
    const player = await edge.play('live/show')
    await first
    for (const message of sampleStream(20)) publisher.write(message)
    const before = await take(player, sampleStream(20).length)
    const live = nextState(relay, 'live')
    for (const { connection } of far.playing) connection.end()
    await live
    publisher.write(samples.keyframe(9_000))
    const after = await take(player, 4)
    expect(isMonotonic([...before, ...after])).toBe(true)
    expect(after.slice(0, 3).map(essence).sort()).toEqual(
      [samples.metadata(), samples.videoHeader(), samples.audioHeader()].map(essence).sort(),
    )
  })

  it('leaves an origin that falls silent, and connects again', async () => {
    using clock = new VirtualClock()
    await using origin = new TestServer({ publishWait: Infinity })
    const line = new Line(origin)
    const relay = relayPull({ connect: line.connect, from: () => 'memory://origin/live/show', backoff: soon })
    await using edge = new TestServer({ plugins: [relay], publishWait: Infinity })
    const live = nextState(relay, 'live')
    await edge.play('live/show')
    await live
    // Nobody publishes, but pings are answered.
    await clock.advance(120_000)
    expect(line.count).toBe(1)
    const failures: unknown[] = []
    relay.on('state', ({ state, error }) => void (state === 'waiting' && failures.push(error)))
    line.goDead()
    await clock.advance(50_000)
    expect(failures).toEqual([])
    await clock.advance(50_000)
    expect(failures).toEqual([expect.stringContaining('not even the answer to a ping')])
    expect(relay.origins).toMatchObject([{ state: 'live' }])
    expect(line.count).toBe(2)
  })

  it('does not let players wait for ever for what nobody publishes there either', async () => {
    using clock = new VirtualClock()
    await using origin = new TestServer()
    const from = ({ streamName }: { streamName: string }) => `memory://origin/live/${streamName}`
    const relay = relayPull({ connect: connectTo({ origin }), from })
    await using edge = new TestServer({ plugins: [relay], publishWait: 5_000 })
    const [missing, there] = [await edge.play('live/missing'), await edge.play('live/there')]
    const ended = once(missing, 'error')
    const publisher = await origin.publish('live/there')
    publisher.write(samples.keyframe(0))
    await take(there, 1)
    await clock.advance(5_000)
    expect(await ended).toMatchObject([{ statusCode: 'NetStream.Play.StreamNotFound' }])
    publisher.write(samples.keyframe(40))
    await take(there, 1)
  })

  it('waits for an origin that is not there yet', async () => {
    const servers: Record<string, TestServer> = {}
    const relay = relayPull({ connect: connectTo(servers), from: () => 'memory://origin/live/show', backoff: soon })
    await using edge = new TestServer({ plugins: [relay] })
    const waiting = nextState(relay, 'waiting')
    const player = await edge.play('live/show')
    expect((await waiting).error).toContain('ECONNREFUSED')
    await using origin = new TestServer()
    const live = nextState(relay, 'live')
    servers['origin'] = origin
    await live
    const publisher = await origin.publish('live/show')
    publisher.write(samples.keyframe(0))
    await take(player, 1)
  })

  it('tells players when the stream has ended, and fetches it again for those who stay', async () => {
    await using origin = new TestServer()
    const relay = relayPull({ connect: connectTo({ origin }), from: () => 'memory://origin/live/show' })
    await using edge = new TestServer({ plugins: [relay] })
    const publisher = await origin.publish('live/show')
    const [leaver, stayer] = [await edge.play('live/show'), await edge.play('live/show', { follow: true })]
    publisher.write(samples.keyframe(0))
    await Promise.all([take(leaver, 1), take(stayer, 1)])
    const [idle, live] = [nextState(relay, 'idle'), nextState(relay, 'live')]
    leaver.resume()
    publisher.end()
    await Promise.all([once(leaver, 'end'), idle, live])
    const next = await origin.publish('live/show')
    next.write(samples.keyframe(0))
    expect((await take(stayer, 1)).map(essence)).toEqual([samples.keyframe(0)].map(essence))
  })

  it.each([1, 2])('fetches a stream again that has ended, also when there may be no more than %i', async maxStreams => {
    await using origin = new TestServer()
    const relay = relayPull({
      connect: connectTo({ origin }),
      from: ({ streamName }) => `memory://origin/live/${streamName}`,
      maxStreams,
    })
    await using edge = new TestServer({ plugins: [relay] })
    if (maxStreams === 2) await edge.play('live/other')
    const publisher = await origin.publish('live/show')
    const stayer = await edge.play('live/show', { follow: true })
    publisher.write(samples.keyframe(0))
    await take(stayer, 1)
    const [idle, live] = [nextState(relay, 'idle'), nextState(relay, 'live')]
    publisher.end()
    await Promise.all([idle, live])
    await expect(edge.play('live/more')).rejects.toMatchObject({ statusCode: 'NetStream.Play.Failed' })
    const next = await origin.publish('live/show')
    next.write(samples.keyframe(0))
    expect((await take(stayer, 1)).map(essence)).toEqual([samples.keyframe(0)].map(essence))
  })

  it('fetches no more than so many streams, whatever players ask for', async () => {
    const relay = relayPull({
      connect: connectTo({}),
      from: ({ app, streamName }) => (app === 'live' ? `memory://origin/live/${streamName}` : undefined),
      maxStreams: 2,
      linger: 0,
    })
    await using edge = new TestServer({ plugins: [relay] })
    const [first] = [await edge.play('live/1'), await edge.play('live/2')]
    await expect(edge.play('live/3')).rejects.toMatchObject({
      statusCode: 'NetStream.Play.Failed',
      description: '2 streams are fetched already',
    })
    await edge.play('live/2')
    await edge.play('other/3')
    expect(relay.origins.map(({ streamName }) => streamName)).toEqual(['1', '2'])
    const idle = nextState(relay, 'idle')
    first?.destroy()
    await idle
    await edge.play('live/3')
    expect(relay.origins.map(({ streamName }) => streamName)).toEqual(['2', '3'])
    expect(() => relayPull({ connect: connectTo({}), from: () => undefined, maxStreams: 0 })).toThrow('maxStreams: 0')
  })

  it('fetches no more though several come at the same moment', async () => {
    const relay = relayPull({
      connect: connectTo({}),
      from: ({ streamName }) => `memory://origin/live/${streamName}`,
      maxStreams: 2,
    })
    await using edge = new TestServer({ plugins: [relay] })
    const plays = await Promise.allSettled(['1', '2', '3', '4'].map(name => edge.play(`live/${name}`)))
    expect(plays.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(relay.origins).toHaveLength(2)
  })

  it('plays what is published here from here', async () => {
    let dials = 0
    const relay = relayPull({
      connect: () => Promise.reject(new Error(`dial ${(dials += 1)}`)),
      from: () => 'memory://origin/live/show',
    })
    await using edge = new TestServer({ plugins: [relay] })
    const publisher = await edge.publish('live/show')
    const player = await edge.play('live/show')
    publisher.write(samples.keyframe(0))
    await take(player, 1)
    expect(dials).toBe(0)
  })

  it('does not fetch from a server that fetches from here', async () => {
    const servers: Record<string, TestServer> = {}
    const one = relayPull({ connect: connectTo(servers), from: ({ streamName }) => `memory://two/live/${streamName}` })
    const two = relayPull({ connect: connectTo(servers), from: ({ streamName }) => `memory://one/live/${streamName}` })
    await using first = new TestServer({ plugins: [one] })
    await using second = new TestServer({ plugins: [two] })
    Object.assign(servers, { one: first, two: second })
    const waiting = nextState(two, 'waiting')
    await first.play('live/show')
    expect((await waiting).error).toContain('asked for from here')
  })

  it('goes on trying when the origin refuses', async () => {
    let refusals = 0
    const strict: Plugin = {
      name: 'strict',
      onPlay: () => ((refusals += 1) < 3 ? deny('NetStream.Play.StreamNotFound', 'not yet') : undefined),
    }
    await using origin = new TestServer({ plugins: [strict] })
    const relay = relayPull({ connect: connectTo({ origin }), from: () => 'memory://origin/live/show', backoff: soon })
    await using edge = new TestServer({ plugins: [relay] })
    const live = nextState(relay, 'live')
    await edge.play('live/show')
    await live
    expect(refusals).toBe(3)
  })

  it('closes with its server', async () => {
    const far = watch()
    await using origin = new TestServer({ plugins: [far.plugin] })
    const relay = relayPull({ connect: connectTo({ origin }), from: () => 'memory://origin/live/show', linger: 1e6 })
    const edge = new TestServer({ plugins: [relay] })
    const live = nextState(relay, 'live')
    await edge.play('live/show')
    await live
    await edge[Symbol.asyncDispose]()
    expect(relay.origins).toEqual([])
  })
})

describe('relayPull complies', () => {
  it.each(pluginCompliance)('$name', one =>
    one.run(() => {
      const origin = new TestServer()
      const plugin = relayPull({ connect: connectTo({ origin }), from: () => 'memory://origin/live/show' })
      return { plugin, dispose: () => origin[Symbol.asyncDispose]() }
    }),
  )
})
