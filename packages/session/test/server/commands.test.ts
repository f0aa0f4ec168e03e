import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, userControl } from '@rtmpipe/chunk-stream'
import { describe, expect, it, vi } from 'vitest'
import type { AmfValue } from '@rtmpipe/amf'
import type { ReconnectRequest } from '../../src/contract/connection-info.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { status, type StatusCode, statusLevels } from '../../src/protocol/status.ts'
import type { NetConnection } from '../../src/server/net-connection.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'
import { netConnections } from '../support/net-connections.ts'

describe('commands of the NetConnection', () => {
  it.each<[name: string, args: AmfValue[], replies: unknown[][]]>([
    ['createStream', [], [['_result', 0, 5, null, 1]]],
    ['releaseStream', ['name'], [['_result', 0, 5, null]]],
    ['FCPublish', ['name'], [['_result', 0, 5, null]]],
    [
      'FCUnpublish',
      ['name'],
      [
        ['onFCUnpublish', 0, 0, null, 'status NetStream.Unpublish.Success'],
        ['_result', 0, 5, null],
      ],
    ],
    [
      'FCSubscribe',
      ['name'],
      [
        ['onFCSubscribe', 0, 0, null, 'status NetStream.Play.Start'],
        ['_result', 0, 5, null],
      ],
    ],
    ['getStreamLength', ['name'], [['_result', 0, 5, null, 0]]],
    ['_checkbw', [], [['_result', 0, 5, null]]],
    ['deleteStream', [1], []],
    ['closeStream', [], []],
    ['FCUnsubscribe', ['name'], [['_result', 0, 5, null]]],
    [
      'checkBandwidth',
      [],
      [
        ['_result', 0, 5, null],
        ['onBWDone', 0, 0, null],
      ],
    ],
    ['onBWDone', [], []],
    ['receiveVideoFPS', [10], [['_result', 0, 5, null]]],
    ['setPeerInfo', ['192.0.2.1:5000', 'name', 7], [['_result', 0, 5, null]]],
    ['bufferTime', [1], [['_result', 0, 5, null]]],
    ['method', [1, 2], [['_error', 0, 5, null, 'error NetConnection.Call.Failed']]],
    ['__proto__', [], [['_error', 0, 5, null, 'error NetConnection.Call.Failed']]],
    ['toString', [], [['_error', 0, 5, null, 'error NetConnection.Call.Failed']]],
    ['', [], [['_error', 0, 5, null, 'error NetConnection.Call.Failed']]],
    ['_result', [1], []],
    ['_error', [1], []],
    ['onStatus', [{ code: 'x' }], []],
  ])('%s%j', async (name, args, replies) => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    expect(await peer.command(0, name, 5, null, ...args).replies()).toEqual(replies)
  })

  it.each(['releaseStream', 'FCPublish', 'getStreamLength', '_checkbw', 'method'])(
    '%s with transaction id 0 gets no answer',
    async name => {
      await using server = new RawServer()
      const peer = await server.peer().connect()
      expect(await peer.command(0, name, 0, null, 'name').replies()).toEqual([])
    },
  )

  it('FCUnpublish and FCSubscribe with transaction id 0 get their onFC… alone', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.command(0, 'FCUnpublish', 0, null, 'name').command(0, 'FCSubscribe', 0, null, 'name')
    expect((await peer.replies()).map(([name]) => name)).toEqual(['onFCUnpublish', 'onFCSubscribe'])
  })

  it('createStream gives ids that are not used again', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const ids = [await peer.createStream(), await peer.createStream()]
    peer.command(0, 'deleteStream', 0, null, 2)
    expect([...ids, await peer.createStream()]).toEqual([1, 2, 3])
  })

  it('type 17 is understood, and answered in AMF0', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const payload = Buffer.concat([Buffer.of(0), encodeAmf0('createStream', 2, null)])
    peer.send({ messageTypeId: MessageType.CommandAmf3, messageStreamId: 0, timestamp: 0, payload })
    expect(await peer.replies()).toEqual([['_result', 0, 2, null, 1]])
  })

  it.each([
    ['an object without its end', (values: Buffer) => values.subarray(0, -3)],
    ['an end twice', (values: Buffer) => Buffer.concat([values, Buffer.from('000009', 'hex')])],
    ['padding', (values: Buffer) => Buffer.concat([values, Buffer.alloc(5)])],
  ])('connect with %s is answered, and so is publish with padding', async (_what, spoil) => {
    await using server = new RawServer()
    const peer = server.peer()
    const connect = spoil(encodeAmf0('connect', 1, { app: 'live', tcUrl: 'rtmp://server/live' }))
    peer.send({ messageTypeId: MessageType.CommandAmf0, messageStreamId: 0, timestamp: 0, payload: connect })
    expect(await peer.replies()).toContainEqual(expect.arrayContaining(['_result', 0, 1]))
    await peer.createStream()
    const publish = Buffer.concat([encodeAmf0('publish', 0, null, 'name', 'live'), Buffer.alloc(3)])
    peer.send({ messageTypeId: MessageType.CommandAmf0, messageStreamId: 1, timestamp: 0, payload: publish })
    expect(await peer.replies()).toContainEqual(['onStatus', 1, 0, null, 'status NetStream.Publish.Start'])
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    const told = server.log.at('debug').filter(({ message }) => message === 'unreadable end of a command ignored')
    expect(told).toMatchObject([{ command: 'connect' }, { command: 'publish' }])
    expect(server.log.at('warn')).toEqual([])
  })

  it('an unreadable command ends the connection with the cause', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.send({
      messageTypeId: MessageType.CommandAmf0,
      messageStreamId: 0,
      timestamp: 0,
      payload: Buffer.from('020004706c', 'hex'),
    })
    expect(await peer.rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND' }])
  })

  it.each([3, 6, 7, 10, 21, 255])('message type %d is ignored', async messageTypeId => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.send({ messageTypeId, messageStreamId: 0, timestamp: 0, payload: Buffer.from('01020304', 'hex') })
    expect(await peer.createStream()).toBe(1)
  })
})

