import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import { PassThrough, Transform } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RtmpServer } from '../../src/server/rtmp-server.ts'
import type { Stage, StageContext } from '../../src/contract/stage.ts'
import { MemoryTransport, readBytes, samples, sampleStream, splitReads, stall, take } from '@rtmpipe/testing'
import type { Listener, Transport } from '../../src/contract/transport.ts'
import { ByteServer } from '../support/byte-server.ts'
import { RawServer } from '../support/raw-server.ts'
import { netConnections } from '../support/net-connections.ts'

afterEach(() => void vi.useRealTimers())

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))
const gone = (server: ByteServer, left = 0) =>
  expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(left)

/** C0, C1 and C2 by hand: version 3, then zeros. */
const handshake = Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)])

describe('a session over bytes', () => {
  it.each<[string, ((stream: Duplex) => Duplex) | undefined]>([
    ['as they come', undefined],
    ['one byte at a time', stream => splitReads(stream, 1)],
    ['in odd pieces', stream => splitReads(stream, [1, 1536, 7, 4096, 2])],
  ])('publishes and plays, the bytes arriving %s', async (_how, change) => {
    await using server = await ByteServer.listening({}, change)
    const player = await (await server.client(change)).play('name')
    const publisher = await (await server.client(change)).publish('name')
    const sent = sampleStream(5)
    for (const message of sent) publisher.write(message)
    const got = await take(player, sent.length)
    expect(got.map(({ payload }) => payload.toString('latin1'))).toEqual(
      sent.map(({ payload }) => payload.toString('latin1')),
    )
  })

  it('answers the handshake before C2, and is silent before connect', async () => {
    await using server = await ByteServer.listening()
    const stream = await server.dial()
    stream.write(handshake.subarray(0, 1537))
    expect((await readBytes(stream, 3073))[0]).toBe(3)
    stream.write(handshake.subarray(1537))
    await turn()
    expect(stream.read()).toBeNull()
  })

  it('has an id of its own, and the address of its peer', async () => {
    await using server = await ByteServer.listening()
    await server.client()
    await server.client()
    const [one, two] = netConnections(server.server)
    expect(one?.id).not.toBe(two?.id)
    expect(one?.remote).toEqual({ address: 'memory', port: 2 })
    expect(server.log.at('info')).toMatchObject([
      { connection: one?.id, remote: 'memory:2', app: 'live' },
      { connection: two?.id },
    ])
    one?.messages.destroy()
    await gone(server, 1)
    expect([one?.signal.aborted, two?.signal.aborted]).toEqual([true, false])
  })
})

