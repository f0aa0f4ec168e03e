import { MessageType, userControl } from '@rtmpipe/chunk-stream'
import { type AmfValue, decodeAmf0, encodeAmf0 } from '@rtmpipe/amf'
import { describe, expect, it, vi } from 'vitest'
import { RtmpClient, type RtmpClientOptions } from '../../src/client/rtmp-client.ts'
import { deny } from '../../src/contract/denial.ts'
import { statusLevels } from '../../src/protocol/status.ts'
import { messagePair, samples, take, TestServer } from '@rtmpipe/testing'
import { RawPeer } from '../support/raw-peer.ts'

/** A client, and a server that says what the test tells it to. */
function setUp() {
  const [near, far] = messagePair()
  return { client: new RtmpClient(near), server: new RawPeer(far) }
}

async function connected() {
  const { client, server } = setUp()
  const connecting = client.connect({ app: 'live', tcUrl: 'rtmp://h/live' })
  await server.next()
  await server.next()
  server.command(0, '_result', 1, {}, { level: 'status', code: 'NetConnection.Connect.Success', description: 'ok' })
  await connecting
  await server.next()
  return { client, server }
}

const info = (code: string, level = 'error', description = 'why') => ({ level, code, description })
const statusError = (statusCode: string) =>
  expect.objectContaining({ name: 'StatusError', code: 'RTMP_ERR_STATUS', statusCode, description: 'why' })

describe('connect', () => {
  it('says what ffmpeg says when it publishes, and gives what the server answers', async () => {
    const { client, server } = setUp()
    const connecting = client.connect({
      app: 'live',
      tcUrl: 'rtmp://h/live',
      properties: { fourCcList: ['hvc1'], flashVer: 'mine' },
    })
    expect([await server.next(), await server.next()]).toEqual([
      ['SetChunkSize', 60_000],
      [
        'connect',
        0,
        1,
        {
          app: 'live',
          type: 'nonprivate',
          flashVer: 'mine',
          tcUrl: 'rtmp://h/live',
          fourCcList: ['hvc1'],
          capsEx: 14,
          videoFourCcInfoMap: { '*': 4 },
          audioFourCcInfoMap: { '*': 4 },
        },
      ],
    ])
    expect(client.state).toBe('connecting')
    server.command(0, '_result', 1, { fmsVer: 'x' }, { ...info('NetConnection.Connect.Success', 'status'), extra: 7 })
    expect(await connecting).toMatchObject({ code: 'NetConnection.Connect.Success', extra: 7 })
    expect(client.state).toBe('connected')
    expect(await server.next()).toEqual(['WindowAcknowledgementSize', 2_500_000])
  })

  it('takes answers with something unreadable behind them', async () => {
    const { client, server } = setUp()
    const connecting = client.connect({ app: 'live', tcUrl: 'rtmp://h/live' })
    await server.next()
    await server.next()
    const answer = encodeAmf0('_result', 1, null, info('NetConnection.Connect.Success', 'status'))
    const send = (messageStreamId: number, payload: Buffer) =>
      server.send({ messageTypeId: MessageType.CommandAmf0, messageStreamId, timestamp: 0, payload })
    const until = async (name: string) => {
      for (;;) {
        const [command, , transactionId] = await server.next()
        if (command === name) return transactionId as number
      }
    }
    send(0, answer.subarray(0, -3))
    expect(await connecting).toMatchObject({ code: 'NetConnection.Connect.Success' })
    const publishing = client.publish('name')
    const created = encodeAmf0('_result', await until('createStream'), null, 7)
    send(0, Buffer.concat([created, Buffer.alloc(2)]))
    await until('publish')
    const started = encodeAmf0('onStatus', 0, null, info('NetStream.Publish.Start', 'status'))
    send(7, Buffer.concat([started, Buffer.of(0, 0, 9)]))
    expect((await publishing).streamName).toBe('name')
  })

  it('says what it is told of encoding, Enhanced RTMP and the application’s own, and keeps what is answered', async () => {
    const { client, server } = setUp()
    const connecting = client.connect({
      app: 'live',
      tcUrl: '',
      args: ['user', 7],
      objectEncoding: 3,
      capabilities: { capsEx: 2, videoFourCcInfoMap: new Map([['hvc1', 1]]) },
    })
    await server.next()
    expect(await server.next()).toMatchObject([
      'connect',
      0,
      1,
      { objectEncoding: 3, capsEx: 2, videoFourCcInfoMap: { hvc1: 1 } },
      'user',
      7,
    ])
    server.command(
      0,
      '_result',
      1,
      { capsEx: 1, fourCcList: ['*'] },
      { ...info('NetConnection.Connect.Success', 'status'), objectEncoding: 3, capsEx: 4 },
    )
    await connecting
    expect(client.serverCapabilities).toEqual({ capsEx: 4, fourCcList: ['*'] })
    expect(client.objectEncoding).toBe(3)
    expect(client.state).toBe('connected')
  })

  it.each([
    [undefined, 3, 0],
    [0, 3, 0],
    [3, 0, 0],
    [3, 3, 3],
  ] as const)('asking for the encoding %j and answered %j speaks %j', async (asked, answered, spoken) => {
    const { client, server } = setUp()
    const connecting = client.connect({ app: 'a', tcUrl: '', ...(asked !== undefined && { objectEncoding: asked }) })
    for (let count = 0; count < 2; count += 1) await server.next()
    server.command(0, '_result', 1, null, { code: 'x', level: 'status', objectEncoding: answered })
    await connecting
    await server.next()
    expect(client.objectEncoding).toBe(spoken)
    void client.call('method', { a: 1 }).catch(() => {})
    expect(await server.next()).toEqual([spoken === 3 ? 'method (AMF3)' : 'method', 0, 2, null, { a: 1 }])
    client.messages.destroy()
  })

  it('that is refused fails with the status', async () => {
    const { client, server } = setUp()
    const connecting = client.connect({ app: 'live', tcUrl: '' })
    server.command(0, '_error', 1, null, info('NetConnection.Connect.Rejected'))
    await expect(connecting).rejects.toThrow(statusError('NetConnection.Connect.Rejected'))
  })

  it('that is refused by onStatus, as some servers do, fails with the status too', async () => {
    const { client, server } = setUp()
    const connecting = client.connect({ app: 'live', tcUrl: '' })
    server.command(0, 'onStatus', 0, null, info('NetConnection.Connect.Rejected'))
    await expect(connecting).rejects.toThrow(statusError('NetConnection.Connect.Rejected'))
    expect(client.messages.destroyed).toBe(true)
  })

  it('is possible once', async () => {
    const { client } = await connected()
    await expect(client.connect({ app: 'live', tcUrl: '' })).rejects.toMatchObject({ code: 'RTMP_ERR_COMMAND_ORDER' })
  })
})

