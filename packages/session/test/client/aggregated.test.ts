import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage, splitAggregate } from '@rtmpipe/chunk-stream'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { aggregated } from '../../src/client/aggregated.ts'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { commandMessage } from '../../src/protocol/command.ts'
import { messagePair, samples, take } from '@rtmpipe/testing'
import { ByteServer } from '../support/byte-server.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

/** An Aggregate by its bytes. */
function aggregate(messageStreamId: number, timestamp: number, ...body: string[]): RtmpMessage {
  const payload = Buffer.from(body.join('').replaceAll(/[ |]/g, ''), 'hex')
  return { messageTypeId: MessageType.Aggregate, messageStreamId, timestamp, payload }
}

/** The same of any payload. */
function tag(type: string, timestamp: string, payload: Buffer): string {
  const u32 = (value: number) => value.toString(16).padStart(8, '0')
  return `${type} ${u32(payload.length).slice(2)} ${timestamp} 00 000000 ${payload.toString('hex')} ${u32(payload.length + 11)}`
}

// A keyframe at 5,000 ms of a clock of its own, audio 20 ms later on a stream id that does not matter.
const video = '09 000005 001388 00 000000 | 1701000000 | 00000010'
const audio = '08 000003 00139C 00 000009 | AF0121 | 0000000E'

describe('a server that is sent an Aggregate', () => {
  it('hands its messages to players one by one', async () => {
    await using server = new RawServer()
    const [publisher, player] = [server.peer(), server.peer()]
    await publisher.publish()
    await player.play()
    await publisher.send(aggregate(1, 90, video, audio)).replies()
    const messages = await player.messagesSoFar()
    expect(messages).toMatchObject([
      { messageTypeId: 9, messageStreamId: 1, timestamp: 90, payload: Buffer.from('1701000000', 'hex') },
      { messageTypeId: 8, messageStreamId: 1, timestamp: 110, payload: Buffer.from('AF0121', 'hex') },
    ])
  })

  it('takes metadata out of it', async () => {
    await using server = new RawServer()
    const publisher = server.peer()
    await publisher.publish()
    const metadata = encodeAmf0('@setDataFrame', 'onMetaData', { width: 640 })
    await publisher.send(aggregate(1, 0, tag('12', '000000', metadata), video)).replies()
    expect(server.server.streams.get('live', 'name')?.metadata).toEqual(encodeAmf0('onMetaData', { width: 640 }))
  })

  it('waits with what follows a command until that is done', async () => {
    let letIn: () => void = () => {}
    const plugin = { name: 'slow', onPublish: () => new Promise<void>(resolve => (letIn = resolve)) }
    await using server = new RawServer({ plugins: [plugin] })
    const [publisher, player] = [await server.peer().connect(), server.peer()]
    await publisher.createStream()
    await player.play()
    const { payload } = commandMessage(1, 'publish', 0, null, 'name')
    publisher.send(aggregate(1, 0, tag('14', '000000', payload), video, audio))
    expect(await player.replies()).toEqual([])
    letIn()
    await publisher.replies()
    expect((await player.replies()).slice(-2)).toEqual([
      ['video', 1, 5_000],
      ['audio', 1, 5_020],
    ])
  })

  it('does nothing with what follows once the connection is gone', async () => {
    const asked: string[] = []
    await using server = new RawServer({
      plugins: [{ name: 'spy', onCall: ({ method }) => void asked.push(method) }],
    })
    const peer = await server.peer().connect()
    const call = (name: string) => tag('14', '000000', commandMessage(0, name, 1, null).payload)
    peer.send(aggregate(0, 0, call('before'), call('connect'), call('after')))
    expect((await peer.rest()).length).toBeLessThanOrEqual(1)
    expect(asked).toEqual(['before'])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_ORDER' }])
  })

  it.each([
    ['is cut off', [video, audio.slice(0, 30)], 'RTMP_ERR_AGGREGATE'],
    ['has another in it', [video, tag('16', '000000', Buffer.alloc(0))], 'RTMP_ERR_AGGREGATE'],
    ['changes the chunk size', [tag('01', '000000', Buffer.from('00001000', 'hex'))], 'RTMP_ERR_AGGREGATE'],
    ['has 1,025 messages', Array<string>(1_025).fill(audio), 'RTMP_ERR_AGGREGATE_MESSAGES'],
  ])('ends the connection when it %s, and no other', async (_what, body, code) => {
    await using server = new RawServer()
    const [bad, good, player] = [server.peer(), server.peer(), server.peer()]
    await bad.publish('bad')
    await good.publish()
    await player.play()
    bad.send(aggregate(1, 0, ...body))
    expect(await bad.rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code }])
    await good.media(1, samples.keyframe(0)).replies()
    expect(await player.replies()).toEqual([['video', 1, 0]])
  })
})

