import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { sampleStream, samples, send, settled, take, TestServer } from '@rtmpipe/testing'
import { afterEach, describe, expect, it } from 'vitest'
import type { EndReason, Plugin } from '../../src/contract/plugin.ts'
import type { StreamRelay, StreamView } from '../../src/contract/stream-view.ts'
import { status } from '../../src/protocol/status.ts'

const relay: StreamRelay = {
  by: 'mine',
  direction: 'push',
  url: 'rtmp://there/live/…',
  state: 'running',
  stateSince: new Date(),
  bytes: 0,
  attempts: 1,
  end() {},
}

describe('what a server shows', () => {
  it('has the connections, with what is known of them', async () => {
    await using test = new TestServer()
    const before = Date.now()
    await test.connect('live')
    const [connection] = test.server.connections
    expect(connection).toMatchObject({ app: 'live', transport: 'memory', secure: true })
    expect(connection?.since.getTime()).toBeGreaterThanOrEqual(before)
    expect(connection?.since.getTime()).toBeLessThanOrEqual(Date.now())
  })

  it('has the plays from their start to their end, and can end them', async () => {
    const files: Plugin = {
      name: 'files',
      sourcePlay: ({ app }) => (app === 'vod' ? new PassThrough({ objectMode: true }) : undefined),
    }
    await using test = new TestServer({ plugins: [files] })
    const before = Date.now()
    const player = await test.play('live/name')
    await test.play('vod/film')
    const [live, recorded] = test.server.players
    expect([live?.app, recorded?.app]).toEqual(['live', 'vod'])
    expect([live?.stream, recorded?.stream]).toEqual([test.server.streams.get('live', 'name'), undefined])
    expect(live?.since.getTime()).toBeGreaterThanOrEqual(before)
    expect(live?.lag).toEqual({ bytes: 0, duration: 0 })
    const told = once(player, 'error')
    live?.end(status('NetStream.Play.Failed', 'not today'))
    expect(await told).toMatchObject([{ statusCode: 'NetStream.Play.Failed', description: 'not today' }])
    expect([...test.server.players]).toEqual([recorded])
  })

  it('counts the bytes of a play, which stop with it', async () => {
    await using test = new TestServer()
    const publisher = await test.publish('live/name')
    const player = await test.play('live/name')
    const [play] = test.server.players
    const before = play?.bytes ?? NaN
    await send(publisher, sampleStream(20))
    await take(player, sampleStream(20).length)
    const [sent] = [(play?.bytes ?? NaN) - before]
    const payload = sampleStream(20).reduce((sum, message) => sum + message.payload.length, 0)
    expect(sent).toBeGreaterThanOrEqual(payload)
    play?.end()
    const atEnd = play?.bytes
    play?.connection.ping()
    expect(play?.bytes).toBe(atEnd)
  })

  it('tells where a stream comes from, and how many view it', async () => {
    await using test = new TestServer({
      plugins: [
        {
          name: 'source',
          sourcePlay: ({ streamName }) =>
            streamName === 'pulled' ? { kind: 'shared', open: () => new PassThrough({ objectMode: true }) } : undefined,
        },
      ],
    })
    await test.publish('live/published')
    await test.play('live/published')
    await test.play('live/pulled')
    const { streams } = test.server
    const end = streams.open('live', 'supplied').supply(new PassThrough({ objectMode: true }))
    streams.get('live', 'published')?.subscribe()
    const shown = [...streams].map(({ name, origin, viewers, consumerCount }) => [name, origin, viewers, consumerCount])
    expect(shown).toEqual([
      ['published', 'publisher', 1, 2],
      ['pulled', 'source', 1, 1],
      ['supplied', 'supply', 0, 0],
    ])
    end()
  })

  it('can end a stream: its publisher is told, and stays', async () => {
    await using test = new TestServer()
    const publisher = await test.publish('live/name')
    const stream = test.server.streams.get('live', 'name')
    const told = new Promise(resolve => publisher.once('status', resolve))
    stream?.end(status('NetStream.Unpublish.Success', 'the show is over'))
    expect(await told).toMatchObject({ code: 'NetStream.Unpublish.Success', description: 'the show is over' })
    expect(stream?.isPublishing).toBe(false)
    expect(stream?.origin).toBeUndefined()
    expect(test.server.connections.size).toBe(1)
  })

  it('can end a stream that a plugin feeds: what feeds it is destroyed', async () => {
    await using test = new TestServer()
    const messages = new PassThrough({ objectMode: true })
    const stream = test.server.streams.open('live', 'name')
    stream.supply(messages)
    stream.end()
    expect(messages.destroyed).toBe(true)
    expect(stream.isPublishing).toBe(false)
  })

  it('has the recordings that recorders show', async () => {
    await using test = new TestServer()
    await test.publish('live/name')
    const stream = test.server.streams.get('live', 'name')
    const recording = { by: 'mine', since: new Date(), bytes: 5, end() {} }
    const hide = stream?.addRecording(recording)
    expect([...(stream?.recordings ?? [])]).toEqual([recording])
    hide?.()
    expect(stream?.recordings.size).toBe(0)
  })

  it('has the relays that are shown', async () => {
    await using test = new TestServer()
    await test.publish('live/name')
    const stream = test.server.streams.get('live', 'name')
    const hide = stream?.addRelay(relay)
    stream?.addRelay(relay)
    expect([...(stream?.relays ?? [])]).toEqual([relay])
    hide?.()
    expect(stream?.relays.size).toBe(0)
  })
})