describe('calls', () => {
  const calls = (answer: () => AmfValue | Promise<AmfValue>) =>
    new RawServer({ plugins: [{ name: 'rpc', onCall: answer }] })

  it.each<[string, () => AmfValue | Promise<AmfValue>, unknown[]]>([
    ['a value', () => 'pong', ['_result', 0, 3, null, 'pong']],
    ['an object', () => ({ a: 1 }), ['_result', 0, 3, null, { a: 1 }]],
    ['null', () => Promise.resolve(null), ['_result', 0, 3, null, null]],
    ['nothing', () => undefined, ['_error', 0, 3, null, 'error NetConnection.Call.Failed']],
    [
      'a throw',
      () => {
        throw new Error('secret')
      },
      ['_error', 0, 3, null, 'error NetConnection.Call.Failed'],
    ],
    ['what AMF can not carry', () => (() => {}) as never, ['_error', 0, 3, null, 'error NetConnection.Call.Failed']],
  ])('answered with %s', async (_what, answer, reply) => {
    await using server = calls(answer)
    const peer = await server.peer().connect()
    expect(await peer.command(0, 'ping', 3, null, 'x').replies()).toEqual([reply])
  })

  it('do not hold up what comes after them', async () => {
    let finish: (value: string) => void = () => {}
    const answer = new Promise<string>(resolve => {
      finish = resolve
    })
    await using server = calls(() => answer)
    const peer = await server.peer().connect()
    peer.command(0, 'slow', 3, null)
    expect(await peer.createStream()).toBe(1)
    finish('done')
    expect(await peer.next()).toEqual(['_result', 0, 3, null, 'done'])
  })

  it('beyond the limit are not read until one has been answered', async () => {
    const finish: (() => void)[] = []
    const onCall = () => new Promise<null>(resolve => finish.push(() => resolve(null)))
    await using server = new RawServer({ limits: { maxPendingCalls: 2 }, plugins: [{ name: 'rpc', onCall }] })
    const peer = await server.peer().connect()
    for (const id of [3, 4, 5]) peer.command(0, 'slow', id, null)
    await expect.poll(() => finish.length, { interval: 1 }).toBe(2)
    for (let turn = 0; turn < 10; turn += 1) await new Promise<void>(resolve => void setImmediate(resolve))
    expect(finish).toHaveLength(2)
    finish[1]?.()
    expect(await peer.next()).toEqual(['_result', 0, 4, null, null])
    await expect.poll(() => finish.length, { interval: 1 }).toBe(3)
    for (const one of finish) one()
  })

  it('of getStreamLength get the seconds a plugin knows', async () => {
    await using server = calls(() => 12.5)
    const peer = await server.peer().connect()
    expect(await peer.command(0, 'getStreamLength', 5, null, 'a').replies()).toEqual([['_result', 0, 5, null, 12.5]])
  })

  it.each([-1, NaN, Infinity, 'long', null])('of getStreamLength are not known when a plugin says %s', async answer => {
    await using server = calls(() => answer)
    const peer = await server.peer().connect()
    expect(await peer.command(0, 'getStreamLength', 5, null, 'a').replies()).toEqual([['_result', 0, 5, null, 0]])
  })

  it('wanting no answer reach the plugin all the same', async () => {
    const methods: string[] = []
    await using server = new RawServer({ plugins: [{ name: 'rpc', onCall: ({ method }) => methods.push(method) }] })
    const peer = await server.peer().connect()
    expect(await peer.command(0, 'notify', 0, null).replies()).toEqual([])
    expect(methods).toEqual(['notify'])
  })

  it('do not get to plugins for commands of ours', async () => {
    const methods: string[] = []
    await using server = new RawServer({ plugins: [{ name: 'rpc', onCall: ({ method }) => methods.push(method) }] })
    const peer = await server.peer().connect()
    await peer.createStream()
    await peer.command(0, '_checkbw', 2, null).command(0, '_result', 3, null).replies()
    expect(methods).toEqual([])
  })
})

