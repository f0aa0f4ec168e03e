import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, userControl } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import type { AmfValue } from '@rtmpipe/amf'
import { RawServer } from '../support/raw-server.ts'

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
    ['FCUnsubscribe', ['name'], [['_error', 0, 5, null, 'error NetConnection.Call.Failed']]],
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

  it.each([3, 6, 7, 10, 21, 22, 255])('message type %d is ignored', async messageTypeId => {
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
    const [connection] = server.server.connections
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
    const [connection] = server.server.connections
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