describe('notices of streams', () => {
  function watch() {
    const told: string[] = []
    const reasons: EndReason[] = []
    const plugin: Plugin = {
      name: 'watch',
      onPublishStart: ({ streamName }) => void told.push(`publish ${streamName}`),
      onPublishEnd: () => void told.push('publish end'),
      onStreamStart: ({ name }) => void told.push(`start ${name}`),
      onStreamEnd({ name }, reason) {
        told.push(`end ${name}`)
        reasons.push(reason)
      },
      onStreamViewers: ({ name, viewers }) => void told.push(`${name}: ${viewers}`),
      onClose: () => void told.push('close'),
    }
    return { told, reasons, plugin }
  }

  it('come whoever publishes or feeds the stream', async () => {
    const { told, reasons, plugin } = watch()
    await using test = new TestServer({ plugins: [plugin] })
    const publisher = await test.publish('live/a')
    publisher.end()
    await settled()
    expect(told).toEqual(['publish a', 'start a', 'publish end', 'end a'])
    const messages = new PassThrough({ objectMode: true })
    test.server.streams.open('live', 'b').supply(messages)
    await settled()
    const failure = new Error('cut off')
    messages.on('error', () => {})
    messages.destroy(failure)
    await settled()
    expect(told.slice(4)).toEqual(['start b', 'end b'])
    expect(reasons).toEqual([{}, { error: failure }])
  })

  it('let a publisher come back without an end, and tell the end when nobody is expected any more', async () => {
    const { told, plugin } = watch()
    await using test = new TestServer({ plugins: [plugin] })
    const first = await test.publish('live/a')
    const settle = test.server.streams.get('live', 'a')?.keepOpen()
    first.end()
    await settled()
    const second = await test.publish('live/a')
    second.end()
    await settled()
    expect(told.filter(line => /^(start|end)/.test(line))).toEqual(['start a'])
    settle?.()
    await settled()
    expect(told.filter(line => /^(start|end)/.test(line))).toEqual(['start a', 'end a'])
  })

  it('let a plugin end a stream as it begins', async () => {
    const plugin: Plugin = { name: 'no', onStreamStart: stream => stream.end() }
    await using test = new TestServer({ plugins: [plugin] })
    const publisher = await test.publish('live/a')
    await expect.poll(() => publisher.destroyed, { interval: 1 }).toBe(true)
    expect(test.server.streams.size).toBe(0)
    expect(test.server.connections.size).toBe(1)
  })

  it('tell of viewers, once for all changes of a turn', async () => {
    const { told, plugin } = watch()
    await using test = new TestServer({ plugins: [plugin] })
    const stream = test.server.streams.open('live', 'a')
    const consumers = Array.from({ length: 3 }, () => ({ deliver() {}, publishStarted() {}, publishEnded() {} }))
    for (const consumer of consumers) stream.attach(consumer)
    const subscription = stream.subscribe()
    await settled()
    stream.detach(consumers[0]!)
    stream.attach(consumers[0]!)
    await settled()
    expect(told).toEqual(['a: 3'])
    for (const consumer of consumers) stream.detach(consumer)
    subscription.destroy()
    await settled()
    expect(told).toEqual(['a: 3', 'a: 0'])
  })

  it('tell of recordings and relays, once for all changes of a turn and again when a relay says so', async () => {
    const told: string[] = []
    const plugin: Plugin = {
      name: 'watch',
      onStreamRecordings: ({ name, recordings }) => void told.push(`${name}: ${recordings.size} recordings`),
      onStreamRelays: ({ name, relays }) => void told.push(`${name}: ${[...relays].map(({ state }) => state).join()}`),
    }
    await using test = new TestServer({ plugins: [plugin] })
    const stream = test.server.streams.open('live', 'a')
    const hideRecording = stream.addRecording({ by: 'mine', since: new Date(), bytes: 0, end() {} })
    stream.addRecording({ by: 'mine', since: new Date(), bytes: 0, end() {} })
    const hide = stream.addRelay(relay)
    await settled()
    expect(told).toEqual(['a: 2 recordings', 'a: running'])
    stream.addRelay(relay)
    hideRecording()
    hideRecording()
    await settled()
    hideRecording()
    hide()
    await settled()
    expect(told.slice(2)).toEqual(['a: running', 'a: 1 recordings', 'a: '])
  })

  it('come before onClose when the server ends', async () => {
    const { told, plugin } = watch()
    const test = new TestServer({ plugins: [plugin] })
    const publisher = await test.publish('live/a')
    publisher.on('error', () => {})
    test.server.streams.open('live', 'b').supply(new PassThrough({ objectMode: true }))
    await test.server.close()
    expect(told.slice(-3)).toEqual(['end a', 'end b', 'close'])
    await test[Symbol.asyncDispose]()
  })
})

