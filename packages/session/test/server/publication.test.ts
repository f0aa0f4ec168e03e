import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { PassThrough, Transform, type TransformOptions } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { ConnectionInfo } from '../../src/contract/connection-info.ts'
import type { PublishInfo } from '../../src/contract/info.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { samples, settled, take, VirtualClock } from '@rtmpipe/testing'
import { described } from '../support/described.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { netConnections } from '../support/net-connections.ts'
import { RawServer } from '../support/raw-server.ts'
import { RecordingLog } from '../support/recording-log.ts'

/** A publisher and a player of the same stream. */
async function pair(server: RawServer): Promise<{ publisher: RawPeer; player: RawPeer }> {
  const [publisher, player] = [server.peer(), server.peer()]
  await publisher.publish('name')
  await player.play('name')
  return { publisher, player }
}

const data = (messageTypeId: number, messageStreamId: number, ...parts: Buffer[]): RtmpMessage => ({
  messageTypeId,
  messageStreamId,
  timestamp: 5,
  payload: Buffer.concat(parts),
})
const properties = new EcmaArray({ width: 640 })
const metadata = ['data', 1, 5, 'onMetaData', { width: 640 }]

describe('data of a publisher', () => {
  const wrapped = encodeAmf0('@setDataFrame', 'onMetaData', properties)
  const plain = encodeAmf0('onMetaData', properties)
  const selector = Buffer.of(0)

  it.each<[what: string, message: RtmpMessage]>([
    ['wrapped in @setDataFrame', data(MessageType.DataAmf0, 1, wrapped)],
    ['as it is', data(MessageType.DataAmf0, 1, plain)],
    ['of type 15, with its format selector', data(MessageType.DataAmf3, 1, selector, wrapped)],
    ['of type 15 without', data(MessageType.DataAmf3, 1, plain)],
    ['on id 0', data(MessageType.DataAmf0, 0, wrapped)],
    ['behind numbers', data(MessageType.DataAmf0, 1, encodeAmf0(0, 0), wrapped)],
    ['behind a zero byte', data(MessageType.DataAmf0, 1, selector, wrapped)],
    ['in @setDataFrame twice', data(MessageType.DataAmf0, 1, encodeAmf0('@setDataFrame'), wrapped)],
    ['behind null', data(MessageType.DataAmf0, 1, encodeAmf0('@setDataFrame', null), plain)],
    ['behind a number, of type 15', data(MessageType.DataAmf3, 1, selector, encodeAmf0(0), wrapped)],
    ['without its end', data(MessageType.DataAmf0, 1, wrapped.subarray(0, -3))],
    ['without its end, of type 15', data(MessageType.DataAmf3, 1, selector, wrapped.subarray(0, -3))],
    ['with padding', data(MessageType.DataAmf0, 1, wrapped, selector)],
  ])('metadata %s: players get onMetaData, late ones too', async (_what, message) => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    await publisher.send(message).replies()
    expect(await player.replies()).toEqual([metadata])
    expect(server.server.streams.get('live', 'name')?.metadata).toEqual(plain)
    const late = server.peer()
    await late.connect()
    await late.createStream()
    expect((await late.command(1, 'play', 0, null, 'name').replies()).at(-1)).toEqual([
      'data',
      1,
      0,
      'onMetaData',
      { width: 640 },
    ])
  })

  it('is handed on byte for byte', async () => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    await publisher.send(data(MessageType.DataAmf0, 1, wrapped)).replies()
    const [message] = await take(player.messages, 1)
    expect(message?.payload).toEqual(plain)
  })

  it.each(['onTextData', 'onCuePoint', '|RtmpSampleAccess'])('%s is handed on, but not kept', async name => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    await publisher.data(1, name, true, true).replies()
    expect(await player.replies()).toEqual([['data', 1, 0, name, true, true]])
    const late = server.peer()
    await late.play('name')
    expect(await late.replies()).toEqual([])
  })

  it('@clearDataFrame takes the metadata back', async () => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    const stream = server.server.streams.get('live', 'name')
    publisher.data(1, '@setDataFrame', 'onMetaData', properties)
    await publisher.data(1, '@clearDataFrame', 'onOtherData').replies()
    expect(stream?.metadata).toBeDefined()
    await publisher.data(1, '@clearDataFrame', 'onMetaData').replies()
    expect(stream?.metadata).toBeUndefined()
    expect(await player.replies()).toHaveLength(1)
    publisher.data(1, '@setDataFrame', 'onMetaData', properties)
    const padded = data(MessageType.DataAmf0, 1, encodeAmf0('@clearDataFrame', 'onMetaData'), Buffer.alloc(2))
    await publisher.send(padded).replies()
    expect(stream?.metadata).toBeUndefined()
  })

  it('of any name is kept for late players when @setDataFrame asks for it, until @clearDataFrame', async () => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    publisher.data(1, '@setDataFrame', 'onScore', { home: 1 })
    await publisher.data(1, '@setDataFrame', 'onScore', { home: 2 }).replies()
    expect(await player.replies()).toHaveLength(2)
    const late = async () => {
      const peer = await server.peer().connect()
      await peer.createStream()
      const replies = await peer.command(1, 'play', 0, null, 'name').replies()
      return replies.filter(([name]) => name === 'data')
    }
    expect(await late()).toEqual([['data', 1, 0, 'onScore', { home: 2 }]])
    await publisher.data(1, '@clearDataFrame', 'onScore').replies()
    expect(await late()).toEqual([])
  })

  it.each([
    ['nothing', ''],
    ['half a string', '02000a6f6e4d65'],
    ['an unknown marker', 'ff'],
    ['@clearDataFrame and half a string', '02000f40636c656172446174614672616d65020009'],
  ])('that is %s is dropped, and the publish goes on', async (_what, hex) => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    await publisher
      .send(data(MessageType.DataAmf0, 1, Buffer.from(hex, 'hex')))
      .media(1, samples.keyframe(0))
      .replies()
    expect(await player.replies()).toEqual([['video', 1, 0]])
  })

  it('without a publish goes nowhere', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    await peer.createStream()
    expect(
      await peer.data(1, 'onMetaData', {}).media(1, samples.keyframe(0)).media(9, samples.keyframe(0)).replies(),
    ).toEqual([])
  })
})

