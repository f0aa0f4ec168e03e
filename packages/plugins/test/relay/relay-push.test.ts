import { once } from 'node:events'
import { Transform } from 'node:stream'
import type { ConnectionInfo, Plugin, PublishInfo } from '@rtmpipe/session'
import { pluginCompliance, samples, sampleStream, take, TestServer } from '@rtmpipe/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { httpCallback } from '../../src/auth/index.ts'
import { publisherReturn } from '../../src/publisher-return/index.ts'
import { type RelayConnect, relayPull, relayPush, type RelayStatus } from '../../src/relay/index.ts'
import { logLines } from '../auth/support/log-lines.ts'
import { CallbackServer } from '../auth/support/callback-server.ts'
import { connectTo } from './support/connect-to.ts'
import { essence, isMonotonic } from './support/media.ts'
import { nextState } from './support/state.ts'

const nowhere: RelayConnect = () => Promise.reject(new Error('connect ECONNREFUSED'))
const soon = { min: 1, max: 1 }

/** Tells of publishers. */
function watch(): { plugin: Plugin; started: PublishInfo[]; start(): Promise<PublishInfo>; ended: string[] } {
  const started: PublishInfo[] = []
  const ended: string[] = []
  const waiting: ((info: PublishInfo) => void)[] = []
  const plugin: Plugin = {
    name: 'watch',
    onPublishStart(info) {
      started.push(info)
      waiting.shift()?.(info)
    },
    onPublishEnd: ({ streamName }, { error }) =>
      void ended.push(error ? `${streamName}: ${error.message}` : streamName),
  }
  return { plugin, started, ended, start: () => new Promise(resolve => waiting.push(resolve)) }
}

