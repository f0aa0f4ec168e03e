import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { deny } from '../../../src/contract/denial.ts'
import type { PlayInfo } from '../../../src/contract/info.ts'
import type { PlayEvent, Plugin } from '../../../src/contract/plugin.ts'
import { status } from '../../../src/protocol/status.ts'
import { samples, VirtualClock } from '@rtmpipe/testing'
import type { Described } from '../../support/described.ts'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'

const started: Described[] = [
  ['StreamBegin', 1],
  ['onStatus', 1, 0, null, 'status NetStream.Play.Reset'],
  ['onStatus', 1, 0, null, 'status NetStream.Play.Start'],
]

async function player(server: RawServer): Promise<RawPeer> {
  const peer = await server.peer().connect()
  await peer.createStream()
  return peer
}

const notices = (told: string[]): Plugin => ({
  name: 'spy',
  onPlayStart: ({ streamName }) => void told.push(`start ${streamName}`),
  onPlayEnd: ({ streamName }, { error }) => void told.push(`end ${streamName}${error ? ' with an error' : ''}`),
})

describe('play', () => {
  it('of what is published begins with metadata, headers and the group of pictures', async () => {
    await using server = new RawServer()
    const publisher = server.peer()
    await publisher.publish('name')
    const metadata = { ...samples.metadata({ width: 1 }), messageStreamId: 1 }
    publisher
      .send(metadata)
      .media(1, samples.audioHeader(0), samples.videoHeader(0), samples.keyframe(40), samples.audio(50))
    await publisher.replies()
    const peer = await player(server)
    expect(await peer.command(1, 'play', 0, null, 'name').replies()).toEqual([
      ...started,
      ['data', 1, 0, 'onMetaData', expect.anything()],
      ['audio', 1, 40],
      ['video', 1, 40],
      ['video', 1, 40],
      ['audio', 1, 50],
    ])
    await publisher.media(1, samples.interframe(80)).replies()
    expect(await peer.replies()).toEqual([['video', 1, 80]])
  })

  it('of what is not published waits', async () => {
    await using server = new RawServer()
    const peer = await player(server)
    expect(await peer.command(1, 'play', 0, null, 'name').replies()).toEqual(started)
    const publisher = server.peer()
    await publisher.publish('name')
    expect(await peer.replies()).toEqual([
      ['StreamBegin', 1],
      ['onStatus', 1, 0, null, 'status NetStream.Play.PublishNotify'],
    ])
    await publisher.media(1, samples.keyframe(0)).command(1, 'closeStream', 0, null).replies()
    expect(await peer.replies()).toEqual([
      ['video', 1, 0],
      ['StreamEof', 1],
      ['onStatus', 1, 0, null, 'status NetStream.Play.UnpublishNotify'],
    ])
  })

  it('of what nobody publishes is told so after 30 seconds, if nothing else was asked for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = new RawServer()
      const peer = await player(server)
      await peer.command(1, 'play', 0, null, 'missing').replies()
      await vi.advanceTimersByTimeAsync(29_999)
      expect(await peer.replies()).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(await peer.replies()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Play.StreamNotFound']])
    } finally {
      vi.useRealTimers()
    }
  })

  it('of what nobody publishes may wait without an end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = new RawServer({ publishWait: Infinity })
      const peer = await player(server)
      await peer.command(1, 'play', 0, null, 'missing').replies()
      await vi.advanceTimersByTimeAsync(1_000_000)
      expect(await peer.replies()).toEqual([])
    } finally {
      vi.useRealTimers()
    }
  })

  it('of what nobody publishes in time is told so, of what somebody does is not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = new RawServer({ publishWait: 500 })
      const [missing, found, later] = [await player(server), await player(server), await player(server)]
      await server.peer().publish('found')
      expect(await missing.command(1, 'play', 0, null, 'missing').replies()).toEqual(started)
      await found.command(1, 'play', 0, null, 'found').replies()
      await later.command(1, 'play', 0, null, 'later').replies()
      await vi.advanceTimersByTimeAsync(499)
      await server.peer().publish('later')
      expect(await missing.replies()).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(await missing.replies()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Play.StreamNotFound']])
      expect(await found.replies()).toEqual([])
      expect((await later.replies()).at(-1)).toEqual(['onStatus', 1, 0, null, 'status NetStream.Play.PublishNotify'])
      missing.command(1, 'play', 0, null, 'missing').command(1, 'closeStream', 0, null)
      await missing.replies()
      await vi.advanceTimersByTimeAsync(500)
      expect(await missing.replies()).toEqual([])
      expect([...server.server.streams].map(({ name }) => name)).toEqual(['found', 'later'])
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    ['before', 0],
    ['after', 200],
  ])('of what a publisher who came %s it has left without a message is told so', async (_what, playAt) => {
    using clock = new VirtualClock()
    await using server = new RawServer({ publishWait: 500 })
    const [empty, peer] = [server.peer(), await player(server)]
    if (playAt === 0) await empty.publish('name')
    await peer.command(1, 'play', 0, null, 'name').replies()
    await clock.advance(200)
    if (playAt > 0) await empty.publish('name')
    await clock.advance(400)
    expect((await peer.replies()).map(([, , , , status]) => status)).not.toContain(
      'error NetStream.Play.StreamNotFound',
    )
    await empty.command(0, 'FCUnpublish', 0, null, 'name').replies()
    await clock.advance(600)
    expect((await peer.replies()).at(-1)).toEqual(['onStatus', 1, 0, null, 'error NetStream.Play.StreamNotFound'])
  })

  it.each([
    [undefined, true],
    [true, true],
    [1, true],
    [false, false],
    [0, false],
  ])('with reset %j: Play.Reset %s', async (reset, told) => {
    await using server = new RawServer()
    const peer = await player(server)
    const replies = await peer.command(1, 'play', 0, null, 'name', -2, -1, reset).replies()
    expect(replies).toEqual(told ? started : [started[0], started[2]])
  })

  it.each([
    [undefined, 'any'],
    [-2, 'any'],
    [-2000, 'any'],
    [-1, 'live'],
    [-1000, 'live'],
    [-5, 'any'],
    [NaN, 'any'],
    ['0', 'any'],
    [0, 0],
    [1500, 1500],
  ])('from %j starts at %j', async (start, expected) => {
    const events: PlayEvent[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onPlay: event => void events.push(event) }] })
    const peer = await player(server)
    await peer.command(1, 'play', 0, null, 'name?t=1', start).replies()
    expect(events[0]).toMatchObject({ app: 'live', streamName: 'name', start: expected, duration: undefined })
    expect(events[0]?.query.get('t')).toBe('1')
  })

  it.each([
    [-1, undefined],
    [-1000, undefined],
    ['x', undefined],
    [0, 0],
    [4000, 4000],
  ])('for %j lasts %j', async (duration, expected) => {
    const events: PlayEvent[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onPlay: event => void events.push(event) }] })
    const peer = await player(server)
    await peer.command(1, 'play', 0, null, 'name', 0, duration).replies()
    expect(events[0]?.duration).toBe(expected)
  })

  it('under a new name plays that', async () => {
    await using server = new RawServer({ plugins: [{ name: 'rename', onPlay: () => ({ streamName: 'secret' }) }] })
    const publisher = server.peer()
    await publisher.publish('secret')
    await publisher.media(1, samples.keyframe(7)).replies()
    const peer = await player(server)
    expect(await peer.command(1, 'play', 0, null, 'name').replies()).toEqual([...started, ['video', 1, 7]])
  })

  it.each<[string, Plugin, string]>([
    [
      'denied',
      { name: 'guard', onPlay: () => deny('NetStream.Play.StreamNotFound', 'no') },
      'error NetStream.Play.StreamNotFound',
    ],
    ['failing', { name: 'guard', onPlay: () => Promise.reject(new Error('boom')) }, 'error NetStream.Failed'],
    [
      'without its source',
      { name: 'file', sourcePlay: () => Promise.reject(new Error('boom')) },
      'error NetStream.Play.Failed',
    ],
    [
      'without its shared source',
      {
        name: 'relay',
        sourcePlay: () => ({
          kind: 'shared',
          open: () => {
            throw new Error('boom')
          },
        }),
      },
      'error NetStream.Play.Failed',
    ],
  ])('%s gets its status before any word of success, then the connection ends', async (_what, plugin, info) => {
    const told: string[] = []
    await using server = new RawServer({ plugins: [plugin, notices(told)] })
    const peer = await player(server)
    peer.command(1, 'play', 0, null, 'name')
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, info]])
    expect(server.server.streams.size).toBe(0)
    expect(told).toEqual([])
  })

  it('whose bindPlay throws is told of the failure, and others of nothing', async () => {
    const told: string[] = []
    const faulty: Plugin = {
      name: 'faulty',
      bindPlay: () => {
        throw new Error('boom')
      },
    }
    await using server = new RawServer({ plugins: [faulty, notices(told)] })
    const peer = await player(server)
    peer.command(1, 'play', 0, null, 'name')
    expect((await peer.rest()).at(-1)).toEqual(['onStatus', 1, 0, null, 'error NetStream.Failed'])
    expect(server.server.streams.size).toBe(0)
    expect(told).toEqual([])
  })

  it.each([0, 2])('on the unknown stream %d gets an error status', async id => {
    await using server = new RawServer()
    const peer = await player(server)
    const failed = [['onStatus', id, 0, null, 'error NetStream.Play.Failed']]
    expect(await peer.command(id, 'play', 0, null, 'name').replies()).toEqual(failed)
    expect(await peer.command(id, 'play2', 0, null, { streamName: 'name' }).replies()).toEqual(failed)
    expect(server.server.streams.size).toBe(0)
  })
})