describe('bindPublish', () => {
  const delaying = (name: string, log: string[]) =>
    new Transform({
      objectMode: true,
      transform(message: RtmpMessage, _encoding, done) {
        log.push(`${name} ${message.timestamp}`)
        setImmediate(() => done(null, { ...message, timestamp: message.timestamp + 1 }))
      },
      flush(done) {
        this.push(samples.keyframe(1_000))
        done()
      },
    })

  it('Transforms are passed in list order, and what they hold back comes out before the end', async () => {
    const log: string[] = []
    const plugins: Plugin[] = ['a', 'b'].map(name => ({ name, bindPublish: () => delaying(name, log) }))
    plugins.push({ name: 'end', onPublishEnd: () => void log.push('end') })
    await using server = new RawServer({ plugins })
    const { publisher, player } = await pair(server)
    publisher.media(1, samples.keyframe(0), samples.interframe(40)).command(1, 'closeStream', 0, null)
    const got: unknown[] = []
    while (got.at(-1) !== 'onStatus') got.push(...(await take(player.messages, 1)).map(message => describe1(message)))
    expect(got).toEqual([2, 42, 1_001, 1_000, 'StreamEof', 'onStatus'])
    expect(log).toEqual(['a 0', 'b 1', 'a 40', 'b 41', 'b 1000', 'end'])
  })

  it('a full Transform holds the publisher', async () => {
    const transform = new PassThrough({ objectMode: true, highWaterMark: 2 })
    let release: (() => void) | undefined
    transform._transform = (message, _encoding, done) => {
      if (release === undefined) release = () => done(null, message)
      else done(null, message)
    }
    await using server = new RawServer({ plugins: [{ name: 'slow', bindPublish: () => transform }] })
    const { publisher } = await pair(server)
    const messages = Array.from({ length: 200 }, (_, index) => samples.interframe(index))
    publisher.media(1, ...messages)
    while (release === undefined) await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setImmediate(resolve))
    expect(publisher.messages.queuedBytes).toBeGreaterThan(150 * 500)
    release()
    await publisher.replies()
    expect(publisher.messages.queuedBytes).toBe(0)
  })

  const making = (transform: NonNullable<TransformOptions['transform']>) =>
    new Transform({ objectMode: true, transform })
  const later = () => making((message, _encoding, done) => void setImmediate(() => done(null, message)))
  const throwing = () =>
    making(() => {
      throw new Error('boom')
    })

  it.each<[what: string, transforms: () => Transform[], info: string]>([
    ['fails', () => [making((_message, _encoding, done) => done(new Error('boom')))], 'error NetStream.Failed'],
    ['throws', () => [throwing()], 'error NetStream.Failed'],
    ['throws behind another', () => [later(), throwing()], 'error NetStream.Failed'],
    [
      'makes what has no place in a stream',
      () => [making((message, _encoding, done) => done(null, { ...message, messageTypeId: MessageType.CommandAmf0 }))],
      'error NetStream.Failed',
    ],
    [
      'makes what is too long',
      () => [
        later(),
        making((message, _encoding, done) => done(null, { ...message, payload: Buffer.alloc(0x1000000) })),
      ],
      'error NetStream.Failed',
    ],
    [
      'ends by itself',
      () => [
        making(function (this: Transform, message, _encoding, done) {
          done(null, message)
          setImmediate(() => this.end())
        }),
      ],
      'status NetStream.Unpublish.Success',
    ],
  ])('a Transform that %s ends this publish, and nothing else', async (_what, transforms, info) => {
    const ends: unknown[] = []
    const plugins: Plugin[] = transforms().map(transform => ({ name: 'bind', bindPublish: () => transform }))
    plugins.push({ name: 'spy', onPublishEnd: (_info, { error }) => void ends.push(error?.message) })
    await using server = new RawServer({ plugins })
    const { publisher, player } = await pair(server)
    publisher.media(1, samples.keyframe(0))
    const told = await take(publisher.messages, 1)
    expect(described(told[0] as RtmpMessage)).toEqual(['onStatus', 1, 0, null, info])
    await publisher.replies()
    expect(ends).toHaveLength(1)
    expect((await player.replies()).at(-1)?.at(-1)).toBe('status NetStream.Play.UnpublishNotify')
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(false)
    expect(await publisher.createStream()).toBe(2)
  })

  it.each([
    ['fails', () => new Error('boom'), 'plugin second, bindPublish: its Transform failed: boom'],
    ['puts out something else', () => 'text', 'plugin second, bindPublish: its Transform failed: put out string'],
  ])('a Transform that %s is told by the name of its plugin', async (_what, answer, message) => {
    const log = new RecordingLog()
    const ends: unknown[] = []
    const second = new Transform({
      objectMode: true,
      transform: (_message, _encoding, done) => {
        const made = answer()
        if (made instanceof Error) done(made)
        else done(null, made)
      },
    })
    await using server = new RawServer({
      log,
      plugins: [
        { name: 'first', bindPublish: () => new PassThrough({ objectMode: true }) },
        { name: 'second', bindPublish: () => second, onPublishEnd: (_info, { error }) => void ends.push(error) },
      ],
    })
    const peer = server.peer()
    await peer.publish('name')
    await peer.media(1, samples.keyframe(0)).replies()
    expect(ends).toEqual([expect.objectContaining({ plugin: 'second', hook: 'bindPublish' })])
    expect(log.at('error')).toMatchObject([{ err: { message: expect.stringContaining(message) } }])
  })

  it('a Transform that throws at the end does not keep the stream', async () => {
    const ends: unknown[] = []
    const transform = new Transform({
      objectMode: true,
      flush: () => {
        throw new Error('boom')
      },
    })
    await using server = new RawServer({
      plugins: [
        {
          name: 'bind',
          bindPublish: () => transform,
          onPublishEnd: (_info, { error }) => void ends.push(error?.message),
        },
      ],
    })
    const peer = server.peer()
    await peer.publish('name')
    expect(await peer.command(1, 'closeStream', 0, null).replies()).toEqual([])
    expect(ends).toEqual(['plugin bind, bindPublish: its Transform failed: boom'])
    expect(server.server.streams.size).toBe(0)
  })

  it('a hook that publishes the stream itself keeps it: the publish does not begin, and ends nothing', async () => {
    const told: string[] = []
    const own = new PassThrough({ objectMode: true })
    const first = new PassThrough({ objectMode: true })
    await using server = new RawServer({
      plugins: [
        { name: 'good', bindPublish: () => first },
        { name: 'own', bindPublish: ({ stream }) => void stream.supply(own) },
        {
          name: 'spy',
          onPublishStart: () => void told.push('start'),
          onPublishEnd: () => void told.push('end'),
        },
      ],
    })
    const peer = await server.peer().connect()
    await peer.createStream()
    peer.command(1, 'publish', 0, null, 'name')
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Failed']])
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    expect([first.destroyed, own.destroyed]).toEqual([true, false])
    expect(told).toEqual([])
    expect(server.log.at('error')).toMatchObject([{ stream: 'name', err: { code: 'RTMP_ERR_STREAM_BUSY' } }])
    own.destroy()
  })

  it('a hook that throws fails the publish before it begins, and leaves no stream behind', async () => {
    const first = new PassThrough({ objectMode: true })
    const told: string[] = []
    await using server = new RawServer({
      plugins: [
        {
          name: 'good',
          bindPublish: () => first,
          onPublishStart: () => void told.push('start'),
          onPublishEnd: () => void told.push('end'),
        },
        {
          name: 'faulty',
          bindPublish: () => {
            throw new Error('boom')
          },
        },
      ],
    })
    const peer = await server.peer().connect()
    await peer.createStream()
    peer.command(1, 'publish', 0, null, 'name')
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Failed']])
    expect(first.destroyed).toBe(true)
    expect(told).toEqual([])
    expect(server.server.streams.size).toBe(0)
  })

  it('knows what it is asked for', async () => {
    const infos: PublishInfo[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', bindPublish: info => void infos.push(info) }] })
    await server.peer().publish('name?t=1')
    expect(infos[0]).toMatchObject({ app: 'live', streamName: 'name', publishingType: 'live' })
    expect(infos[0]?.query.get('t')).toBe('1')
    expect(infos[0]?.stream.name).toBe('name')
  })
})