describe('relayPush', () => {
  it.each([
    ['a key that is a query', 'memory://there/bvc/?name=a&key=b', 'bvc/?name=a&key=b'],
    ['a query before the key', 'memory://there/live2?backup=1/key', 'live2/key'],
    ['two parts', { app: 'memory://there/live2?backup=1', name: 'key?x=1' }, 'live2/key'],
  ])('pushes to %s, where it is a stream', async (_what, to, path) => {
    const far = watch()
    await using there = new TestServer({ plugins: [far.plugin] })
    const relay = relayPush({ connect: connectTo({ there }) })
    await using here = new TestServer({ plugins: [relay] })
    const started = far.start()
    relay.add('live', 'show', to)
    const publisher = await here.publish('live/show')
    const { query } = await started
    expect(query.get('backup') ?? query.get('key')).toMatch(/^[1b]$/)
    const player = await there.play(path)
    publisher.write(samples.audio(40))
    expect(await take(player, 1)).toMatchObject([{ timestamp: 40 }])
    const removed = await relay.remove('live', 'show', to)
    expect([removed, relay.destinations]).toEqual([true, []])
  })

  it.each([['http://proxy:3128'], [false], [undefined]] as const)('connects by the proxy %j', async proxy => {
    const asked: unknown[] = []
    const connect: RelayConnect = async (_url, options) => {
      asked.push('proxy' in options ? options.proxy : 'not said')
      throw new Error('enough')
    }
    const by = proxy === undefined ? {} : { proxy }
    const push = relayPush({ connect, to: ['memory://there/copy'], ...by })
    const pull = relayPull({ connect, from: () => 'memory://there/live/show', ...by })
    await using here = new TestServer({ plugins: [push, pull] })
    const pushing = once(push, 'state')
    await here.publish('live/show')
    await pushing
    const pulling = once(pull, 'state')
    await here.play('live/other')
    await pulling
    expect(asked).toEqual([proxy ?? 'not said', proxy ?? 'not said'])
  })

  it('publishes every stream elsewhere under its name, and ends it properly', async () => {
    const far = watch()
    await using there = new TestServer({ plugins: [far.plugin] })
    const relay = relayPush({ connect: connectTo({ there }), to: ['memory://there/copy'] })
    await using here = new TestServer({ plugins: [relay] })
    const player = await there.play('copy/show')
    const live = nextState(relay, 'live')
    const publisher = await here.publish('live/show')
    await live
    expect(relay.destinations).toMatchObject([
      { app: 'live', streamName: 'show', destination: 'memory://there/copy/show', state: 'live', failures: 0 },
    ])
    const sent = sampleStream(30)
    for (const message of sent) publisher.write(message)
    const got = await take(player, sent.length)
    expect(got.map(essence)).toEqual(sent.map(essence))
    expect(got.map(({ timestamp }) => timestamp)).toEqual(sent.map(({ timestamp }) => timestamp))

    const idle = nextState(relay, 'idle')
    publisher.end()
    player.resume()
    await Promise.all([idle, once(player, 'end')])
    expect(far.ended).toEqual(['show'])
    expect(relay.destinations).toEqual([])
    expect(there.clients.at(-1)?.state).toBe('closed')
  })

  it('begins with headers and a keyframe in the middle of a stream, at its time', async () => {
    await using there = new TestServer()
    const relay = relayPush({ connect: connectTo({ there }) })
    await using here = new TestServer({ plugins: [relay] })
    const publisher = await here.publish('live/show')
    const local = await here.play('live/show')
    for (const message of sampleStream(25)) publisher.write(message)
    await take(local, sampleStream(25).length)
    const player = await there.play('app/key')
    relay.add('live', 'show', 'memory://there/app/key')
    const [metadata, ...others] = await take(player, 4)
    expect([metadata, ...others].map(message => essence(message as never)).sort()).toEqual(
      [samples.metadata(), samples.videoHeader(), samples.audioHeader(), samples.keyframe(0)].map(essence).sort(),
    )
    expect(others.at(-1)?.timestamp).toBe(800)
    publisher.write(samples.keyframe(5_000))
    const rest = await take(player, 10)
    expect(rest.at(-1)?.timestamp).toBe(5_000)
  })

  it('pushes what was added whenever it is published, until it is removed', async () => {
    const far = watch()
    await using there = new TestServer({ plugins: [far.plugin] })
    const relay = relayPush({
      connect: connectTo({ there }),
      to: ({ streamName }) => [`memory://there/b/${streamName}-2`],
    })
    await using here = new TestServer({ plugins: [relay] })
    const url = 'memory://there/a/key'
    relay.add('live', 'show', url)
    expect(relay.destinations).toMatchObject([{ state: 'idle', destination: 'memory://there/a/…' }])
    for (const round of [1, 2]) {
      const both = [far.start(), far.start()]
      const publisher = await here.publish('live/show')
      expect((await Promise.all(both)).map(({ app, streamName }) => `${app}/${streamName}`).sort()).toEqual([
        'a/key',
        'b/show-2',
      ])
      if (round === 2) break
      const ends = [nextState(relay, 'idle')]
      publisher.end()
      await Promise.all(ends)
      if (relay.destinations.some(({ state }) => state !== 'idle')) await nextState(relay, 'idle')
    }
    expect(await relay.remove('live', 'show', url)).toBe(true)
    expect(far.ended.filter(name => name === 'key')).toHaveLength(2)
    expect(await relay.remove('live', 'show', url)).toBe(false)
    expect(relay.destinations).toMatchObject([{ destination: 'memory://there/b/…' }])
  })

  it('ends what has ended before it began', async () => {
    const far = watch()
    await using there = new TestServer({ plugins: [far.plugin] })
    const relay = relayPush({ connect: connectTo({ there }), to: ['memory://there/live'] })
    await using here = new TestServer({ plugins: [relay] })
    const [start, idle] = [far.start(), nextState(relay, 'idle')]
    const publisher = await here.publish('live/show')
    await start
    publisher.end()
    await idle
    expect(far.ended).toEqual(['show'])
  })

  it('connects again when it is cut off, and the time of the stream goes on', async () => {
    const far = watch()
    await using there = new TestServer({ plugins: [far.plugin] })
    const relay = relayPush({ connect: connectTo({ there }), to: ['memory://there/live'], backoff: soon })
    await using here = new TestServer({ plugins: [relay] })
    const first = far.start()
    const publisher = await here.publish('live/show')
    const player = await there.play('live/show', { follow: true })
    const info = await first
    for (const message of sampleStream(10)) publisher.write(message)
    const before = await take(player, sampleStream(10).length)
    const [second, waiting] = [far.start(), nextState(relay, 'waiting')]
    info.connection.end()
    expect((await waiting).error).toMatch(/ended|closed/)
    await second
    publisher.write(samples.keyframe(20_000))
    // The group of pictures that it begins with comes once more.
    let after = await take(player, 1)
    while (
      after.at(-1)?.timestamp !== undefined &&
      essence(after.at(-1) as never) !== essence(samples.keyframe(20_000))
    ) {
      after = [...after, ...(await take(player, 1))]
      if (after.length > 60) break
    }
    expect(isMonotonic([...before, ...after])).toBe(true)
    expect(relay.destinations).toMatchObject([{ state: 'live', error: undefined, failures: 0 }])
  })

  it('does not hold the publisher, nor another destination, for one that takes nothing', async () => {
    const stuck: Plugin = { name: 'stuck', bindPublish: () => new Transform({ objectMode: true, transform() {} }) }
    await using slow = new TestServer({ plugins: [stuck] })
    await using there = new TestServer()
    const relay = relayPush({
      connect: connectTo({ slow, there }),
      to: ['memory://slow/live', 'memory://there/live'],
      backoff: soon,
    })
    await using here = new TestServer({ plugins: [relay] })
    const player = await there.play('live/show')
    const live = nextState(relay, 'live')
    const publisher = await here.publish('live/show')
    await live
    if (relay.destinations.some(({ state }) => state !== 'live')) await nextState(relay, 'live')
    const messages = sampleStream(1_000)
    while (messages.length > 0) {
      const some = messages.splice(0, 40)
      for (const message of some) publisher.write(message)
      expect((await take(player, some.length)).map(essence)).toEqual(some.map(essence))
    }
    expect(relay.destinations.map(({ state }) => state)).toEqual(['live', 'live'])
    const waiting = nextState(relay, 'waiting')
    await slow[Symbol.asyncDispose]()
    expect((await waiting).destination).toBe('memory://slow/live/show')
  })

  it('takes nothing back that it has sent', async () => {
    const relay = relayPush({ connect: (...args) => connectTo({ here })(...args), to: ['memory://here/again'] })
    await using here: TestServer = new TestServer({ plugins: [relay] })
    const waiting = nextState(relay, 'waiting')
    await here.publish('live/show')
    expect((await waiting).error).toContain('has been relayed from here')
    expect([...here.server.streams].map(({ app }) => app)).toEqual(['live'])
  })

  it('is not sent around by two servers', async () => {
    const servers: Record<string, TestServer> = {}
    const one = relayPush({ connect: connectTo(servers), to: ['memory://two/x'] })
    const two = relayPush({ connect: connectTo(servers), to: ['memory://one/y'] })
    await using first = new TestServer({ plugins: [one] })
    await using second = new TestServer({ plugins: [two] })
    Object.assign(servers, { one: first, two: second })
    const waiting = nextState(two, 'waiting')
    await first.publish('live/show')
    expect((await waiting).error).toContain('has been relayed from here')
    expect([...first.server.streams].map(({ app }) => app)).toEqual(['live'])
  })

  it('ends nobody where two servers send their streams to each other, and newcomers may take over', async () => {
    const servers: Record<string, TestServer> = {}
    const serverThatSendsTo = (other: string) => {
      const relay = relayPush({ connect: connectTo(servers), to: [`memory://${other}/live`], backoff: soon })
      return { relay, server: new TestServer({ plugins: [publisherReturn({ policy: 'takeover' }), relay] }) }
    }
    const [one, two] = [serverThatSendsTo('two'), serverThatSendsTo('one')]
    await using first = one.server
    await using second = two.server
    Object.assign(servers, { one: first, two: second })
    const refused = nextState(two.relay, 'waiting')
    const publisher = await first.publish('live/show')
    expect((await refused).error).toContain('has been relayed from here')
    expect((await nextState(two.relay, 'waiting')).failures).toBeGreaterThan(1)
    const player = await second.play('live/show')
    for (const message of sampleStream(5)) publisher.write(message)
    expect(await take(player, 5)).toHaveLength(5)
    expect(publisher.destroyed).toBe(false)
  })

  it('goes where a web server sends it that nginx-rtmp would ask, and so does a pull', async () => {
    const far = watch()
    await using there = new TestServer({ plugins: [far.plugin] })
    const connect = connectTo({ there })
    const answers = new WeakMap<ConnectionInfo, string>()
    const answerTo = ({ connection }: { readonly connection: ConnectionInfo }) => {
      const url = answers.get(connection)
      answers.delete(connection)
      return url
    }
    const push = relayPush({ connect, to: info => [answerTo(info) ?? []].flat() })
    const pull = relayPull({ connect, from: answerTo })
    await using web = await CallbackServer.start()
    web.answer = ({ path }) => ({
      status: 302,
      headers: { location: path === '/publish' ? 'rtmp://there/copy/out' : 'rtmp://there/copy/in' },
    })
    const callback = httpCallback({
      format: 'nginx-rtmp',
      url: { publish: `${web.url}/publish`, play: `${web.url}/play` },
      onRelay: ({ url, connection }) => void answers.set(connection, url),
    })
    await using here = new TestServer({ plugins: [callback, push, pull] })
    const started = far.start()
    const publisher = await here.publish('live/show')
    expect((await started).streamName).toBe('out')
    publisher.end()
    const origin = await there.publish('copy/in')
    const player = await here.play('live/other')
    for (const message of sampleStream(3)) origin.write(message)
    expect(await take(player, 3)).toHaveLength(3)
    player.destroy()
  })

  it('logs in with user and password of the URL, and shows them nowhere', async () => {
    const lines: string[] = []
    const dialled: string[] = []
    const connect: RelayConnect = appUrl => {
      dialled.push(appUrl)
      return Promise.reject(new Error(`${appUrl} refuses s3cret99`))
    }
    const relay = relayPush({ connect, to: ['rtmp://studio:s3cret99@there/app'], log: logLines(lines) })
    await using here = new TestServer({ plugins: [relay] })
    const waiting = nextState(relay, 'waiting')
    await here.publish('live/show')
    const status = await waiting
    expect(dialled).toEqual(['rtmp://studio:s3cret99@there/app'])
    expect(status).toMatchObject({ destination: 'rtmp://there/app/show', error: 'rtmp://…@there/app refuses …' })
    expect(lines.join() + JSON.stringify(status)).not.toContain('s3cret')
  })

  it('keeps keys out of log and status', async () => {
    const lines: string[] = []
    const keys: Plugin = {
      name: 'echo',
      onPublish: ({ streamName, query }) => ({
        denied: true,
        code: 'NetStream.Publish.Denied',
        description: `no ${streamName} with ${query.get('sig')}`,
      }),
    }
    await using there = new TestServer({ plugins: [keys] })
    const relay = relayPush({ connect: connectTo({ there }), log: logLines(lines) })
    await using here = new TestServer({ plugins: [relay] })
    const waiting = nextState(relay, 'waiting')
    relay.add('live', 'show', 'memory://there/app/k3y-0123?sig=s3cret99')
    await here.publish('live/show')
    const status = await waiting
    expect(status.error).toContain('no … with …')
    expect(status.url).toBe('memory://there/app/k3y-0123?sig=s3cret99')
    expect(lines.join()).toContain('memory://there/app/…')
    expect(lines.join() + JSON.stringify(status)).not.toMatch(/k3y|s3cret/)
  })

  it('refuses URLs that can not be meant', () => {
    expect(() => relayPush({ connect: nowhere, to: ['rtmp://host'] })).toThrow(TypeError)
    expect(() => relayPush({ connect: nowhere }).add('live', 'a', 'rtmp://host/app')).toThrow(TypeError)
    expect(() => relayPush({ connect: nowhere, backoff: { min: -1 } })).toThrow(TypeError)
  })
})