describe('calls', () => {
  it.each<[string, AmfValue[], unknown]>([
    ['a value', [null, 'pong'], 'pong'],
    ['an object', [null, { a: 1 }], { a: 1 }],
    ['nothing', [null], undefined],
  ])('are answered with %s', async (_what, answer, value) => {
    const { client, server } = await connected()
    const called = client.call('ping', 1, 'two')
    const [name, id, transactionId, ...args] = await server.next()
    expect([name, id, args]).toEqual(['ping', 0, [null, 1, 'two']])
    server.command(0, '_result', transactionId as number, ...answer)
    expect(await called).toEqual(value)
  })

  it('each have a transaction of their own, whatever the order of the answers', async () => {
    const { client, server } = await connected()
    const calls = [client.call('a'), client.call('b')]
    const ids = [(await server.next())[2], (await server.next())[2]] as number[]
    server.command(0, '_result', ids[1] as number, null, 'b').command(0, '_result', ids[0] as number, null, 'a')
    expect(await Promise.all(calls)).toEqual(['a', 'b'])
  })

  it.each<[string, AmfValue[], string]>([
    ['a status', [null, info('NetConnection.Call.Failed')], 'NetConnection.Call.Failed'],
    ['no status', [null], 'NetConnection.Call.Failed'],
    ['nonsense', [], 'NetConnection.Call.Failed'],
  ])('fail with %s', async (_what, answer, status) => {
    const { client, server } = await connected()
    const called = client.call('ping')
    server.command(0, '_error', (await server.next())[2] as number, ...answer)
    await expect(called).rejects.toMatchObject({ code: 'RTMP_ERR_STATUS', statusCode: status })
  })

  it('answers that belong to no call are ignored', async () => {
    const { client, server } = await connected()
    server.command(0, '_result', 99, null, 1).command(0, '_error', 98, null).command(0, '_result', 1, null)
    const called = client.call('ping')
    server.command(0, '_result', (await server.next())[2] as number, null, 'pong')
    expect(await called).toBe('pong')
  })
})

