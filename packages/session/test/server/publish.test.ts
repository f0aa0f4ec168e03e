import { describe, expect, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { PublishInfo } from '../../src/contract/info.ts'
import type { Plugin, PublishEvent } from '../../src/contract/plugin.ts'
import { status } from '../../src/protocol/status.ts'
import { samples } from '@rtmpipe/testing'
import type { Described } from '../support/described.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

const started: Described[] = [
  ['StreamBegin', 1],
  ['onStatus', 1, 0, null, 'status NetStream.Publish.Start'],
]

const notices = (told: string[]): Plugin => ({
  name: 'spy',
  onPublishStart: ({ streamName }) => void told.push(`start ${streamName}`),
  onPublishEnd: ({ streamName }, { error }) => void told.push(`end ${streamName}${error ? ' with an error' : ''}`),
})

async function publisher(server: RawServer): Promise<RawPeer> {
  const peer = await server.peer().connect()
  await peer.createStream()
  return peer
}

describe('publish', () => {
  it('is answered on its stream', async () => {
    await using server = new RawServer()
    const peer = await publisher(server)
    expect(await peer.command(1, 'publish', 0, null, 'name', 'live').replies()).toEqual(started)
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
  })

  it('answers ffmpeg, which sends everything ahead', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.command(0, 'releaseStream', 2, null, 'name?t=1').command(0, 'FCPublish', 3, null, 'name?t=1')
    peer.command(0, 'createStream', 4, null).command(1, 'publish', 5, null, 'name?t=1', 'live')
    expect(await peer.replies()).toEqual([
      ['_result', 0, 2, null],
      ['_result', 0, 3, null],
      ['_result', 0, 4, null, 1],
      ['StreamBegin', 1],
      ['onFCPublish', 0, 0, null, 'status NetStream.Publish.Start'],
      ['onStatus', 1, 0, null, 'status NetStream.Publish.Start'],
    ])
  })

  it('sends onFCPublish once, and not after FCUnpublish', async () => {
    await using server = new RawServer()
    const peer = await publisher(server)
    await peer.command(0, 'FCPublish', 0, null, 'name').command(1, 'publish', 0, null, 'name').replies()
    expect(await peer.command(1, 'publish', 0, null, 'name').replies()).toEqual(started)
    await peer.command(0, 'FCPublish', 0, null, 'other').command(0, 'FCUnpublish', 0, null, 'other').replies()
    expect(await peer.command(1, 'publish', 0, null, 'other').replies()).toEqual(started)
  })

  it.each([
    ['live', 'live'],
    ['record', 'record'],
    ['append', 'append'],
    ['appendWithGap', 'append'],
    ['LIVE', 'live'],
    ['nonsense', 'live'],
    [undefined, 'live'],
    [7, 'live'],
  ])('of type %j is %s', async (type, publishingType) => {
    const events: PublishEvent[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onPublish: event => void events.push(event) }] })
    const peer = await publisher(server)
    await peer.command(1, 'publish', 0, null, 'name?t=1', type).replies()
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ app: 'live', streamName: 'name', publishingType })
    expect(events[0]?.query.get('t')).toBe('1')
  })

  it('under a new name is published under that', async () => {
    const infos: PublishInfo[] = []
    await using server = new RawServer({
      plugins: [
        { name: 'rename', onPublish: () => ({ streamName: 'secret' }), onPublishStart: info => void infos.push(info) },
      ],
    })
    const peer = await publisher(server)
    expect(await peer.command(1, 'publish', 0, null, 'name').replies()).toEqual(started)
    expect([...server.server.streams].map(({ app, name }) => [app, name])).toEqual([['live', 'secret']])
    expect(infos[0]).toMatchObject({ app: 'live', streamName: 'secret', publishingType: 'live' })
    expect(infos[0]?.stream).toBe(server.server.streams.get('live', 'secret'))
  })

  it.each([
    ['denied', () => deny('NetStream.Publish.Denied', 'no'), 'error NetStream.Publish.Denied'],
    ['failing', () => Promise.reject(new Error('boom')), 'error NetStream.Failed'],
  ])('%s gets its status before any word of success, then the connection ends', async (_what, onPublish, info) => {
    const told: string[] = []
    await using server = new RawServer({ plugins: [{ name: 'guard', onPublish }, notices(told)] })
    const peer = await publisher(server)
    peer.command(1, 'publish', 0, null, 'name').media(1, samples.keyframe(0)).command(1, 'publish', 0, null, 'other')
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, info]])
    expect([...server.server.streams]).toEqual([])
    expect(told).toEqual([])
  })

  it('of a busy name is refused, and the publisher goes on', async () => {
    await using server = new RawServer()
    const first = server.peer()
    await first.publish('name')
    const second = await publisher(server)
    second.command(1, 'publish', 0, null, 'name')
    expect(await second.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Publish.BadName']])
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    expect(await first.replies()).toEqual([])
  })

  it('takes a slash in app or name for what it is: two streams', async () => {
    await using server = new RawServer()
    await server.peer().publish('c', 'a/b')
    await server.peer().publish('b/c', 'a')
    expect([...server.server.streams].map(({ app, name }) => [app, name])).toEqual([
      ['a/b', 'c'],
      ['a', 'b/c'],
    ])
  })

  it('with an empty name uses the last part of the app', async () => {
    await using server = new RawServer()
    await server.peer().publish('', 'live/key')
    expect(server.server.streams.get('live', 'key')?.isPublishing).toBe(true)
  })

  it.each([0, 2, 4_294_967_295])(
    'on the unknown stream %d gets an error status, and the connection stays',
    async id => {
      await using server = new RawServer()
      const peer = await publisher(server)
      const failed = [['onStatus', id, 0, null, 'error NetStream.Failed']]
      expect(await peer.command(id, 'publish', 0, null, 'name').replies()).toEqual(failed)
      expect(server.server.streams.size).toBe(0)
      expect(await peer.command(1, 'publish', 0, null, 'name').replies()).toEqual(started)
    },
  )
})

