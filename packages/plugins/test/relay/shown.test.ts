import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { Plugin, StreamRelay, StreamView } from '@rtmpipe/session'
import { samples, sampleStream, send, settled, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { type RelayConnect, relayPull, relayPush, type RelayPushOptions } from '../../src/relay/index.ts'
import { connectTo } from './support/connect-to.ts'

const soon = { min: 1, max: 1 }
const until = { interval: 1 }

/** A server with a relay, another one far away, and what there is published. */
class Two implements AsyncDisposable {
  readonly published: string[] = []
  readonly told: string[] = []
  readonly there: TestServer
  readonly here: TestServer

  constructor(options: Omit<RelayPushOptions, 'connect'> = {}, connect?: RelayConnect) {
    const far: Plugin = {
      name: 'far',
      onPublishStart: ({ app, streamName }) => void this.published.push(`${app}/${streamName}`),
      onPublishEnd: ({ app, streamName }) => void this.published.push(`end ${app}/${streamName}`),
    }
    this.there = new TestServer({ plugins: [far] })
    const watch: Plugin = {
      name: 'watch',
      onStreamRelays: ({ relays }) => void this.told.push([...relays].map(({ state }) => state).join()),
    }
    const push = relayPush({ backoff: soon, ...options, connect: connect ?? connectTo({ there: this.there }) })
    this.here = new TestServer({ plugins: [push, watch] })
  }

  stream(name = 'show'): StreamView {
    return this.here.server.streams.open('live', name)
  }

  async relay(url: string, stream: StreamView = this.stream()): Promise<StreamRelay> {
    const { relay } = this.here.server.abilities
    if (relay === undefined) throw new Error('nobody offers to relay')
    return relay(stream, url)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.here[Symbol.asyncDispose]()
    await this.there[Symbol.asyncDispose]()
  }
}

describe('a push that is asked for', () => {
  it('begins in a stream that runs, shows itself, and ends when it is ended', async () => {
    await using two = new Two()
    const publisher = await two.here.publish('live/show')
    await send(publisher, sampleStream(25))
    const player = await two.there.play('app/key')
    const relay = await two.relay('rtmp://user:hush@there/app/key?token=hush')
    expect([...two.stream().relays]).toEqual([relay])
    expect(relay).toMatchObject({ by: 'relay-push', direction: 'push', url: 'rtmp://there/app/…', state: 'connecting' })
    const messages = await take(player, 4)
    expect(messages.at(-1)?.timestamp).toBe(800)
    await expect.poll(() => relay.state, until).toBe('running')
    expect(relay).toMatchObject({ attempts: 1, lastError: undefined })
    expect(Date.now() - relay.stateSince.getTime()).toBeLessThan(10_000)
    const { bytes } = relay
    await send(publisher, [samples.keyframe(5_000)])
    await take(player, 5)
    expect(relay.bytes).toBeGreaterThan(Math.max(bytes, 5_000))
    relay.end()
    expect(two.stream().relays.size).toBe(0)
    await expect.poll(() => two.published, until).toEqual(['app/key', 'end app/key'])
    expect(two.stream().isPublishing).toBe(true)
    await settled()
    expect(two.told.slice(-2)).toEqual(['running', ''])
  })

  it('goes elsewhere when it is changed, when the first has been told of the end, and counts on', async () => {
    await using two = new Two()
    const publisher = await two.here.publish('live/show')
    await send(publisher, sampleStream(25))
    const relay = await two.relay('rtmp://there/app/one')
    await expect.poll(() => relay.state, until).toBe('running')
    await expect.poll(() => relay.bytes, until).toBeGreaterThan(5_000)
    const { bytes } = relay
    expect(() => relay.change?.('http://there/app/two')).toThrow(expect.objectContaining({ code: 'RTMP_ERR_URL' }))
    expect(() => relay.change?.('rtmp://there/app/one')).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_RELAY_RUNNING' }),
    )
    expect(relay.state).toBe('running')
    relay.change?.('rtmp://there/app/two')
    relay.change?.('rtmp://there/other/three')
    expect(relay).toMatchObject({ url: 'rtmp://there/other/…', state: 'connecting' })
    expect([...two.stream().relays]).toEqual([relay])
    await expect.poll(() => relay.state, until).toBe('running')
    expect(two.published).toEqual(['app/one', 'end app/one', 'other/three'])
    expect(relay).toMatchObject({ attempts: 2, lastError: undefined })
    expect(relay.bytes).toBeGreaterThan(bytes)
    await two.relay('rtmp://there/app/one')
    relay.end()
    await expect.poll(() => two.published, until).toContain('end other/three')
    expect(() => relay.change?.('rtmp://there/app/four')).toThrow('the relay has ended')
  })

  it('ends while it is being changed', async () => {
    await using two = new Two()
    await two.here.publish('live/show')
    const relay = await two.relay('rtmp://there/app/one')
    await expect.poll(() => relay.state, until).toBe('running')
    relay.change?.('rtmp://there/app/two')
    relay.end()
    await expect.poll(() => two.published, until).toEqual(['app/one', 'end app/one'])
    await settled()
    expect([two.published.length, two.stream().relays.size]).toEqual([2, 0])
  })

  it('ends with the stream, and does not begin again with the next one', async () => {
    await using two = new Two()
    const publisher = await two.here.publish('live/show')
    await two.here.play('live/show')
    const relay = await two.relay('rtmp://there/app/key')
    await expect.poll(() => relay.state, until).toBe('running')
    publisher.end()
    await once(publisher, 'close')
    await two.here.publish('live/show')
    await expect.poll(() => two.published, until).toEqual(['app/key', 'end app/key'])
    await settled()
    expect([two.published.length, two.stream().relays.size]).toEqual([2, 0])
  })

  it('goes on with a publisher who comes back while the stream is kept open', async () => {
    await using two = new Two()
    const first = await two.here.publish('live/show')
    const settle = two.stream().keepOpen()
    const relay = await two.relay('rtmp://there/app/key')
    await expect.poll(() => relay.state, until).toBe('running')
    first.end()
    await once(first, 'close')
    await two.here.publish('live/show')
    await settled()
    expect([two.published, [...two.stream().relays]]).toEqual([['app/key'], [relay]])
    settle?.()
  })

  it('takes a stream that no client publishes', async () => {
    await using two = new Two()
    await two.here.connect('live')
    const fed = new PassThrough({ objectMode: true })
    two.stream('fed').supply(fed)
    await two.relay('rtmp://there/app/key', two.stream('fed'))
    await expect.poll(() => two.published, until).toEqual(['app/key'])
    fed.destroy()
    await expect.poll(() => two.published, until).toEqual(['app/key', 'end app/key'])
    expect(two.stream('fed').relays.size).toBe(0)
  })

  it('says why it waits, without what may be secret, and remembers it', async () => {
    let isDown = true
    const there = { connect: undefined as RelayConnect | undefined }
    const connect: RelayConnect = async (url, options) => {
      if (isDown) throw new Error(`connect ECONNREFUSED ${url} for hush-key?token=hush-token`)
      return (there.connect as RelayConnect)(url, options)
    }
    await using two = new Two({ backoff: { min: 50, max: 50 } }, connect)
    there.connect = connectTo({ there: two.there })
    await two.here.publish('live/show')
    const relay = await two.relay('rtmp://me:hush-pass@there/app/hush-key?token=hush-token')
    await expect.poll(() => relay.state, until).toBe('waiting')
    expect(relay.lastError).toContain('ECONNREFUSED')
    expect(`${relay.lastError} ${relay.url}`).not.toContain('hush')
    const { attempts } = relay
    isDown = false
    await expect.poll(() => relay.state, until).toBe('running')
    expect(relay.attempts).toBeGreaterThan(attempts)
    expect(relay.lastError).toContain('ECONNREFUSED')
    await settled()
    expect([two.told[0], two.told.at(-1)]).toEqual(['waiting', 'running'])
  })

  it.each([
    'memory://there/app/hush',
    'http://there/app/hush',
    'rtmpe://there/app/hush',
    'file:///etc/hush',
    'rtmps:there/app/hush',
    'rtmp://',
    'rtmp://there',
    'rtmp://there/hush',
    'rtmp://there/app/hush\r\nX: y',
    'rtmp://th\nere/app/hush',
    `rtmp://there/app/hush${'y'.repeat(2_048)}`,
    '',
    undefined,
    { app: 'rtmp://there/app', name: 'hush' },
  ])('is refused for %j, which is not repeated', async url => {
    await using two = new Two()
    await two.here.publish('live/show')
    const error: unknown = await two.relay(url as string).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'UsageError', code: 'RTMP_ERR_URL' })
    expect((error as Error).message).not.toContain('hush')
    expect(two.stream().relays.size).toBe(0)
  })

  it.each(['RTMP', 'rtmps', 'rtmpt', 'rtmpts'])('may go by %s', async scheme => {
    await using two = new Two()
    await two.here.publish('live/show')
    await two.relay(` ${scheme}://there/app/key`)
    await expect.poll(() => two.published, until).toEqual(['app/key'])
  })

  it('needs a stream that is live', async () => {
    await using two = new Two()
    await two.here.play('live/show')
    await expect(two.relay('rtmp://there/app/key')).rejects.toMatchObject({ code: 'RTMP_ERR_STREAM_NOT_LIVE' })
  })

  it('goes to one place once, and to no more places than it may', async () => {
    await using two = new Two({ maxPerStream: 3, maxPushes: 4, to: ['memory://there/copy'] })
    for (const name of ['show', 'other']) await two.here.publish(`live/${name}`)
    await two.relay('rtmp://there/app/key')
    await expect(two.relay('rtmp://there/app/key')).rejects.toMatchObject({
      code: 'RTMP_ERR_RELAY_RUNNING',
      message: 'the stream is pushed to rtmp://there/app/… already',
    })
    const last = await two.relay('rtmp://there/app/key2')
    await expect(two.relay('rtmp://there/app/key3')).rejects.toMatchObject({
      code: 'RTMP_ERR_RELAY_LIMIT',
      message: 'the stream is pushed to 3 servers already',
    })
    await expect(two.relay('rtmp://there/app/key3', two.stream('other'))).rejects.toMatchObject({
      code: 'RTMP_ERR_RELAY_LIMIT',
      message: 'there are 4 pushes of all streams already',
    })
    last.end()
    await two.relay('rtmp://there/app/key3', two.stream('other'))
  })

  it('may go to eight places where nothing else is said', async () => {
    await using two = new Two()
    await two.here.publish('live/show')
    for (let index = 0; index < 8; index += 1) await two.relay(`rtmp://there/app/${index}`)
    await expect(two.relay('rtmp://there/app/8')).rejects.toMatchObject({ code: 'RTMP_ERR_RELAY_LIMIT' })
  })
})