describe('a server that ends', () => {
  it.each<[how: string, act: (server: RawPeer) => void, error: object]>([
    ['properly', server => server.messages.end(), { statusCode: 'NetConnection.Connect.Closed' }],
    ['abruptly', server => server.messages.destroy(), { statusCode: 'NetConnection.Connect.Closed' }],
    ['with close', server => server.command(0, 'close', 0, null), { statusCode: 'NetConnection.Connect.Closed' }],
    [
      'with a status for the connection',
      server => server.command(0, 'onStatus', 0, null, info('NetConnection.Connect.AppShutdown')),
      { statusCode: 'NetConnection.Connect.AppShutdown' },
    ],
    [
      'with bytes that are no command',
      server =>
        server.send({
          messageTypeId: MessageType.CommandAmf0,
          messageStreamId: 0,
          timestamp: 0,
          payload: Buffer.of(5),
        }),
      { code: 'RTMP_ERR_COMMAND' },
    ],
  ])('%s rejects what is pending, and what is asked later', async (_how, act, error) => {
    const { client, server } = await connected()
    const pending = [client.call('a'), client.publish('b'), client.play('c')]
    const closed = new Promise(resolve => client.messages.once('close', resolve))
    act(server)
    server.messages.once('end', () => server.messages.end())
    server.messages.resume()
    for (const one of pending) await expect(one).rejects.toMatchObject(error)
    await closed
    expect(client.state).toBe('closed')
    await expect(client.call('later')).rejects.toMatchObject(error)
    await expect(client.publish('later')).rejects.toMatchObject(error)
    await client.close()
  })
})

describe('what a server asks', () => {
  it('a ping is answered', async () => {
    const { server } = await connected()
    server.send(userControl({ type: 'PingRequest', timestamp: 77 }))
    expect(await server.next()).toEqual(['PingResponse', 77])
  })

  it('a call is answered with _error, one that wants no answer is not', async () => {
    const { server } = await connected()
    server.command(0, 'notice', 0, null).command(0, 'method', 5, null)
    expect(await server.next()).toEqual(['_error', 0, 5, null, 'error NetConnection.Call.Failed'])
  })

  it.each<[string, Parameters<RawPeer['command']>]>([
    ['onBWDone', [0, 'onBWDone', 0, null, 8192]],
    ['a status of no stream', [7, 'onStatus', 0, null, info('NetStream.Play.Start', 'status')]],
    ['a status without a code', [0, 'onStatus', 0, null, null]],
    ['onFCPublish', [0, 'onFCPublish', 0, null, info('NetStream.Publish.Start', 'status')]],
  ])('%s does no harm', async (_what, command) => {
    const { client, server } = await connected()
    server.command(...command)
    server.send(userControl({ type: 'PingRequest', timestamp: 1 }))
    expect(await server.next()).toEqual(['PingResponse', 1])
    expect(client.state).toBe('connected')
  })

  it.each([0, -1, 1.5, NaN, '1', null, {}, undefined])('a stream id of %j is refused', async id => {
    const { client, server } = await connected()
    const playing = client.play('name')
    server.command(0, '_result', (await server.next())[2] as number, null, id)
    await expect(playing).rejects.toMatchObject({ code: 'RTMP_ERR_STREAM_ID' })
    expect(client.state).toBe('connected')
  })

  it('the same stream id twice is refused', async () => {
    const { client, server } = await connected()
    const [first, second] = [client.play('a'), client.play('b')]
    for (let count = 0; count < 2; count += 1) server.command(0, '_result', (await server.next())[2] as number, null, 1)
    await expect(second).rejects.toMatchObject({ code: 'RTMP_ERR_STREAM_ID' })
    server.command(1, 'onStatus', 0, null, info('NetStream.Play.Start', 'status'))
    expect((await first).streamName).toBe('a')
  })

  it.each<[string, (client: RtmpClient) => Promise<unknown>]>([
    ['createStream', client => client.play('name')],
    ['connect', client => client.connect({ app: 'live', tcUrl: '' })],
  ])('an answer to %s right before the end does not leave anything pending', async (name, ask) => {
    const { client, server } = name === 'connect' ? setUp() : await connected()
    const asked = ask(client)
    let command = await server.next()
    while (command[0] !== name) command = await server.next()
    client.messages.once('data', () => client.messages.destroy())
    server.command(0, '_result', command[2] as number, null, 1)
    await expect(asked).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
  })
})