describe('a publish ends', () => {
  it.each<[how: string, act: (peer: RawPeer) => void, error?: boolean]>([
    ['by deleteStream', peer => peer.command(0, 'deleteStream', 0, null, 1)],
    ['by deleteStream with a name, as GStreamer sends it', peer => peer.command(0, 'deleteStream', 0, null, 'name')],
    ['by closeStream', peer => peer.command(1, 'closeStream', 0, null)],
    ['by closeStream on id 0 with a name', peer => peer.command(0, 'closeStream', 0, null, 'name')],
    ['when its stream plays', peer => peer.command(1, 'play', 0, null, 'other')],
    ['when the client leaves', peer => peer.messages.end()],
    ['when the client vanishes', peer => peer.messages.destroy()],
    ['when the client breaks the protocol', peer => peer.command(0, 'connect', 2, {}), true],
  ])('%s', async (_how, act, withError = false) => {
    const told: string[] = []
    await using server = new RawServer({ plugins: [notices(told)] })
    const peer = server.peer()
    await peer.publish('name')
    act(peer)
    await expect
      .poll(() => told, { interval: 1 })
      .toEqual(['start name', `end name${withError ? ' with an error' : ''}`])
    expect(server.server.streams.get('live', 'name')).toBeUndefined()
  })

  it('with the object it began with, so that plugins know it again', async () => {
    const [starts, ends]: [object[], object[]] = [[], []]
    await using server = new RawServer({
      plugins: [
        {
          name: 'spy',
          onPublishStart: info => void starts.push(info),
          onPlayStart: info => void starts.push(info),
          onPublishEnd: info => void ends.push(info),
          onPlayEnd: info => void ends.push(info),
        },
      ],
    })
    const peer = server.peer()
    await peer.publish('a')
    await peer.command(1, 'play', 0, null, 'b').command(1, 'closeStream', 0, null).replies()
    expect(starts).toHaveLength(2)
    expect(ends[0]).toBe(starts[0])
    expect(ends[1]).toBe(starts[1])
  })

  it('when its stream publishes something else', async () => {
    const told: string[] = []
    await using server = new RawServer({ plugins: [notices(told)] })
    const peer = server.peer()
    await peer.publish('a')
    expect(await peer.command(1, 'publish', 0, null, 'b').replies()).toEqual(started)
    expect(told).toEqual(['start a', 'end a', 'start b'])
    expect([...server.server.streams].map(({ name }) => name)).toEqual(['b'])
  })

  it.each([
    ['deleteStream', 99],
    ['deleteStream', 'other'],
    ['deleteStream', null],
    ['deleteStream', {}],
    ['deleteStream', undefined],
    ['closeStream', 'other'],
  ])('not by %s of %j', async (name, argument) => {
    await using server = new RawServer()
    const peer = server.peer()
    await peer.publish('name')
    await peer.command(0, name, 0, null, argument).replies()
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
  })

  it('and its stream may be used again after closeStream, not after deleteStream', async () => {
    await using server = new RawServer()
    const peer = server.peer()
    await peer.publish('name')
    expect(await peer.command(1, 'closeStream', 0, null).command(1, 'publish', 0, null, 'name').replies()).toEqual(
      started,
    )
    expect(await peer.command(0, 'deleteStream', 0, null, 1).command(1, 'publish', 0, null, 'name').replies()).toEqual([
      ['onStatus', 1, 0, null, 'error NetStream.Failed'],
    ])
  })

  it('and media that still comes is dropped', async () => {
    await using server = new RawServer()
    const player = server.peer()
    await player.play('name')
    const peer = server.peer()
    await peer.publish('name')
    await peer.media(1, samples.keyframe(0)).command(1, 'closeStream', 0, null).media(1, samples.keyframe(40)).replies()
    const media = (await player.replies()).filter(([what]) => what === 'video')
    expect(media).toEqual([['video', 1, 0]])
  })
})