describe('pushes that were configured or added', () => {
  it('are shown while they have something to push, and can be ended and changed', async () => {
    await using there = new TestServer()
    const relay = relayPush({ connect: connectTo({ there }), to: ['memory://there/copy?token=hush'] })
    await using here = new TestServer({ plugins: [relay] })
    relay.add('live', 'show', 'memory://there/app/added')
    const publisher = await here.publish('live/show')
    const stream = here.server.streams.open('live', 'show')
    const [added, configured] = stream.relays
    expect([added?.url, configured?.url]).toEqual(['memory://there/app/…', 'memory://there/copy/show?…'])
    await expect.poll(() => [added?.state, configured?.state], until).toEqual(['running', 'running'])
    configured?.end()
    expect(relay.destinations).toMatchObject([{ destination: 'memory://there/app/…' }])
    added?.change?.('rtmp://there/app/changed')
    publisher.end()
    await expect.poll(() => stream.relays.size, until).toBe(0)
    expect(relay.destinations).toMatchObject([{ state: 'idle' }])
    await here.publish('live/show')
    const again = here.server.streams.open('live', 'show')
    expect([...again.relays].map(({ url }) => url)).toEqual(['rtmp://there/app/…', 'memory://there/copy/show?…'])
    expect(relay.destinations.map(({ url }) => url)).toContain('rtmp://there/app/changed')
  })
})