describe('calls of ours', () => {
  it('are answered with _result', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const [connection] = server.server.connections
    const called = connection?.call('sum', 1, { a: 2 })
    expect(await peer.next()).toEqual(['sum', 0, 1, null, 1, { a: 2 }])
    peer.command(0, '_result', 1, null, 3)
    expect(await called).toBe(3)
  })

  it.each<[string, AmfValue[], string, string]>([
    ['a status', [{ level: 'error', code: 'App.No', description: 'why' }], 'App.No', 'why'],
    ['nothing', [], 'NetConnection.Call.Failed', ''],
  ])('fail with %s', async (_what, values, status, description) => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const [connection] = server.server.connections
    const called = connection?.call('sum')
    await peer.next()
    peer.command(0, '_error', 1, null, ...values)
    await expect(called).rejects.toMatchObject({ code: 'RTMP_ERR_STATUS', statusCode: status, description })
  })

  it.each<[string, (peer: RawPeer, connection: NetConnection) => void]>([
    ['leaves', peer => void peer.messages.destroy()],
    ['is shown out', (_peer, connection) => connection.end()],
  ])('are rejected when the client %s', async (_how, act) => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const [connection] = server.server.connections
    const called = (connection as NetConnection).call('sum')
    await peer.next()
    act(peer, connection as NetConnection)
    await expect(called).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    await expect((connection as NetConnection).call('later')).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Closed',
    })
  })

  it('are limited in number and time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = new RawServer({ limits: { maxPendingCalls: 1, callTimeout: 500 } })
      const peer = await server.peer().connect()
      const [connection] = server.server.connections
      const called = expect(connection?.call('slow')).rejects.toMatchObject({ code: 'RTMP_ERR_CALL_TIMEOUT' })
      await expect(connection?.call('more')).rejects.toMatchObject({ code: 'RTMP_ERR_PENDING_CALLS' })
      await vi.advanceTimersByTimeAsync(500)
      await called
      peer.command(0, '_result', 1, null, 'late')
      expect(await peer.createStream()).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('are possible while a call of the client is being answered', async () => {
    await using server = new RawServer({
      plugins: [{ name: 'rpc', onCall: ({ connection }) => connection.call('back') }],
    })
    const peer = await server.peer().connect()
    peer.command(0, 'there', 7, null)
    expect(await peer.next()).toEqual(['back', 0, 1, null])
    peer.command(0, '_result', 1, null, 'again')
    expect(await peer.next()).toEqual(['_result', 0, 7, null, 'again'])
  })
})