describe('methods of a client', () => {
  const withMethods = async (onCall: RtmpClientOptions['onCall']) => {
    const { client, server } = setUp()
    const connecting = client.connect({ app: 'live', tcUrl: '', ...(onCall && { onCall }) })
    for (let count = 0; count < 2; count += 1) await server.next()
    server.command(0, '_result', 1, null, info('NetConnection.Connect.Success', 'status'))
    await connecting
    await server.next()
    return { client, server }
  }
  const failed = ['_error', 0, 5, null, 'error NetConnection.Call.Failed']

  it.each<[string, () => AmfValue | Promise<AmfValue>, unknown[]]>([
    ['a value', () => 'pong', ['_result', 0, 5, null, 'pong']],
    ['a promise', () => Promise.resolve({ a: 1 }), ['_result', 0, 5, null, { a: 1 }]],
    ['null', () => null, ['_result', 0, 5, null, null]],
    ['nothing', () => undefined, failed],
    ['a rejection', () => Promise.reject(new Error('secret')), failed],
    ['what AMF can not carry', () => (() => {}) as never, failed],
  ])('answer with %s', async (_what, onCall, reply) => {
    const { server } = await withMethods(onCall)
    server.command(0, 'method', 5, null, 1)
    expect(await server.next()).toEqual(reply)
  })

  it('get method and arguments, and no answer is sent that is not wanted', async () => {
    const calls: unknown[] = []
    const { server } = await withMethods((method, args) => void calls.push([method, ...args]))
    server.command(0, 'notify', 0, null, 1, 'two').command(0, '__proto__', 5, null)
    expect(await server.next()).toEqual(failed)
    expect(calls).toEqual([['notify', 1, 'two'], ['__proto__']])
  })

  it('are limited in number', async () => {
    const { server } = await withMethods(() => new Promise(() => {}))
    for (let count = 0; count < 64; count += 1) server.command(0, 'method', 7, null)
    server.command(0, 'method', 5, null)
    expect(await server.next()).toEqual(failed)
  })

  it('are called by a real server, which gets the results', async () => {
    await using server = new TestServer()
    await server.connect('live', { onCall: (method, [a, b]) => `${method} ${(a as number) + (b as number)}` })
    const [connection] = server.server.connections
    expect(await connection?.call('sum', 1, 2)).toBe('sum 3')
  })

  it('do not get what every client answers alike', async () => {
    const calls: string[] = []
    const { server } = await withMethods(method => void calls.push(method))
    for (const name of ['onBWDone', '_onbwdone', 'onFCPublish', 'onFCUnpublish', 'onFCSubscribe', 'onFCUnsubscribe'])
      server.command(0, name, 0, null)
    server.command(0, '_onbwcheck', 5, null).command(0, '_onbwcheck', 6, null).command(0, 'ping', 7, null)
    expect([await server.next(), await server.next(), await server.next()]).toEqual([
      ['_result', 0, 5, null, 1],
      ['_result', 0, 6, null, 2],
      ['pong', 0, 7, null],
    ])
    expect(calls).toEqual([])
  })
})