describe('listen', () => {
  const failing = (error: Error): Transport => ({
    name: 'failing',
    schemes: [],
    listen: () => Promise.reject(error),
    dial: () => Promise.reject(error),
  })

  it('binds every transport, in order, and tells', async () => {
    const told: (readonly Listener[])[] = []
    const transports = [new MemoryTransport(), new MemoryTransport()]
    await using server = new RtmpServer({
      transports,
      plugins: [{ name: 'spy', onListen: ({ listeners }) => void told.push(listeners) }],
    })
    const listeners = await server.listen()
    expect(listeners.map(({ scheme }) => scheme)).toEqual(['memory', 'memory'])
    expect([server.listeners, ...told]).toEqual([listeners, listeners])
  })

  it.each<[string, Transport]>([
    ['rejects', failing(new Error('EADDRINUSE'))],
    [
      'throws',
      {
        ...failing(new Error()),
        listen: () => {
          throw new Error('EADDRINUSE')
        },
      },
    ],
  ])('when one %s, the others are unbound again and its error comes through', async (_what, bad) => {
    const transports = [new MemoryTransport(), bad, new MemoryTransport()]
    const told: string[] = []
    const server = new RtmpServer({ transports, plugins: [{ name: 'spy', onListen: () => void told.push('listen') }] })
    await expect(server.listen()).rejects.toThrow('EADDRINUSE')
    for (const index of [0, 2])
      await expect(transports[index]?.dial(new URL('memory://x:1'))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(told).toEqual([])
    await server.close()
  })

  it('is possible once', async () => {
    await using server = new RtmpServer({ transports: [] })
    await server.listen()
    await expect(server.listen()).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
    await server.close()
    await expect(server.listen()).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
  })

  it('leaves nothing bound when the server is closed meanwhile', async () => {
    const transport = new MemoryTransport()
    let bind: () => void = () => {}
    const slow: Transport = {
      name: 'slow',
      schemes: [],
      dial: () => Promise.reject(new Error('no')),
      listen: async accept => {
        await new Promise<void>(resolve => (bind = resolve))
        return transport.listen(accept)
      },
    }
    const server = new RtmpServer({ transports: [slow] })
    const listening = server.listen()
    const closing = server.close()
    bind()
    await expect(listening).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
    await closing
    await expect(transport.dial(new URL('memory://x:1'))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('close', () => {
  it('tells every client, ends what they do, and resolves when all have gone', async () => {
    const told: string[] = []
    const spy = {
      name: 'spy',
      onPublishEnd: () => void told.push('publish'),
      onPlayEnd: () => void told.push('play'),
      onDisconnect: () => void told.push('disconnect'),
      onClose: () => void told.push('close'),
    }
    await using server = await ByteServer.listening({ plugins: [spy] })
    const [publisher, player] = [await server.peer(), await server.peer()]
    await publisher.publish('name')
    await player.play('name')
    const closing = server.server.close()
    const rests = [publisher.rest(), player.rest()]
    for (const peer of [publisher, player]) peer.messages.once('end', () => peer.messages.end())
    const shutdown = ['onStatus', 0, 0, null, 'error NetConnection.Connect.AppShutdown']
    expect((await Promise.all(rests)).map(rest => rest.filter(([what]) => what === 'onStatus').at(-1))).toEqual([
      shutdown,
      shutdown,
    ])
    await closing
    expect(told.slice(-1)).toEqual(['close'])
    expect(told.slice(0, -1).sort()).toEqual(['disconnect', 'disconnect', 'play', 'publish'])
    expect([server.server.connections.size, server.server.streams.size]).toEqual([0, 0])
  })

  it('sends clients elsewhere that know of such requests, and serves them until they have left', async () => {
    await using server = await ByteServer.listening()
    const [able, other] = [await server.peer(), await server.peer()]
    await able.connect('live', { capsEx: 1 })
    await other.connect('live')
    const closing = server.server.close({ reconnectTo: 'rtmp://b/live' })
    const request = { info: 'status NetConnection.Connect.ReconnectRequest', tcUrl: 'rtmp://b/live' }
    expect(await able.next()).toEqual(['onStatus', 0, 0, null, request])
    const rest = other.rest()
    other.messages.once('end', () => other.messages.end())
    expect(await rest).toEqual([['onStatus', 0, 0, null, 'error NetConnection.Connect.AppShutdown']])
    expect(await able.createStream()).toBe(1)
    expect(server.server.connections.size).toBe(1)
    able.messages.end()
    able.messages.resume()
    await closing
    expect(server.server.connections.size).toBe(0)
  })

  it('shows those out that have not left in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = new RawServer()
    const peer = await server.peer().connect('live', { capsEx: 1 })
    const closing = server.server.close({ reconnectTo: '', reconnectTimeout: 500 })
    await vi.advanceTimersByTimeAsync(0)
    expect(await peer.replies()).toEqual([['onStatus', 0, 0, null, 'status NetConnection.Connect.ReconnectRequest']])
    await vi.advanceTimersByTimeAsync(499)
    expect(await peer.createStream()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    peer.messages.once('end', () => peer.messages.end())
    expect(await peer.rest()).toEqual([['onStatus', 0, 0, null, 'error NetConnection.Connect.AppShutdown']])
    await closing
  })

  it('refuses who comes then, and stops listening', async () => {
    await using server = await ByteServer.listening()
    const client = await server.client()
    const [listener] = server.server.listeners
    const closing = server.server.close()
    await expect(server.transport.dial(new URL(`memory://x:${listener?.address.port}`))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    const late = new PassThrough()
    server.server.accept({ stream: late, transport: 'memory', secure: false, remote: { address: 'late', port: 1 } })
    expect(late.destroyed).toBe(true)
    await closing
    expect(client.state).toBe('closed')
  })

  it('does not wait for ever: not for a client that reads nothing, nor for one in the handshake', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = await ByteServer.listening({ limits: { lingerTimeout: 500 } })
    const client = await server.client()
    await server.dial()
    await server.dial()
    await turn()
    stall(client.messages)
    let isClosed = false
    const closing = server.server.close().then(() => (isClosed = true))
    await vi.advanceTimersByTimeAsync(499)
    await turn()
    expect(isClosed).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await closing
  })

  it('may be called again, and means the same', async () => {
    await using server = await ByteServer.listening()
    await server.client()
    const closing = server.server.close()
    expect(server.server.close()).toBe(closing)
    await closing
    expect(server.server.connections.size).toBe(0)
  })

  it('resolves when nothing was ever opened', async () => {
    const told: string[] = []
    const server = new RtmpServer({
      transports: [],
      plugins: [{ name: 'spy', onClose: () => void told.push('close') }],
    })
    await server.close()
    expect(told).toEqual(['close'])
  })

  it('ends a client that waits to be let in without letting it in', async () => {
    let letIn: () => void = () => {}
    const told: string[] = []
    const slow = {
      name: 'slow',
      onConnect: () => new Promise<void>(resolve => (letIn = resolve)),
      onDisconnect: () => void told.push('disconnect'),
    }
    await using server = await ByteServer.listening({ plugins: [slow] })
    const peer = await server.peer()
    peer.command(0, 'connect', 1, { app: 'live' })
    await expect.poll(() => letIn.length, { interval: 1 }).toBe(1)
    const closing = server.server.close()
    letIn()
    peer.messages.once('end', () => peer.messages.end())
    expect(await peer.rest()).toEqual([])
    await closing
    expect(told).toEqual([])
  })
})

describe('stages', () => {
  const counting = (seen: unknown[]) => (chunk: unknown) => void seen.push(chunk)
  const tap = (seen: (chunk: never) => void, objectMode: boolean) =>
    new Transform({
      objectMode,
      transform(chunk, _encoding, done) {
        seen(chunk as never)
        done(null, chunk)
      },
    })

  it('are made for each connection, in order, and see bytes or messages', async () => {
    const [bytes, messages, order]: [Buffer[], RtmpMessage[], string[]] = [[], [], []]
    const contexts: StageContext[] = []
    const stages: Stage[] = [
      {
        name: 'messages',
        position: 'afterDemux',
        create(context) {
          contexts.push(context)
          return tap(message => (order.push('first'), counting(messages)(message)), true)
        },
      },
      { name: 'bytes', position: 'afterHandshake', create: () => tap(counting(bytes), false) },
      { name: 'more messages', position: 'afterDemux', create: () => tap(() => void order.push('second'), true) },
    ]
    await using server = await ByteServer.listening({ stages })
    const client = await server.client()
    await server.client()
    expect(contexts).toHaveLength(2)
    const commands = messages.filter(({ messageTypeId }) => messageTypeId === MessageType.CommandAmf0)
    expect(commands).toHaveLength(2)
    expect(order.slice(0, 2)).toEqual(['first', 'second'])
    const all = Buffer.concat(bytes)
    expect(all.includes('connect')).toBe(true)
    // Set Chunk Size comes first: nothing of the handshake is left.
    expect(all.subarray(0, 12).toString('hex')).toBe('020000000000040100000000')
    const [first] = [...server.server.connections]
    expect(contexts[0]?.connectionId).toBe(first?.id)
    expect(contexts[0]?.signal.aborted).toBe(false)
    client.messages.destroy()
    await gone(server, 1)
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false])
  })

  it('may change what they see', async () => {
    const rename: Stage = {
      name: 'drop',
      position: 'afterDemux',
      create: () =>
        new Transform({
          objectMode: true,
          transform: (message: RtmpMessage, _encoding, done) =>
            message.messageTypeId === 8 ? done() : done(null, message),
        }),
    }
    await using server = await ByteServer.listening({ stages: [rename] })
    const player = await (await server.client()).play('name')
    const publisher = await (await server.client()).publish('name')
    for (const message of [samples.audio(1), samples.keyframe(2)]) publisher.write(message)
    expect((await take(player, 1))[0]?.timestamp).toBe(2)
  })

  it.each<[string, () => Transform]>([
    [
      'can not be made',
      () => {
        throw new Error('boom')
      },
    ],
    [
      'fails',
      () => new Transform({ objectMode: true, transform: (_chunk, _encoding, done) => done(new Error('boom')) }),
    ],
  ])('one that %s ends its own connection', async (_what, create) => {
    let made = 0
    const faulty: Stage = {
      name: 'faulty',
      position: 'afterDemux',
      create: () => ((made += 1) === 2 ? create() : new PassThrough({ objectMode: true })),
    }
    await using server = await ByteServer.listening({ stages: [faulty] })
    const good = await server.client()
    await expect(server.client()).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    expect(await good.call('ping').catch(error => error.statusCode)).toBe('NetConnection.Call.Failed')
    await server.client()
    expect([...server.log.at('error'), ...server.log.at('warn')]).toMatchObject([{ err: { message: 'boom' } }])
  })
})
