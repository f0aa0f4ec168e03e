import { type AmfObject, EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType } from '@rtmpipe/chunk-stream'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { ConnectEvent } from '../../src/contract/plugin.ts'
import type { ConnectionInfo } from '../../src/contract/connection-info.ts'
import { samples } from '@rtmpipe/testing'
import { RawServer } from '../support/raw-server.ts'

const data = new EcmaArray({ version: '3,5,7,7009' })
const success = { info: 'status NetConnection.Connect.Success', objectEncoding: 0, data }
const properties = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }

describe('connect', () => {
  it('is answered in the order that every client takes', async () => {
    await using server = new RawServer()
    const peer = server.peer()
    peer.command(0, 'connect', 1, { app: 'live', tcUrl: 'rtmp://h/live' })
    expect(await peer.replies()).toEqual([
      ['WindowAcknowledgementSize', 2_500_000],
      ['SetPeerBandwidth', 2_500_000, 2],
      ['SetChunkSize', 60_000],
      ['StreamBegin', 0],
      ['_result', 0, 1, properties, success],
    ])
  })

  it.each([
    [{ objectEncoding: 3 }, 3],
    [{ objectEncoding: 1 }, 0],
    [{ objectEncoding: '3' }, 0],
    [{ objectEncoding: 0 }, 0],
    [{}, 0],
    [{ objectEncoding: 'x' }, 0],
  ])('with %j is told the object encoding %d', async (extra, objectEncoding) => {
    await using server = new RawServer()
    const peer = server.peer().command(0, 'connect', 1, { app: 'live', ...extra })
    expect((await peer.replies()).at(-1)).toEqual(['_result', 0, 1, properties, { ...success, objectEncoding }])
  })

  it('carries fields that plugins add', async () => {
    await using server = new RawServer({
      plugins: [{ name: 'a', onConnect: () => ({ response: { clientid: 'x', capsEx: 1 } }) }],
    })
    const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
    expect((await peer.replies()).at(-1)?.[4]).toEqual({ ...success, clientid: 'x', capsEx: 1 })
  })

  it('tells plugins who asks for what', async () => {
    const events: ConnectEvent[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onConnect: event => void events.push(event) }] })
    const object = { app: 'live/_definst_?t=1', tcUrl: 'rtmp://h/live?u=2', flashVer: 'FMLE/3.0', extra: true }
    await server.peer().command(0, 'connect', 1, object, 'user', 7).replies()
    expect(events).toHaveLength(1)
    const [{ app, query, commandObject, args, connection }] = events as [ConnectEvent]
    expect([app, Object.fromEntries(query), { ...commandObject }, args]).toEqual([
      'live',
      { t: '1', u: '2' },
      object,
      ['user', 7],
    ])
    const { transport, secure, remote, tcUrl, flashVer } = connection
    expect({ transport, secure, remote, tcUrl, flashVer, app: connection.app }).toEqual({
      transport: 'memory',
      secure: true,
      remote: { address: 'memory', port: 0 },
      tcUrl: 'rtmp://h/live?u=2',
      flashVer: 'FMLE/3.0',
      app: 'live',
    })
    expect(connection.id).toMatch(/^[\w-]{12}$/)
  })

  it('that is refused gets _error and nothing else, then the connection ends', async () => {
    const denial = deny('NetConnection.Connect.Rejected', 'not you')
    await using server = new RawServer({ plugins: [{ name: 'guard', onConnect: () => denial }] })
    const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
    expect(await peer.rest()).toEqual([['_error', 0, 1, null, 'error NetConnection.Connect.Rejected']])
  })

  it('that is refused gives no right to anything, even pipelined', async () => {
    const asked: string[] = []
    await using server = new RawServer({
      plugins: [
        {
          name: 'guard',
          onConnect: () => deny('NetConnection.Connect.Rejected', 'not you'),
          onPublish: () => void asked.push('publish'),
          onCall: () => asked.push('call'),
          onDisconnect: () => void asked.push('disconnect'),
        },
      ],
    })
    const peer = server.peer()
    peer
      .command(0, 'connect', 1, { app: 'live' })
      .command(0, 'createStream', 2, null)
      .command(1, 'publish', 3, null, 'name')
    peer.command(0, 'method', 4, null)
    expect(await peer.rest()).toEqual([['_error', 0, 1, null, 'error NetConnection.Connect.Rejected']])
    expect(asked).toEqual([])
    expect(server.server.streams.size).toBe(0)
  })

  it.each(['createStream', 'publish', 'anything'])('comes first: %s before it ends the connection', async name => {
    await using server = new RawServer()
    const peer = server.peer().command(0, name, 1, null)
    expect(await peer.rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_ORDER', message: `${name} before connect` }])
  })

  it('comes once: a second one ends the connection', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.command(0, 'connect', 2, { app: 'other' })
    expect(await peer.rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_ORDER' }])
  })

  it.each([null, 'live', 7, []])('with %j for a command object connects to no app', async object => {
    const apps: string[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onConnect: ({ app }) => void apps.push(app) }] })
    const peer = server.peer().command(0, 'connect', 1, object)
    expect((await peer.replies()).at(-1)?.[0]).toBe('_result')
    expect(apps).toEqual([''])
  })

  it('is not answered when the client has left meanwhile', async () => {
    let ask: () => void = () => {}
    const asked = new Promise<void>(resolve => (ask = resolve))
    let letIn: () => void = () => {}
    const told: string[] = []
    await using server = new RawServer({
      plugins: [
        {
          name: 'slow',
          onConnect: () => {
            ask()
            return new Promise(resolve => (letIn = resolve))
          },
          onDisconnect: () => void told.push('disconnect'),
        },
      ],
    })
    const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
    await asked
    peer.messages.destroy()
    await new Promise<void>(resolve => peer.messages.once('close', resolve))
    letIn()
    await server.server.close()
    expect(told).toEqual([])
    expect(server.log.at('error')).toEqual([])
  })
})