describe('every status for the connection', () => {
  it.each(Object.entries(statusLevels))('%s of level %s', async (code, level) => {
    const { client, server } = await connected()
    const closed = new Promise<Error | undefined>(resolve => {
      client.messages.once('error', resolve).once('close', () => resolve(undefined))
    })
    server.command(0, 'onStatus', 0, null, info(code, level))
    if (level === 'error') expect(await closed).toMatchObject({ code: 'RTMP_ERR_STATUS', statusCode: code })
    else {
      server.send(userControl({ type: 'PingRequest', timestamp: 1 }))
      expect(await server.next()).toEqual(['PingResponse', 1])
      expect(client.state).toBe('connected')
    }
    client.messages.destroy()
  })
})

describe('close', () => {
  it('lets what was sent go out, and resolves when the connection has closed; again at once', async () => {
    const { client, server } = await connected()
    client.sendCommand(0, 'last', null)
    const closing = client.close()
    expect(await server.next()).toEqual(['last', 0, 0, null])
    expect(await server.rest()).toEqual([])
    server.messages.end()
    await closing
    expect(client.messages.closed).toBe(true)
    await client.close()
  })

  it('does not wait for a server that does not hang up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { client } = await connected()
    let isClosed = false
    const closing = client.close().then(() => (isClosed = true))
    await vi.advanceTimersByTimeAsync(999)
    expect(isClosed).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await closing
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('is what disposing does', async () => {
    await using server = new TestServer()
    const client = await server.connect('live')
    {
      await using _ = client
    }
    expect(client.state).toBe('closed')
    await expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(0)
  })
})

describe('with a real server', () => {
  it.each([
    [3, 3],
    [3, 0],
    [0, 3],
  ] as const)('publishes in encoding %d what is played in encoding %d', async (from, to) => {
    await using server = new TestServer()
    const [publisher, player] = await Promise.all(
      [from, to].map(objectEncoding => server.connect('live', { objectEncoding: objectEncoding as 0 | 3 })),
    )
    expect([publisher?.objectEncoding, player?.objectEncoding]).toEqual([from, to])
    const played = await (player as RtmpClient).play('name')
    const published = await (publisher as RtmpClient).publish('name')
    published.write(samples.metadata({ width: 7 }))
    published.write(samples.audio(5))
    const [metadata, audio] = await take(played, 2)
    expect(metadata?.messageTypeId).toBe(MessageType.DataAmf0)
    expect(decodeAmf0(metadata?.payload as Buffer)).toMatchObject(['onMetaData', { properties: { width: 7 } }])
    expect(audio).toMatchObject({ timestamp: 5 })
    played.destroy()
  })

  it('sends bytes to its methods and gets some, in encoding 3', async () => {
    await using server = new TestServer({ plugins: [{ name: 'echo', onCall: ({ args }) => args[0] }] })
    const client = await server.connect('live', { objectEncoding: 3 })
    expect([...((await client.call('echo', Uint8Array.of(1, 255))) as Uint8Array)]).toEqual([1, 255])
  })

  it('calls its methods', async () => {
    await using server = new TestServer({
      plugins: [
        {
          name: 'rpc',
          onCall: ({ method, args }) => (method === 'sum' ? (args[0] as number) + (args[1] as number) : undefined),
        },
      ],
    })
    const client = await server.connect('live')
    expect(await client.call('sum', 1, 2)).toBe(3)
    await expect(client.call('product', 1, 2)).rejects.toMatchObject({ statusCode: 'NetConnection.Call.Failed' })
  })

  it.each([
    ['connect', { onConnect: () => deny('NetConnection.Connect.Rejected', 'why') }, 'NetConnection.Connect.Rejected'],
    ['publish', { onPublish: () => deny('NetStream.Publish.Denied', 'why') }, 'NetStream.Publish.Denied'],
    ['play', { onPlay: () => deny('NetStream.Play.StreamNotFound', 'why') }, 'NetStream.Play.StreamNotFound'],
  ] as const)('%s is refused', async (what, hooks, status) => {
    await using server = new TestServer({ plugins: [{ name: 'guard', ...hooks }] })
    const asked: Promise<unknown> = what === 'connect' ? server.connect('live') : server[what]('live/name')
    await expect(asked).rejects.toThrow(statusError(status))
  })
})
