import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import type { PlayStream } from '../../src/client/play-stream.ts'
import type { PublishStream } from '../../src/client/publish-stream.ts'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { messagePair, samples, sampleStream, take, TestServer } from '@rtmpipe/testing'
import type { Described } from '../support/described.ts'
import { RawPeer } from '../support/raw-peer.ts'

const { audio, interframe, keyframe, metadata } = samples
const turn = () => new Promise<void>(resolve => void setImmediate(resolve))
const info = (code: string, level = 'status') => ({ level, code, description: 'why' })
const timestamps = (messages: RtmpMessage[]) => messages.map(({ timestamp }) => timestamp)

/** A client whose streams have id 4, and the scripted server it talks to. */
async function setUp() {
  const [near, far] = messagePair()
  const [client, server] = [new RtmpClient(near), new RawPeer(far)]
  const connecting = client.connect({ app: 'live', tcUrl: '' })
  server.command(0, '_result', 1, null, info('NetConnection.Connect.Success'))
  await connecting
  for (let count = 0; count < 3; count += 1) await server.next()

  /** Answers createStream, and gives what was sent until `name`. */
  const until = async (name: string): Promise<Described[]> => {
    const sent: Described[] = []
    while (sent.at(-1)?.[0] !== name) {
      sent.push(await server.next())
      const [command, , transactionId] = sent.at(-1) as Described
      if (command === 'createStream') server.command(0, '_result', transactionId as number, null, 4)
    }
    return sent
  }
  return { client, server, until }
}

async function publishing(): Promise<{ stream: PublishStream; client: RtmpClient; server: RawPeer }> {
  const { client, server, until } = await setUp()
  const published = client.publish('name?t=1')
  await until('publish')
  server.command(4, 'onStatus', 0, null, info('NetStream.Publish.Start'))
  return { stream: await published, client, server }
}

async function playing(options = {}): Promise<{ stream: PlayStream; client: RtmpClient; server: RawPeer }> {
  const { client, server, until } = await setUp()
  const played = client.play('name', options)
  await until('SetBufferLength')
  server.command(4, 'onStatus', 0, null, info('NetStream.Play.Start'))
  return { stream: await played, client, server }
}

