import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream, send, settled, take, TestServer } from '@rtmpipe/testing'
import { once } from 'node:events'
import { PassThrough, Readable, type Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { deny } from '../../../src/contract/denial.ts'
import type { InProcessPublisher } from '../../../src/contract/in-process.ts'
import type { PublishInfo } from '../../../src/contract/info.ts'
import type { Plugin } from '../../../src/contract/plugin.ts'
import { status } from '../../../src/protocol/status.ts'

const who: InProcessPublisher = { transport: 'generator', remote: { address: '127.0.0.1', port: 0 } }
const viewer = { ...who, transport: 'viewer' }
const essence = ({ messageTypeId, timestamp, payload }: RtmpMessage) =>
  `${messageTypeId} ${timestamp} ${payload.toString('base64')}`
const failure = async (stream: Writable) => (await once(stream, 'error'))[0] as unknown

function spy() {
  const told: string[] = []
  const publishes: PublishInfo[] = []
  const plugin: Plugin = {
    name: 'spy',
    onPublish: ({ streamName, publishingType, query }) =>
      void told.push(`publish ${streamName} ${publishingType} ${query}`.trim()),
    onPublishStart: publish => void told.push(`start ${publishes.push(publish)}`),
    onPublishEnd: (_publish, { error }) => void told.push(`end ${error?.message ?? ''}`.trim()),
    onDisconnect({ connection, error }) {
      if (connection.transport === who.transport) told.push(`disconnect ${error?.message ?? ''}`.trim())
    },
  }
  return { told, publishes, plugin }
}

describe('publishing in process', () => {
  it('passes the gates, reaches every player, and is told of like every publish', async () => {
    const { told, publishes, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin] })
    const publisher = await server.server.publish('live', 'name', {
      ...who,
      type: 'record',
      query: new URLSearchParams({ key: 'a' }),
    })
    const players = [await server.play('live/name'), await server.server.play('live', 'name', viewer)]
    expect(publishes[0]?.stream).toMatchObject({ isPublishing: true, publisher: { transport: 'generator' } })
    const sent = sampleStream(20)
    for (const message of sent) publisher.write(message)
    for (const player of players) expect((await take(player, sent.length)).map(essence)).toEqual(sent.map(essence))
    const bytes = sent.reduce((sum, { payload }) => sum + payload.length, 0)
    expect(publishes[0]?.connection.bytesReceived).toBeGreaterThan(bytes)
    publisher.end()
    await once(publisher, 'finish')
    await settled()
    expect(told).toEqual(['publish name record key=a', 'start 1', 'end', 'disconnect'])
    for (const player of players) player.destroy()
  })

  it('has given everything to the stream when it is finished', async () => {
    await using server = new TestServer()
    const publisher = await server.server.publish('live', 'name', who)
    const player = await server.play('live/name')
    const sent = sampleStream(200)
    for (const message of sent) publisher.write(message)
    publisher.end()
    await once(publisher, 'finish')
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(false)
    expect(await player.toArray()).toHaveLength(sent.length)
  })

  it('passes bindPublish, which holds it back', async () => {
    const slow = new PassThrough({ objectMode: true })
    const held: (() => void)[] = []
    slow._transform = (message: RtmpMessage, _encoding, done) =>
      void held.push(() => done(null, { ...message, timestamp: 7 }))
    await using server = new TestServer({ plugins: [{ name: 'slow', bindPublish: () => slow }] })
    const publisher = await server.server.publish('live', 'name', who)
    const player = await server.play('live/name')
    for (let count = 0; count < 200; count += 1) publisher.write(samples.audio(count))
    await settled()
    expect(publisher.writableLength).toBeGreaterThan(100)
    const got = take(player, 200)
    while (publisher.writableLength > 0 || held.length > 0) {
      held.shift()?.()
      await settled()
    }
    expect(new Set((await got).map(({ timestamp }) => timestamp))).toEqual(new Set([7]))
    publisher.destroy()
    player.destroy()
  }, 20_000)

  it('goes on when it was asked something while it was held back', async () => {
    const slow = new PassThrough({ objectMode: true, highWaterMark: 1 })
    const held: (() => void)[] = []
    slow._transform = (message: RtmpMessage, _encoding, done) => void held.push(() => done(null, message))
    const { publishes, plugin } = spy()
    const plugins = [plugin, { name: 'slow', bindPublish: () => slow }]
    await using server = new TestServer({ plugins, limits: { callTimeout: 100 } })
    const publisher = await server.server.publish('live', 'name', who)
    for (let count = 0; count < 60; count += 1) publisher.write(samples.audio(count))
    await settled()
    await expect(publishes[0]?.connection.call('anything')).rejects.toThrow()
    const finished = once(publisher.end(), 'finish')
    while (publisher.writableLength > 0 || held.length > 0) {
      held.shift()?.()
      await settled()
    }
    await finished
  })

  it.each([
    ['without saying who', undefined, 'need to know who it is'],
    ['with an option that does not exist', { ...who, tpye: 'live' }, 'no option tpye, did you mean type?'],
  ])('is a usage error %s', async (_what, options, message) => {
    await using server = new TestServer()
    const publishing = server.server.publish('live', 'name', options as InProcessPublisher)
    const error = { code: 'RTMP_ERR_USAGE', message: expect.stringContaining(message) as string }
    await expect(publishing).rejects.toMatchObject(error)
  })

  it('keeps nothing open when it is refused while a source is closing', async () => {
    const closing: (() => void)[] = []
    const open = () =>
      new Readable({ objectMode: true, read() {}, destroy: (error, done) => void closing.push(() => done(error)) })
    const sourcePlay = () => ({ kind: 'shared' as const, open })
    await using server = new TestServer({ plugins: [{ name: 'source', sourcePlay }] })
    const player = await server.server.play('live', 'name', { ...viewer, follow: true })
    const stream = server.server.streams.get('live', 'name')
    stream?.end()
    const endSupply = stream?.supply(new PassThrough({ objectMode: true }))
    await expect(server.server.publish('live', 'name', who)).rejects.toMatchObject({
      statusCode: 'NetStream.Publish.BadName',
    })
    endSupply?.()
    for (const close of closing) close()
    await settled()
    expect(stream?.isLive).toBe(false)
    player.destroy()
  })

  it('is refused with the code of the gate', async () => {
    const plugin: Plugin = { name: 'no', onPublish: () => deny('NetStream.Publish.Denied', 'wrong key') }
    await using server = new TestServer({ plugins: [plugin] })
    await expect(server.server.publish('live', 'name', who)).rejects.toMatchObject({
      statusCode: 'NetStream.Publish.Denied',
      description: 'wrong key',
    })
    await settled()
    expect([server.server.connections.size, server.server.streams.size]).toEqual([0, 0])
  })

  it('is one publisher of a name', async () => {
    await using server = new TestServer()
    const publisher = await server.server.publish('live', 'name', who)
    const busy = { statusCode: 'NetStream.Publish.BadName' }
    await expect(server.server.publish('live', 'name', who)).rejects.toMatchObject(busy)
    await expect(server.publish('live/name')).rejects.toMatchObject(busy)
    publisher.destroy()
    await once(publisher, 'close')
    await settled()
    ;(await server.publish('live/name')).destroy()
  })

  it.each<[string, (publish: PublishInfo) => void, string]>([
    ['its publish', publish => publish.end(), 'NetStream.Unpublish.Success'],
    ['its publish with a reason', publish => publish.end(status('App.Over', 'x')), 'App.Over'],
    [
      'its connection',
      publish => publish.connection.end(status('NetConnection.Connect.Rejected', 'x')),
      'NetConnection.Connect.Rejected',
    ],
  ])('fails when a plugin ends %s', async (_what, end, statusCode) => {
    const { told, publishes, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin] })
    const publisher = await server.server.publish('live', 'name', who)
    const failed = failure(publisher)
    end(publishes[0] as PublishInfo)
    expect(await failed).toMatchObject({ statusCode })
    await settled()
    expect(told.slice(-2)).toEqual(['end', 'disconnect'])
  })

  it('goes on when a plugin only tells it something', async () => {
    const { publishes, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin] })
    const publisher = await server.server.publish('live', 'name', who)
    const told = once(publisher, 'status')
    publishes[0]?.tell(status('NetStream.Record.Failed', 'the disk is full'))
    expect(await told).toMatchObject([{ code: 'NetStream.Record.Failed', description: 'the disk is full' }])
    const player = await server.play('live/name')
    await send(publisher, [samples.keyframe(0)])
    expect(await take(player, 1)).toHaveLength(1)
    publisher.destroy()
    player.destroy()
  })

  it('takes no commands', async () => {
    await using server = new TestServer()
    const publisher = await server.server.publish('live', 'name', who)
    const failed = failure(publisher)
    const payload = Buffer.alloc(0)
    publisher.write({ messageTypeId: MessageType.CommandAmf0, messageStreamId: 1, timestamp: 0, payload })
    expect(await failed).toMatchObject({ code: 'RTMP_ERR_STREAM_MESSAGE' })
    await settled()
    expect(server.server.connections.size).toBe(0)
  })

  it('fails with the limit that it crosses', async () => {
    const { told, plugin } = spy()
    await using server = new TestServer({ plugins: [plugin] })
    const publisher = await server.server.publish('live', 'name', who)
    const failed = failure(publisher)
    publisher.write({ ...samples.metadata(), payload: encodeAmf0('onTextData', 'x'.repeat(300_000)) })
    expect(await failed).toMatchObject({ code: 'RTMP_ERR_DATA_LENGTH' })
    await settled()
    expect(told.at(-1)).toMatch(/^disconnect data message of/)
  })
})