describe('the object encoding', () => {
  it('is AMF0 for the answer itself, byte for byte, and AMF3 from then on', async () => {
    await using server = new RawServer()
    const peer = server.peer().command(0, 'connect', 1, { app: 'live', objectEncoding: 3 })
    const answers = await peer.messagesSoFar()
    expect(answers.at(-1)?.messageTypeId).toBe(MessageType.CommandAmf0)
    const [answer] = await peer.command(0, 'createStream', 2, null).messagesSoFar()
    expect(answer?.messageTypeId).toBe(17)
    // Selector, '_result', 2.0, null, 1.0: by hand from AMF0 §2.2, §2.4, §2.7.
    expect(answer?.payload.toString('hex')).toBe(
      '00' + '0200075f726573756c74' + '004000000000000000' + '05' + '003ff0000000000000',
    )
  })

  it.each([0, 3])('of a publisher does not matter to players of encoding 0 or 3 (%d)', async objectEncoding => {
    await using server = new RawServer()
    const [publisher, plain, flash] = [server.peer(), server.peer(), server.peer()]
    await publisher.connect('live', { objectEncoding })
    await publisher.createStream()
    await publisher.command(1, 'publish', 0, null, 'name').replies()
    for (const [player, encoding] of [
      [plain, 0],
      [flash, 3],
    ] as const) {
      await player.connect('live', { objectEncoding: encoding })
      await player.command(0, 'createStream', 0, null).command(1, 'play', 0, null, 'name').replies()
    }
    // '@setDataFrame', 'onMetaData', then avmplus-object-marker and an AMF3 object {w: 1}: AMF0 §3.1, AMF3 §3.12.
    const names = encodeAmf0('@setDataFrame', 'onMetaData').toString('hex')
    const amf0 = '03' + '000177' + '003ff0000000000000' + '000009'
    const amf3 = '11' + '0a0b01' + '0377' + '0401' + '01'
    const payload = Buffer.from(objectEncoding === 3 ? `00${names}${amf3}` : names + amf0, 'hex')
    const messageTypeId = objectEncoding === 3 ? MessageType.DataAmf3 : MessageType.DataAmf0
    publisher.send({ messageTypeId, messageStreamId: 1, timestamp: 0, payload })
    await publisher.media(1, samples.audio(5)).replies()
    expect(await plain.replies()).toEqual([
      ['data', 1, 0, 'onMetaData', { w: 1 }],
      ['audio', 1, 5],
    ])
    expect(await flash.replies()).toEqual([
      ['data (AMF3)', 1, 0, 'onMetaData', { w: 1 }],
      ['audio', 1, 5],
    ])
  })

  it('passes on data that only AMF3 can carry, as it came', async () => {
    await using server = new RawServer()
    const [publisher, player] = [server.peer(), server.peer()]
    await publisher.publish('name')
    await player.play('name')
    // 'onTextData' and a ByteArray of one byte (AMF3 §3.14).
    const payload = Buffer.from('00' + encodeAmf0('onTextData').toString('hex') + '110c03ff', 'hex')
    publisher.send({ messageTypeId: MessageType.DataAmf3, messageStreamId: 1, timestamp: 0, payload })
    await publisher.media(1, samples.audio(5)).replies()
    expect(await player.replies()).toEqual([
      ['data', 1, 0, 'onTextData', Uint8Array.of(255)],
      ['audio', 1, 5],
    ])
  })

  it('carries objects and bytes of calls as AMF3', async () => {
    await using server = new RawServer({
      plugins: [{ name: 'rpc', onCall: ({ args }) => ({ got: args[0], bytes: Uint8Array.of(1, 2) }) }],
    })
    const peer = await server.peer().connect('live', { objectEncoding: 3 })
    // 'method', 7.0, null and a ByteArray ff in AMF3.
    const payload = Buffer.from(`00${encodeAmf0('method', 7, null).toString('hex')}110c03ff`, 'hex')
    peer.send({ messageTypeId: MessageType.CommandAmf3, messageStreamId: 0, timestamp: 0, payload })
    const [name, id, transactionId, object, answer] = await peer.next()
    expect([name, id, transactionId, object]).toEqual(['_result (AMF3)', 0, 7, null])
    const { got, bytes } = answer as { got: Uint8Array; bytes: Uint8Array }
    expect([[...got], [...bytes]]).toEqual([[255], [1, 2]])
  })
})