describe('the end of a publish whose Transforms hold something back', () => {
  /** A Transform that is done when the test says so, and plugins that tell what they are told. */
  function holding() {
    const told: [what: string, why?: string | undefined][] = []
    let finish: () => void = () => {}
    const transform = new Transform({
      objectMode: true,
      transform: (message, _encoding, done) => done(null, message),
      flush: done => void (finish = () => done(null, samples.keyframe(900))),
    })
    const plugins: Plugin[] = [
      { name: 'holding', bindPublish: () => transform },
      {
        name: 'spy',
        onPublishEnd: (_info, { error }) => void told.push(['onPublishEnd', error?.message]),
        onDisconnect: ({ error }) => void told.push(['onDisconnect', error?.message]),
        onClose: () => void told.push(['onClose']),
      },
    ]
    return { told, transform, plugins, finish: () => finish() }
  }

  it('comes before that of its connection, of the plugins and of the server, and keeps its reason', async () => {
    const { told, plugins, finish } = holding()
    const server = new RawServer({ plugins })
    await server.peer().publish('name')
    const [connection] = netConnections(server.server)
    connection?.messages.destroy(new Error('reset'))
    await settled()
    expect(told).toEqual([])
    const closing = server.server.close().then(() => told.push(['closed']))
    await settled()
    expect(told).toEqual([])
    finish()
    await closing
    expect(told).toEqual([['onPublishEnd', 'reset'], ['onDisconnect', 'reset'], ['onClose'], ['closed']])
  })

  it.each<[how: string, end: (peer: RawPeer) => unknown]>([
    ['closeStream', peer => peer.command(1, 'closeStream', 0, null).replies()],
    ['deleteStream', peer => peer.command(0, 'deleteStream', 0, null, 1).replies()],
  ])('comes before that of its connection if it was ended by %s before', async (_how, end) => {
    const { told, plugins, finish } = holding()
    await using server = new RawServer({ plugins })
    const peer = server.peer()
    await peer.publish('name')
    await end(peer)
    peer.messages.destroy()
    await settled()
    expect(told).toEqual([])
    finish()
    await settled()
    expect(told).toEqual([
      ['onPublishEnd', undefined],
      ['onDisconnect', undefined],
    ])
  })

  it('comes before onClose of plugins that were replaced meanwhile', async () => {
    const { told, plugins, finish } = holding()
    await using server = new RawServer({ plugins })
    const peer = server.peer()
    await peer.publish('name')
    await server.server.replacePlugins([])
    peer.messages.destroy()
    await settled()
    expect(told).toEqual([])
    finish()
    await settled()
    expect(told.map(([what]) => what)).toEqual(['onPublishEnd', 'onDisconnect', 'onClose'])
  })

  it.each([false, true])(
    'is not waited for longer than hookTimeout, even if it can not be destroyed (%s): the name is free',
    async isStubborn => {
      using clock = new VirtualClock()
      const { told, transform, plugins, finish } = holding()
      if (isStubborn) transform._destroy = () => {}
      await using server = new RawServer({ plugins, limits: { hookTimeout: 500 } })
      const [peer, next] = [server.peer(), server.peer()]
      await peer.publish('name')
      peer.messages.destroy()
      await clock.advance(499)
      expect(told).toEqual([])
      expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
      await clock.advance(1)
      const why = 'plugin holding, bindPublish: its Transform has not ended within 500 ms'
      expect(told).toEqual([
        ['onPublishEnd', why],
        ['onDisconnect', undefined],
      ])
      expect(transform.destroyed).toBe(true)
      expect(server.log.at('error')).toMatchObject([{ stream: 'name', err: { code: 'RTMP_ERR_PLUGIN' } }])
      expect(server.server.streams.size).toBe(0)
      await server.server.replacePlugins([])
      const player = server.peer()
      await player.play('name')
      await next.publish('name')
      // What comes out of it now belongs to nobody.
      finish()
      await settled()
      expect((await player.replies()).filter(([what]) => what === 'video')).toEqual([])
    },
  )
})