describe('every status', () => {
  it.each(Object.entries(statusLevels))('%s reaches publishers as %s, on their stream', async (code, level) => {
    const ends: Plugin = {
      name: 'ends',
      onPublishStart: publish => publish.end(status(code as StatusCode, 'why')),
    }
    await using server = new RawServer({ plugins: [ends] })
    const peer = await server.peer().connect()
    const id = await peer.createStream()
    const replies = await peer.command(id, 'publish', 0, null, 'name').replies()
    expect(replies.at(-1)).toEqual(['onStatus', 1, 0, null, `${level} ${code}`])
  })

  it.each(Object.entries(statusLevels))('%s ends a connection as %s, on id 0', async (code, level) => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const [connection] = server.server.connections
    connection?.end(status(code as StatusCode, 'why'))
    expect(await peer.rest()).toEqual([['onStatus', 0, 0, null, `${level} ${code}`]])
  })
})

describe('requestReconnect', () => {
  const code = 'status NetConnection.Connect.ReconnectRequest'

  it.each<[string, ReconnectRequest | undefined, unknown]>([
    ['nothing', undefined, code],
    ['a place', { tcUrl: 'rtmp://b/live' }, { info: code, tcUrl: 'rtmp://b/live' }],
    ['a reason', { description: 'busy' }, code],
  ])('tells a client that knows of it %s', async (_what, request, info) => {
    await using server = new RawServer()
    const peer = await server.peer().connect('live', { capsEx: 1 })
    const [connection] = server.server.connections
    expect(connection?.requestReconnect(request)).toBe(true)
    expect(await peer.replies()).toEqual([['onStatus', 0, 0, null, info]])
    expect(await peer.createStream()).toBe(1)
  })

  it.each([{}, { capsEx: 2 }, { capsEx: '1' }])('says nothing to a client with %j', async properties => {
    await using server = new RawServer()
    const peer = await server.peer().connect('live', properties)
    const [connection] = server.server.connections
    expect(connection?.requestReconnect()).toBe(false)
    expect(await peer.replies()).toEqual([])
  })

  it('is too late once the connection ends', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect('live', { capsEx: 1 })
    const [connection] = server.server.connections
    connection?.end()
    expect(connection?.requestReconnect()).toBe(false)
    peer.messages.resume()
  })
})

describe('user control', () => {
  it('a ping is answered with its own time', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.send(userControl({ type: 'PingRequest', timestamp: 0xfffffffe }))
    expect(await peer.next()).toEqual(['PingResponse', 0xfffffffe])
  })

  it('a ping is not answered while the answers are not read', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    for (let count = 0; count < 12_000; count += 1) peer.send(userControl({ type: 'PingRequest', timestamp: count }))
    await new Promise<void>(resolve => void setImmediate(resolve))
    const [connection] = netConnections(server.server)
    while (peer.messages.queuedBytes > 0) await new Promise<void>(resolve => void setImmediate(resolve))
    expect(connection?.messages.queuedBytes).toBeLessThan(66_000)
  })

  it.each([
    [3_000, 3_000],
    [0, 0],
    [0xffffffff, 60_000],
  ])('a buffer length of %d ms counts as %d', async (asked, counts) => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const id = await peer.createStream()
    peer.send(userControl({ type: 'SetBufferLength', messageStreamId: id, bufferLength: asked }))
    peer.send(userControl({ type: 'SetBufferLength', messageStreamId: 99, bufferLength: asked }))
    await peer.replies()
    const [connection] = netConnections(server.server)
    expect(connection?.netStream(id)?.bufferLength).toBe(counts)
  })

  it.each(['', '00', '0006', '00060000', '0003000000010000', 'ffff00000000'])(
    'the bytes %s do no harm',
    async payload => {
      await using server = new RawServer()
      const peer = await server.peer().connect()
      peer.send({
        messageTypeId: MessageType.UserControl,
        messageStreamId: 0,
        timestamp: 0,
        payload: Buffer.from(payload, 'hex'),
      })
      expect(await peer.createStream()).toBe(1)
    },
  )
})