describe('the limits of pushes', () => {
  it('may forbid those that are asked for', async () => {
    await using two = new Two({ maxPerStream: 0 })
    await two.here.publish('live/show')
    await expect(two.relay('rtmp://there/app/key')).rejects.toMatchObject({ code: 'RTMP_ERR_RELAY_LIMIT' })
  })

  it.each(['maxPerStream', 'maxPushes'] as const)('%s is a number', name => {
    expect(() => relayPush({ connect: connectTo({}), [name]: -1 })).toThrow(`${name} should be a number from 0 up`)
  })
})

describe('a stream that is fetched', () => {
  it('shows from where, and ends with it', async () => {
    await using origin = new TestServer()
    const publisher = await origin.publish('live/show')
    const relay = relayPull({ connect: connectTo({ origin }), from: () => 'memory://origin/live/show?token=hush' })
    await using here = new TestServer({ plugins: [relay] })
    const player = await here.play('live/copy')
    player.on('error', () => {})
    await send(publisher, sampleStream(25))
    await take(player, 10)
    const stream = here.server.streams.open('live', 'copy')
    const [shown] = stream.relays
    expect(shown).toMatchObject({
      by: 'relay-pull',
      direction: 'pull',
      url: 'memory://origin/live/…',
      state: 'running',
    })
    expect(shown).toMatchObject({ attempts: 1, lastError: undefined })
    expect(shown?.bytes).toBeGreaterThan(5_000)
    expect(shown?.change).toBeUndefined()
    shown?.end()
    await expect.poll(() => [stream.relays.size, stream.isPublishing], until).toEqual([0, false])
    await expect.poll(() => relay.origins, until).toEqual([])
  })

  it('waits and says why, and leaves when a client publishes in its place', async () => {
    const relay = relayPull({ connect: connectTo({}), from: () => 'memory://origin/live/hush-key', backoff: soon })
    await using here = new TestServer({ plugins: [relay] })
    await here.play('live/copy')
    const stream = here.server.streams.open('live', 'copy')
    const [shown] = stream.relays
    await expect.poll(() => shown?.lastError, until).toBe('connect ECONNREFUSED origin')
    await expect.poll(() => shown?.attempts, until).toBeGreaterThan(1)
    await here.publish('live/copy')
    expect(stream.relays.size).toBe(0)
  })
})