/** A client that is connected to a scripted server, which gives stream id 4. */
async function connected() {
  const [near, far] = messagePair()
  const [client, server] = [new RtmpClient(near), new RawPeer(far)]
  const connecting = client.connect({ app: 'live', tcUrl: '' })
  server.command(0, '_result', 1, null, { code: 'NetConnection.Connect.Success' })
  await connecting
  await server.replies()
  const answer = async (transactionId: number, code: string) => {
    await server.command(0, '_result', transactionId, null, 4).replies()
    server.command(4, 'onStatus', 0, null, { level: 'status', code })
  }
  return { client, server, answer }
}

describe('a client that is sent an Aggregate', () => {
  it('plays its messages one by one', async () => {
    const { client, server, answer } = await connected()
    const played = client.play('name')
    await answer(2, 'NetStream.Play.Start')
    const stream = await played
    server.send(aggregate(4, 0xfffffff0, video, audio))
    expect(await take(stream, 2)).toMatchObject([
      { messageTypeId: 9, messageStreamId: 4, timestamp: 0xfffffff0 },
      { messageTypeId: 8, messageStreamId: 4, timestamp: 4 },
    ])
    expect(stream.readableLength).toBe(0)
  })

  it('ends with the error when it is malformed', async () => {
    const { client, server } = await connected()
    const failed = new Promise(resolve => client.messages.once('error', resolve))
    server.send(aggregate(4, 0, video, 'FF'))
    expect(await failed).toMatchObject({ code: 'RTMP_ERR_AGGREGATE' })
    expect(client.state).toBe('closed')
  })
})

describe('a client that publishes in Aggregates', () => {
  const sent = [samples.metadata(), ...Array.from({ length: 40 }, (_, i) => samples.audio(0xffffff00 + i * 20))]

  it('puts together what is written in one go; metadata goes on its own', async () => {
    const { client, server, answer } = await connected()
    const published = client.publish('name', { aggregate: true })
    await answer(4, 'NetStream.Publish.Start')
    const stream = await published
    for (const message of [samples.audio(10), samples.metadata(), samples.audio(20), samples.keyframe(30)]) {
      stream.write(message)
    }
    stream.end()
    await new Promise(resolve => stream.once('finish', resolve))
    const messages = await server.messagesSoFar()
    const [first, metadata, both] = messages
    expect(messages.map(({ messageTypeId }) => messageTypeId).slice(0, 4)).toEqual([8, 18, 22, 20])
    expect([first?.timestamp, metadata?.messageStreamId]).toEqual([10, 4])
    expect(both).toMatchObject({ messageStreamId: 4, timestamp: 20 })
    // Type, length 200, timestamp 20, stream id 0.
    expect(both?.payload.subarray(0, 11).toString('hex')).toBe('080000c800001400000000')
    expect(splitAggregate(both as RtmpMessage)).toMatchObject([
      { ...samples.audio(20), messageStreamId: 4 },
      { ...samples.keyframe(30), messageStreamId: 4 },
    ])
  })

  it('reaches players as if it had not', async () => {
    const types: number[] = []
    const create = () => new PassThrough({ objectMode: true }).on('data', it => types.push(it.messageTypeId))
    await using server = await ByteServer.listening({
      whenSlow: 'backpressure',
      stages: [{ name: 'spy', position: 'afterDemux', create }],
    })
    const player = await (await server.client()).play('name')
    const publisher = await (await server.client()).publish('name', { aggregate: true })
    for (const message of sent) publisher.write(message)
    const got = await take(player, sent.length)
    expect(got.map(({ timestamp, payload }) => [timestamp >>> 0, payload.length])).toEqual(
      sent.map(({ timestamp, payload }) => [timestamp >>> 0, payload.length]),
    )
    expect(types).toContain(MessageType.Aggregate)
    expect(types.filter(type => type === MessageType.Audio).length).toBeLessThan(5)
  })

  it('sends single messages unless asked for', async () => {
    const types: number[] = []
    const create = () => new PassThrough({ objectMode: true }).on('data', it => types.push(it.messageTypeId))
    await using server = await ByteServer.listening({ stages: [{ name: 'spy', position: 'afterDemux', create }] })
    const player = await (await server.client()).play('name')
    const publisher = await (await server.client()).publish('name')
    for (const message of sent) publisher.write(message)
    await take(player, sent.length)
    expect(types).not.toContain(MessageType.Aggregate)
  })
})

describe('putting together', () => {
  const lengths = (messages: RtmpMessage[]) =>
    aggregated(messages).map(it => (it.messageTypeId === 22 ? splitAggregate(it).length : 1))

  it('leaves a single message as it is', () => {
    const message = samples.keyframe(0)
    expect(aggregated([message])).toEqual([message])
    expect(aggregated([])).toEqual([])
  })

  it('stops at 1,024 messages and at 256 KiB', () => {
    expect(lengths(Array<RtmpMessage>(1_026).fill(samples.audio(0, 2)))).toEqual([1_024, 2])
    expect(lengths([samples.keyframe(0, 200_000), samples.audio(0, 70_000), samples.audio(1)])).toEqual([1, 2])
    expect(lengths([samples.keyframe(0, 400_000), samples.audio(0)])).toEqual([1, 1])
  })
})