describe('plugins end a publish', () => {
  it('in onPublishStart, after its start has been told', async () => {
    const told: string[] = []
    const plugins = [{ name: 'kick', onPublishStart: (info: PublishInfo) => info.end() }, notices(told)]
    await using server = new RawServer({ plugins })
    const peer = await publisher(server)
    const ended = ['onStatus', 1, 0, null, 'status NetStream.Unpublish.Success']
    expect(await peer.command(1, 'publish', 0, null, 'name').replies()).toEqual([...started, ended])
    expect(server.server.streams.size).toBe(0)
    expect(told.sort()).toEqual(['end name', 'start name'])
  })

  it('in bindPublish, before it has begun', async () => {
    const told: string[] = []
    const plugins = [
      { name: 'kick', bindPublish: (info: PublishInfo) => info.end(status('NetStream.Publish.Denied', 'no')) },
      notices(told),
    ]
    await using server = new RawServer({ plugins })
    const peer = await publisher(server)
    expect(await peer.command(1, 'publish', 0, null, 'name').replies()).toEqual([
      ['onStatus', 1, 0, null, 'error NetStream.Publish.Denied'],
    ])
    expect(server.server.streams.size).toBe(0)
    expect(told).toEqual([])
  })

  it('at any time, with a status; the stream may be used again', async () => {
    const infos: PublishInfo[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onPublishStart: info => void infos.push(info) }] })
    const peer = server.peer()
    await peer.publish('name')
    infos[0]?.end(status('NetStream.Failed', 'enough'))
    infos[0]?.end()
    expect(await peer.replies()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Failed']])
    expect(await peer.command(1, 'publish', 0, null, 'name').replies()).toEqual(started)
  })

  it('with its connection', async () => {
    const infos: PublishInfo[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onPublishStart: info => void infos.push(info) }] })
    const peer = server.peer()
    await peer.publish('name')
    infos[0]?.connection.end(status('NetConnection.Connect.Closed', 'enough'))
    expect(infos[0]?.stream.isPublishing).toBe(false)
    expect(await peer.rest()).toEqual([['onStatus', 0, 0, null, 'status NetConnection.Connect.Closed']])
  })

  it('and nobody publishes again on a connection that has been ended', async () => {
    const infos: PublishInfo[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onPublishStart: info => void infos.push(info) }] })
    const peer = server.peer()
    await peer.publish('name')
    infos[0]?.connection.end()
    peer.command(1, 'publish', 0, null, 'again')
    await peer.rest()
    expect(infos).toHaveLength(1)
    expect(server.server.streams.size).toBe(0)
  })
})

describe('NetStreams of one connection', () => {
  it('publish and play side by side', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const ids = [await peer.createStream(), await peer.createStream(), await peer.createStream()]
    expect(ids).toEqual([1, 2, 3])
    await peer
      .command(1, 'publish', 0, null, 'a')
      .command(2, 'publish', 0, null, 'b')
      .command(3, 'play', 0, null, 'a')
      .replies()
    peer.media(2, samples.keyframe(100)).media(1, samples.keyframe(200))
    const media = await peer.replies()
    expect(media).toEqual([['video', 3, 200]])
    await peer.command(0, 'deleteStream', 0, null, 2).replies()
    expect([...server.server.streams].map(({ name }) => name)).toEqual(['a'])
  })

  it('end together with their connection, one refusal included', async () => {
    await using server = new RawServer()
    await server.peer().publish('busy')
    const peer = server.peer()
    await peer.publish('mine')
    await peer.createStream()
    peer.command(2, 'publish', 0, null, 'busy')
    expect(await peer.rest()).toEqual([['onStatus', 2, 0, null, 'error NetStream.Publish.BadName']])
    expect([...server.server.streams].map(({ name }) => name)).toEqual(['busy'])
  })
})