describe('what a client says of Enhanced RTMP', () => {
  const everything = {
    capsEx: 3,
    fourCcList: ['hvc1', 'av01'],
    videoFourCcInfoMap: { hvc1: 7, '*': 4 },
    audioFourCcInfoMap: { Opus: 1 },
  }
  const ours = { capsEx: 15, videoFourCcInfoMap: { '*': 4 }, audioFourCcInfoMap: { '*': 4 } }

  it('is known to plugins, typed', async () => {
    const connections: ConnectionInfo[] = []
    await using server = new RawServer({
      plugins: [{ name: 'spy', onConnect: ({ connection }) => void connections.push(connection) }],
    })
    await server.peer().connect('live?a=1', everything)
    const [{ capabilities, query, objectEncoding }] = connections as [ConnectionInfo]
    expect(capabilities).toEqual({
      ...everything,
      videoFourCcInfoMap: new Map([
        ['hvc1', 7],
        ['*', 4],
      ]),
      audioFourCcInfoMap: new Map([['Opus', 1]]),
    })
    expect([query.get('a'), objectEncoding]).toEqual(['1', 0])
    expectTypeOf(capabilities.capsEx).toEqualTypeOf<number | undefined>()
  })

  it.each<[string, AmfObject, AmfObject]>([
    ['everything', everything, { ...ours, fourCcList: ['*'] }],
    ['a list', { fourCcList: ['hvc1'] }, { ...ours, fourCcList: ['*'] }],
    ['capsEx alone', { capsEx: 1 }, ours],
    ['nothing', {}, {}],
    ['videoFunction, as old Flash players do', { videoFunction: 1 }, {}],
    ['nonsense', { capsEx: 'x', fourCcList: 7, videoFourCcInfoMap: null }, {}],
  ])('is answered with ours: %s', async (_what, said, answered) => {
    await using server = new RawServer()
    const peer = server.peer().command(0, 'connect', 1, { app: 'live', ...said })
    expect((await peer.replies()).at(-1)).toEqual(['_result', 0, 1, properties, { ...success, ...answered }])
  })

  it('does no harm with keys of prototypes', async () => {
    await using server = new RawServer()
    const map = { constructor: 1, toString: 2, hvc1: 1 }
    await server.peer().connect('live', { videoFourCcInfoMap: map, capsEx: 1 })
    const [connection] = server.server.connections
    expect([...(connection?.capabilities.videoFourCcInfoMap ?? [])]).toEqual([['hvc1', 1]])
    expect(({} as Record<string, unknown>)['hvc1']).toBeUndefined()
  })
})