describe('publish', () => {
  it('asks as encoders do', async () => {
    const { client, until } = await setUp()
    client.publish('name?t=1', { type: 'record' }).catch(() => {})
    expect(await until('publish')).toEqual([
      ['releaseStream', 0, 2, null, 'name?t=1'],
      ['FCPublish', 0, 3, null, 'name?t=1'],
      ['createStream', 0, 4, null],
      ['publish', 4, 0, null, 'name?t=1', 'record'],
    ])
  })

  it.each([
    ['on its stream', 4],
    ['on id 0', 0],
  ])('begins with its status %s', async (_where, id) => {
    const { client, server, until } = await setUp()
    const published = client.publish('name')
    await until('publish')
    server.command(id, 'onStatus', 0, null, info('NetStream.Publish.Start'))
    expect((await published).streamName).toBe('name')
  })

  it('does not mind what releaseStream and FCPublish are answered', async () => {
    const { client, server, until } = await setUp()
    const published = client.publish('name')
    server.command(0, '_error', 2, null, info('NetConnection.Call.Failed', 'error')).command(0, '_error', 3, null)
    await until('publish')
    server.command(4, 'onStatus', 0, null, info('NetStream.Publish.Start'))
    await published
  })

  it('hears what becomes of its recording, and goes on', async () => {
    const { client, server, until } = await setUp()
    const publishing = client.publish('name')
    await until('publish')
    server.command(4, 'onStatus', 0, null, info('NetStream.Publish.Start'))
    const publisher = await publishing
    const told: string[] = []
    publisher.on('status', ({ code }) => told.push(code))
    server.command(4, 'onStatus', 0, null, info('NetStream.Record.Start'))
    server.command(4, 'onStatus', 0, null, info('NetStream.Record.NoAccess', 'error'))
    await expect.poll(() => told, { interval: 1 }).toEqual(['NetStream.Record.Start', 'NetStream.Record.NoAccess'])
    publisher.write(audio(0))
    await until('audio')
    expect(publisher.destroyed).toBe(false)
  })

  it.each([4, 0])('is refused with a status on id %d; what comes after is nobody’s error', async id => {
    const { client, server, until } = await setUp()
    const published = client.publish('name')
    await until('publish')
    server.command(id, 'onStatus', 0, null, info('NetStream.Publish.BadName', 'error'))
    await expect(published).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName', description: 'why' })
    expect(await server.next()).toEqual(['deleteStream', 0, 0, null, 4])
    // An error event without a listener would fail the test run.
    client.messages.destroy(new Error('reset'))
    await turn()
  })

  it('sends messages on its stream, metadata wrapped, other data as it is', async () => {
    const { stream, server } = await publishing()
    const text = { ...metadata(), payload: encodeAmf0('onTextData', 'x') }
    for (const message of [metadata({ width: 1 }), text, keyframe(40), audio(50)]) stream.write(message)
    const sent = []
    for (let count = 0; count < 4; count += 1) sent.push(await server.next())
    expect(sent).toEqual([
      ['data', 4, 0, '@setDataFrame', 'onMetaData', new EcmaArray({ width: 1 }).properties],
      ['data', 4, 0, 'onTextData', 'x'],
      ['video', 4, 40],
      ['audio', 4, 50],
    ])
  })

  it('ended says so, once', async () => {
    const { stream, server } = await publishing()
    stream.end(keyframe(0))
    const sent = []
    for (let count = 0; count < 3; count += 1) sent.push(await server.next())
    expect(sent).toEqual([
      ['video', 4, 0],
      ['FCUnpublish', 0, 0, null, 'name?t=1'],
      ['deleteStream', 0, 0, null, 4],
    ])
    await turn()
    expect(stream.closed).toBe(true)
    expect(server.messages.read()).toBeNull()
  })

  it('destroyed says so too', async () => {
    const { stream, server } = await publishing()
    stream.destroy()
    expect(await server.next()).toEqual(['deleteStream', 0, 0, null, 4])
  })

  it('waits for the server to take what was written', async () => {
    const { stream, server } = await publishing()
    let written = 0
    const source = Readable.from(
      (function* () {
        for (; written < 1_000; written += 1) yield keyframe(written, 10_000)
      })(),
    )
    const published = pipeline(source, stream)
    for (let before = -1; before !== written; await turn()) before = written
    expect(written * 10_000).toBeLessThan(500_000)
    const got = await take(server.messages, 1_000)
    await published
    expect(timestamps(got)).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })

  it.each<[how: string, act: (server: RawPeer, client: RtmpClient) => void, error: object | undefined]>([
    [
      'an error status',
      server => server.command(4, 'onStatus', 0, null, info('NetStream.Failed', 'error')),
      { statusCode: 'NetStream.Failed' },
    ],
    [
      'the word that it is over',
      server => server.command(4, 'onStatus', 0, null, info('NetStream.Unpublish.Success')),
      undefined,
    ],
    ['the end of the connection', server => server.messages.destroy(), undefined],
    ['a broken connection', (_server, client) => client.messages.destroy(new Error('reset')), { message: 'reset' }],
  ])('ends with %s', async (_how, act, error) => {
    const { stream, client, server } = await publishing()
    const failed = new Promise<unknown>(resolve => stream.once('error', resolve))
    const closed = new Promise<undefined>(resolve => stream.once('close', () => resolve(undefined)))
    act(server, client)
    if (error === undefined) await closed
    else expect(await failed).toMatchObject(error)
    expect(stream.destroyed).toBe(true)
  })

  it('fails for a message that is too long, and the connection stays', async () => {
    const { stream, client } = await publishing()
    client.messages.send = () => {
      throw Object.assign(new Error('too long'), { code: 'RTMP_ERR_MESSAGE_TOO_LONG' })
    }
    const failed = new Promise<unknown>(resolve => stream.once('error', resolve))
    stream.write(keyframe(0))
    expect(await failed).toMatchObject({ code: 'RTMP_ERR_MESSAGE_TOO_LONG' })
    expect(client.messages.destroyed).toBe(false)
  })
})