describe('relayPush while nobody listens', () => {
  afterEach(() => void vi.useRealTimers())

  it('tries again after longer and longer times, and at once when it is published again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const attempts: number[] = []
    const connect: RelayConnect = () => {
      attempts.push(performance.now())
      return Promise.reject(new Error('connect ECONNREFUSED'))
    }
    const relay = relayPush({ connect, to: ['memory://there/live'], backoff: { min: 1_000, max: 8_000 } })
    await using here = new TestServer({ plugins: [relay] })
    const publisher = await here.publish('live/show')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(relay.destinations).toMatchObject([
      { state: 'waiting', error: 'connect ECONNREFUSED', failures: attempts.length },
    ])
    const gaps = attempts.slice(1).map((time, index) => time - (attempts[index] ?? 0))
    expect(gaps.length).toBeGreaterThan(6)
    for (const [index, gap] of gaps.entries()) {
      const full = Math.min(8_000, 1_000 * 2 ** index)
      expect(gap).toBeGreaterThanOrEqual(full / 2)
      expect(gap).toBeLessThanOrEqual(full)
    }
    const idle = nextState(relay, 'idle')
    publisher.end()
    await idle
    expect(relay.destinations).toEqual([])
    const count = attempts.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(attempts).toHaveLength(count)
  })

  it('leaves a server that takes nothing any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const transform = new Transform({ objectMode: true, transform() {} })
    const stuck: Plugin = { name: 'stuck', bindPublish: () => transform }
    await using there = new TestServer({ plugins: [stuck] })
    const relay = relayPush({ connect: connectTo({ there }), to: ['memory://there/live'] })
    await using here = new TestServer({ plugins: [relay] })
    const live = nextState(relay, 'live')
    const publisher = await here.publish('live/show')
    await live
    const local = await here.play('live/show')
    const waiting = nextState(relay, 'waiting')
    let failed: RelayStatus | undefined
    void waiting.then(status => {
      failed = status
    })
    for (let index = 0; index < 200; index += 1) publisher.write(samples.keyframe(index * 20, 40_000))
    await take(local, 200)
    // It may take some turns until everything on the way is full.
    for (let round = 0; round < 3 && failed === undefined; round += 1) await vi.advanceTimersByTimeAsync(30_000)
    expect(failed?.error).toBe('the destination has taken nothing for 30 s')
    // Its server waits for it to end, in the time of the test, which stands still.
    transform.destroy()
  })

  it('gives up an attempt that nobody answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const silent: Plugin = { name: 'silent', onPublish: () => new Promise<never>(() => {}) }
    await using there = new TestServer({ plugins: [silent], limits: { hookTimeout: 1e9 } })
    const relay = relayPush({ connect: connectTo({ there }), to: ['memory://there/live'] })
    await using here = new TestServer({ plugins: [relay] })
    const waiting = nextState(relay, 'waiting')
    await here.publish('live/show')
    await vi.advanceTimersByTimeAsync(30_000)
    expect((await waiting).error).toContain('no answer within 30 s')
  })
})

describe('relayPush complies', () => {
  it.each(pluginCompliance)('$name', one =>
    one.run(() => {
      const there = new TestServer()
      const plugin = relayPush({ connect: connectTo({ there }), to: ['memory://there/live'] })
      return { plugin, dispose: () => there[Symbol.asyncDispose]() }
    }),
  )
})