describe('a play ends', () => {
  it.each<[how: string, act: (peer: RawPeer) => void, error?: boolean]>([
    ['by deleteStream', peer => peer.command(0, 'deleteStream', 0, null, 1)],
    ['by deleteStream with a name', peer => peer.command(0, 'deleteStream', 0, null, 'name')],
    ['by closeStream', peer => peer.command(1, 'closeStream', 0, null)],
    ['by closeStream on id 0 with a name', peer => peer.command(0, 'closeStream', 0, null, 'name')],
    ['when the client leaves', peer => peer.messages.end()],
    ['when the client vanishes', peer => peer.messages.destroy()],
    ['when the client breaks the protocol', peer => peer.command(0, 'connect', 2, {}), true],
  ])('%s, and the stream is forgotten', async (_how, act, withError = false) => {
    const told: string[] = []
    await using server = new RawServer({ plugins: [notices(told)] })
    const peer = server.peer()
    await peer.play('name')
    expect(server.server.streams.get('live', 'name')?.consumerCount).toBe(1)
    act(peer)
    await expect
      .poll(() => told, { interval: 1 })
      .toEqual(['start name', `end name${withError ? ' with an error' : ''}`])
    expect(server.server.streams.size).toBe(0)
  })

  it('when its stream plays something else', async () => {
    const told: string[] = []
    await using server = new RawServer({ plugins: [notices(told)] })
    const peer = server.peer()
    await peer.play('a')
    expect(await peer.command(1, 'play', 0, null, 'b').replies()).toEqual(started)
    expect(told).toEqual(['start a', 'end a', 'start b'])
    expect([...server.server.streams].map(({ name }) => name)).toEqual(['b'])
  })

  it('when its stream publishes', async () => {
    await using server = new RawServer()
    const peer = server.peer()
    await peer.play('a')
    expect((await peer.command(1, 'publish', 0, null, 'b').replies()).at(-1)?.[4]).toBe(
      'status NetStream.Publish.Start',
    )
    expect([...server.server.streams].map(({ name }) => name)).toEqual(['b'])
  })

  it.each([
    ['without a status', undefined, 'status NetStream.Play.Stop'],
    ['with a status', status('NetStream.Play.Failed', 'enough'), 'error NetStream.Play.Failed'],
  ])('by a plugin, %s', async (_what, reason, info) => {
    const infos: PlayInfo[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onPlayStart: event => void infos.push(event) }] })
    const peer = server.peer()
    await peer.play('name')
    expect(infos[0]).toMatchObject({ app: 'live', streamName: 'name', dropped: 0 })
    infos[0]?.end(reason)
    infos[0]?.end(reason)
    expect(await peer.replies()).toEqual([['onStatus', 1, 0, null, info]])
    expect(server.server.streams.size).toBe(0)
  })

  it.each(['bindPlay', 'onPlayStart'] as const)(
    'by a plugin in %s, and what others have bound is let go of',
    async hook => {
      const told: string[] = []
      const transform = new PassThrough({ objectMode: true })
      const plugins: Plugin[] = [
        { name: 'bind', bindPlay: () => transform },
        notices(told),
        { name: 'kick', [hook]: (info: PlayInfo) => info.end() },
      ]
      await using server = new RawServer({ plugins })
      const peer = await player(server)
      const ended = ['onStatus', 1, 0, null, 'status NetStream.Play.Stop']
      expect(await peer.command(1, 'play', 0, null, 'name').replies()).toEqual([...started, ended])
      expect(server.server.streams.size).toBe(0)
      expect(transform.destroyed).toBe(true)
      expect(told).toEqual(hook === 'bindPlay' ? [] : ['start name', 'end name'])
    },
  )
})

describe('a play that a plugin ends when it hears of its start', () => {
  it('has begun for all plugins before it ends for any', async () => {
    const told: string[] = []
    const plugin = (name: string, onStart: (play: PlayInfo) => void = () => {}): Plugin => ({
      name,
      onPlayStart(play) {
        told.push(`${name} starts`)
        onStart(play)
      },
      onPlayEnd: () => void told.push(`${name} ends`),
    })
    await using server = new RawServer({ plugins: [plugin('first', play => play.end()), plugin('second')] })
    await server.peer().play('name')
    expect(told).toEqual(['first starts', 'second starts', 'first ends', 'second ends'])
    expect(server.server.streams.size).toBe(0)
  })
})