describe('the end of a play with Transforms', () => {
  it('comes before that of its connection, and keeps its reason', async () => {
    const told: unknown[] = []
    const stubborn = new Transform({ objectMode: true, flush() {} })
    await using server = new RawServer({
      plugins: [
        {
          name: 'spy',
          bindPlay: () => stubborn,
          onPlayEnd: (_info, { error }) => void told.push(['onPlayEnd', error?.message]),
          onDisconnect: ({ error }) => void told.push(['onDisconnect', error?.message]),
        },
      ],
    })
    await server.peer().play('name')
    const [connection] = netConnections(server.server)
    connection?.messages.destroy(new Error('reset'))
    await settled()
    expect(told).toEqual([
      ['onPlayEnd', 'reset'],
      ['onDisconnect', 'reset'],
    ])
    expect(stubborn.destroyed).toBe(true)
  })
})

/** Media as its timestamp, the rest as its name. */
function describe1(message: RtmpMessage): unknown {
  const [what, , timestamp] = described(message)
  return what === 'video' ? timestamp : what
}

describe('a publish that a plugin ends when it hears of its start', () => {
  it.each<[by: string, end: (publish: PublishInfo) => void]>([
    ['by itself', publish => publish.end()],
    ['with its connection', ({ connection }) => (connection as ConnectionInfo).end()],
  ])('%s has begun for all plugins, while it is there, before it ends for any', async (_by, end) => {
    const told: string[] = []
    const plugin = (name: string, onStart: (publish: PublishInfo) => void = () => {}): Plugin => ({
      name,
      onPublishStart(publish) {
        told.push(`${name} starts, ${publish.stream.isPublishing ? 'live' : 'over'}`)
        onStart(publish)
      },
      onPublishEnd: () => void told.push(`${name} ends`),
    })
    await using server = new RawServer({ plugins: [plugin('first', end), plugin('second')] })
    // Whose connection ends waits for its replies in vain.
    await server
      .peer()
      .publish('name')
      .catch(() => {})
    expect(told).toEqual(['first starts, live', 'second starts, live', 'first ends', 'second ends'])
    expect(server.server.streams.get('live', 'name')).toBeUndefined()
  })
})