describe('channels of node:diagnostics_channel', () => {
  const names = ['connection', 'publish', 'play', 'stream'].flatMap(of => [`rtmpipe:${of}:start`, `rtmpipe:${of}:end`])
  const all = [...names, ...['viewers', 'recordings', 'relays'].map(what => `rtmpipe:stream:${what}`)]
  let unsubscribe = () => {}
  afterEach(() => unsubscribe())

  function listen() {
    const messages: [name: string, message: object][] = []
    const take = (message: unknown, name: string | symbol) => void messages.push([String(name), message as object])
    for (const name of all) channel(name).subscribe(take)
    unsubscribe = () => {
      for (const name of all) channel(name).unsubscribe(take)
    }
    return messages
  }

  it('are published with the objects that plugins are given', async () => {
    const messages = listen()
    const test = new TestServer()
    await test.publish('live/a')
    await test.play('live/a')
    await settled()
    const [publisher, player] = test.server.connections
    const [play] = test.server.players
    const stream = test.server.streams.get('live', 'a')
    const [, started] = messages.find(([name]) => name === 'rtmpipe:publish:start') ?? []
    expect(messages).toEqual([
      ['rtmpipe:connection:start', { connection: publisher }],
      ['rtmpipe:publish:start', started],
      ['rtmpipe:stream:start', { stream }],
      ['rtmpipe:connection:start', { connection: player }],
      ['rtmpipe:play:start', { play }],
      ['rtmpipe:stream:viewers', { stream, viewers: 1 }],
    ])
    stream?.addRecording({ by: 'mine', since: new Date(), bytes: 0, end() {} })
    stream?.addRelay(relay)
    await settled()
    expect(messages.slice(6)).toEqual([
      ['rtmpipe:stream:recordings', { stream }],
      ['rtmpipe:stream:relays', { stream }],
    ])
    await test[Symbol.asyncDispose]()
    const ends = messages.slice(8).map(([name]) => name)
    for (const of of ['publish', 'play', 'stream']) expect(ends).toContain(`rtmpipe:${of}:end`)
    expect(ends.filter(name => name === 'rtmpipe:connection:end')).toHaveLength(2)
  })

  it('and notices cost nothing per message', async () => {
    const messages = listen()
    let told = 0
    const count = () => void (told += 1)
    const plugin: Plugin = { name: 'all', onStreamStart: count, onStreamEnd: count, onStreamViewers: count }
    await using test = new TestServer({ plugins: [plugin] })
    const publisher = await test.publish('live/a')
    const player = await test.play('live/a')
    await send(publisher, sampleStream(1))
    await take(player, sampleStream(1).length)
    await settled()
    const [before, published] = [told, messages.length]
    const reads: string[] = []
    const stream = test.server.streams.get('live', 'a') as StreamView & object
    for (const name of ['bitRate', 'codecs', 'viewers', 'look'] as const) {
      const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(stream), name)
      expect(own, name).toBeDefined()
      Object.defineProperty(stream, name, { get: () => void reads.push(name), configurable: true })
    }
    const frames = Array.from({ length: 200 }, (_, index) => samples.interframe(40 + index))
    await send(publisher, frames)
    await take(player, frames.length)
    for (const name of ['bitRate', 'codecs', 'viewers', 'look']) Reflect.deleteProperty(stream, name)
    expect([told, messages.length, reads]).toEqual([before, published, []])
  })
})