describe('play', () => {
  it.each([
    [{}, ['play', 4, 0, null, 'name', -2, -1, true], 3_000],
    [{ start: 1_000, duration: 500, bufferLength: 100 }, ['play', 4, 0, null, 'name', 1_000, 500, true], 100],
  ])('asks with %j', async (options, command, bufferLength) => {
    const { client, until } = await setUp()
    client.play('name', options).catch(() => {})
    expect((await until('SetBufferLength')).slice(1)).toEqual([command, ['SetBufferLength', 4, bufferLength]])
  })

  it('is refused with a status; what comes after is nobody’s error', async () => {
    const { client, server, until } = await setUp()
    const played = client.play('name')
    await until('SetBufferLength')
    server
      .command(4, 'onStatus', 0, null, info('NetStream.Play.Reset'))
      .command(4, 'onStatus', 0, null, info('NetStream.Play.StreamNotFound', 'error'))
    await expect(played).rejects.toMatchObject({ statusCode: 'NetStream.Play.StreamNotFound' })
    client.messages.destroy(new Error('reset'))
    await turn()
  })

  it('gives metadata, audio and video of its stream, in order', async () => {
    const { stream, server } = await playing()
    server.media(4, metadata(), keyframe(0), audio(2))
    expect(timestamps(await take(stream, 3))).toEqual([0, 0, 2])
  })

  it.each(['NetStream.Play.Stop', 'NetStream.Play.Complete', 'NetStream.Play.UnpublishNotify'])(
    'ends with %s, after what has come before',
    async code => {
      const { stream, server } = await playing()
      server.media(4, keyframe(0), audio(1)).command(4, 'onStatus', 0, null, info(code)).media(4, audio(2))
      const got: RtmpMessage[] = []
      for await (const message of stream) got.push(message as RtmpMessage)
      expect(timestamps(got)).toEqual([0, 1])
      expect(await server.next()).toEqual(['deleteStream', 0, 0, null, 4])
    },
  )

  it('that follows stays when the publisher leaves, and goes on with the next', async () => {
    const { stream, server } = await playing({ follow: true })
    server.media(4, keyframe(0)).command(4, 'onStatus', 0, null, info('NetStream.Play.UnpublishNotify'))
    server.command(4, 'onStatus', 0, null, info('NetStream.Play.PublishNotify')).media(4, keyframe(40))
    expect(timestamps(await take(stream, 2))).toEqual([0, 40])
    server.command(4, 'onStatus', 0, null, info('NetStream.Play.Stop'))
    await expect(take(stream, 1)).rejects.toThrow('ended')
  })

  it('is not read on when the reader does not read', async () => {
    const { stream, server } = await playing()
    server.media(4, ...Array.from({ length: 500 }, (_, index) => interframe(index)))
    for (let count = 0; count < 50; count += 1) await turn()
    expect(server.messages.queuedBytes).toBeGreaterThan(300 * 500)
    expect(timestamps(await take(stream, 500))).toEqual(Array.from({ length: 500 }, (_, index) => index))
  })

  it('that is destroyed tells the server, and lets the connection go on', async () => {
    const { stream, server, client } = await playing()
    server.media(4, ...Array.from({ length: 200 }, (_, index) => interframe(index)))
    await turn()
    stream.destroy()
    expect(await server.next()).toEqual(['deleteStream', 0, 0, null, 4])
    const called = client.call('ping')
    server.command(0, '_result', (await server.next())[2] as number, null, 'pong')
    expect(await called).toBe('pong')
  })

  it.each<[how: string, act: (server: RawPeer, client: RtmpClient) => void, error: object | undefined]>([
    [
      'an error status',
      server => server.command(4, 'onStatus', 0, null, info('NetStream.Play.Failed', 'error')),
      { statusCode: 'NetStream.Play.Failed' },
    ],
    ['the end of the connection', server => server.messages.end(), undefined],
    ['a connection that vanishes', server => server.messages.destroy(), undefined],
    ['a broken connection', (_server, client) => client.messages.destroy(new Error('reset')), { message: 'reset' }],
  ])('ends with %s', async (_how, act, error) => {
    const { stream, client, server } = await playing()
    const failed = new Promise<unknown>(resolve => stream.once('error', resolve))
    const ended = new Promise<undefined>(resolve => stream.once('end', () => resolve(undefined)))
    stream.resume()
    act(server, client)
    if (error === undefined) await ended
    else expect(await failed).toMatchObject(error)
  })
})

describe('what happens right after the start', () => {
  it.each(['publish', 'play'] as const)('of a %s reaches who has waited for it', async what => {
    const { client, server, until } = await setUp()
    const start = async () => client[what]('name')
    const started = (async () => start())()
    await until(what)
    server.command(4, 'onStatus', 0, null, info(`NetStream.${what === 'play' ? 'Play' : 'Publish'}.Start`))
    server.command(4, 'onStatus', 0, null, info('NetStream.Failed', 'error'))
    const stream = await started
    expect(await new Promise(resolve => stream.once('error', resolve))).toMatchObject({
      statusCode: 'NetStream.Failed',
    })
  })
})

describe('with a real server', () => {
  it('what is published is played, byte for byte', async () => {
    await using server = new TestServer()
    const player = await server.play('live/a')
    const publisher = await server.publish('live/a')
    const sent = sampleStream(20)
    for (const message of sent) publisher.write(message)
    const shown = ({ messageTypeId, timestamp, payload }: RtmpMessage) => [
      messageTypeId,
      timestamp,
      payload.toString('hex'),
    ]
    expect((await take(player, sent.length)).map(shown)).toEqual(sent.map(shown))
  })

  it('a play ends with the publish, the other way round not', async () => {
    await using server = new TestServer()
    const publisher = await server.publish('live/a')
    const [one, two] = [await server.play('live/a'), await server.play('live/a')]
    one.destroy()
    publisher.end(keyframe(0))
    const got: RtmpMessage[] = []
    for await (const message of two) got.push(message as RtmpMessage)
    expect(timestamps(got)).toEqual([0])
  })

  it('several streams of one client live side by side', async () => {
    await using server = new TestServer()
    const client = await server.connect('live')
    const [a, b] = [await client.publish('a'), await client.publish('b')]
    const [playB, playA] = [await client.play('b'), await client.play('a')]
    a.write(keyframe(1))
    b.write(keyframe(2))
    expect([timestamps(await take(playA, 1)), timestamps(await take(playB, 1))]).toEqual([[1], [2]])
  })
})
