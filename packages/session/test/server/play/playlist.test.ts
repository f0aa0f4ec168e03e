import { describe, expect, it } from 'vitest'
import type { AmfValue } from '@rtmpipe/amf'
import { userControl } from '@rtmpipe/chunk-stream'
import { status } from '../../../src/protocol/status.ts'
import { deny } from '../../../src/contract/denial.ts'
import type { PlayEvent, Plugin } from '../../../src/contract/plugin.ts'
import type { Source } from '../../../src/contract/source.ts'
import { samples } from '@rtmpipe/testing'
import type { Described } from '../../support/described.ts'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'
import { Tape } from '../../support/tape.ts'

const { audio, interframe, keyframe, videoHeader } = samples
const onStatus = (code: string, rest?: object): Described => [
  'onStatus',
  1,
  0,
  null,
  rest === undefined ? code : { info: code, ...rest },
]
const started = [['StreamBegin', 1], onStatus('status NetStream.Play.Reset'), onStatus('status NetStream.Play.Start')]
const next = [['StreamBegin', 1], onStatus('status NetStream.Play.Start')]
const playStatus = (code: string): Described => ['data', 1, 0, 'onPlayStatus', `status ${code}`]
const ended = [['StreamEof', 1], onStatus('status NetStream.Play.Stop'), playStatus('NetStream.Play.Complete')]

/** A server of recordings: one tape for each name asked for. */
async function setUp(...others: Plugin[]) {
  const tapes = new Map<string, Tape>()
  const events: PlayEvent[] = []
  const files: Plugin = {
    name: 'files',
    sourcePlay: event => {
      events.push(event)
      const tape = new Tape()
      tapes.set(event.streamName, tape)
      return event.streamName.startsWith('live') ? undefined : tape
    },
  }
  const server = new RawServer({ plugins: [...others, files] })
  const peer = await server.peer().connect()
  const id = await peer.createStream()
  peer.send(userControl({ type: 'SetBufferLength', messageStreamId: id, bufferLength: 60_000 }))
  const play = async (name: string, ...rest: AmfValue[]) =>
    notRecorded(await peer.command(1, 'play', 0, null, name, ...rest).replies())
  return {
    server,
    peer,
    play,
    events,
    tape: (name: string) => tapes.get(name) as Tape,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function until(peer: RawPeer, last: Described): Promise<Described[]> {
  const replies: Described[] = []
  while (JSON.stringify(replies.at(-1)) !== JSON.stringify(last)) replies.push(await peer.next())
  return notRecorded(replies)
}

/** Without what tells recordings from live streams, which other tests are about. */
function notRecorded(replies: Described[]): Described[] {
  return replies.filter(([what]) => what !== 'StreamIsRecorded')
}

describe('play with reset false', () => {
  it.each<[string, (tape: Tape) => Source | undefined]>([
    ['a private source', messages => ({ kind: 'private', messages })],
    ['a shared source', tape => ({ kind: 'shared', open: () => tape })],
    ['no source', () => undefined],
  ])('that is stopped before it has begun is neither begun nor ended; %s', async (_what, sourceOf) => {
    const told: string[] = []
    let answer: (source: Source | undefined) => void = () => {}
    const answered = new Promise<Source | undefined>(resolve => void (answer = resolve))
    const spy: Plugin = {
      name: 'spy',
      sourcePlay: ({ streamName }) => (streamName === 'b' ? answered : undefined),
      onPlayStart: ({ streamName }) => void told.push(`start ${streamName}`),
      onPlayEnd: ({ streamName }) => void told.push(`end ${streamName}`),
    }
    await using test = await setUp(spy)
    await test.play('a')
    await test.play('b', -2, -1, false)
    test.tape('a').play(null)
    await until(test.peer, playStatus('NetStream.Play.Switch'))
    await test.peer.command(1, 'closeStream', 0, null).replies()
    const tape = new Tape()
    const source = sourceOf(tape)
    answer(source)
    expect(await test.peer.replies()).toEqual([])
    expect(source === undefined || tape.destroyed).toBe(true)
    expect(test.server.server.streams.size).toBe(0)
    expect(told).toEqual(['start a', 'end a'])
  })

  it('comes after what is played now, and the end after that', async () => {
    await using test = await setUp()
    expect(await test.play('a')).toEqual(started)
    expect(await test.play('b', -2, -1, false)).toEqual([])
    test.tape('a').play(keyframe(0), null)
    expect(await until(test.peer, onStatus('status NetStream.Play.Start'))).toEqual([
      ['video', 1, 0],
      playStatus('NetStream.Play.Switch'),
      ...next,
    ])
    test.tape('b').play(audio(0), null)
    expect(await until(test.peer, playStatus('NetStream.Play.Complete'))).toEqual([['audio', 1, 0], ...ended])
    expect(test.events.map(({ streamName }) => streamName)).toEqual(['a', 'b'])
  })

  it.each([false, 0])('when nothing is played begins at once, without a reset (%j)', async reset => {
    await using test = await setUp()
    expect(await test.play('a', -2, -1, reset)).toEqual(next)
  })

  it.each([undefined, null, true, 1, 2])('is not what reset %j means: it empties the playlist', async reset => {
    await using test = await setUp()
    await test.play('a')
    await test.play('b', -2, -1, false)
    expect(await test.play('c', -2, -1, reset)).toEqual(started)
    test.tape('c').play(null)
    expect(await until(test.peer, playStatus('NetStream.Play.Complete'))).toEqual(ended)
    expect(test.tape('a').destroyed).toBe(true)
  })

  it('is forgotten with closeStream', async () => {
    await using test = await setUp()
    await test.play('a')
    await test.play('b', -2, -1, false)
    await test.peer.command(1, 'closeStream', 0, null).replies()
    expect(await test.play('c')).toEqual(started)
    test.tape('c').play(null)
    expect(await until(test.peer, playStatus('NetStream.Play.Complete'))).toEqual(ended)
  })

  it('waits for 32 entries, no more', async () => {
    await using test = await setUp()
    await test.play('a')
    for (let count = 0; count < 32; count += 1) expect(await test.play(`${count}`, -2, -1, false)).toEqual([])
    expect(await test.play('more', -2, -1, false)).toEqual([onStatus('error NetStream.Play.Failed')])
  })

  it('is asked for at the gates when its turn comes, and refused there', async () => {
    const guard = {
      name: 'guard',
      onPlay: ({ streamName }: PlayEvent) =>
        streamName === 'b' ? deny('NetStream.Play.StreamNotFound', 'no') : undefined,
    }
    await using test = await setUp(guard)
    await test.play('a')
    expect(await test.play('b', -2, -1, false)).toEqual([])
    test.tape('a').play(null)
    expect(await test.peer.rest()).toEqual([
      playStatus('NetStream.Play.Switch'),
      onStatus('error NetStream.Play.StreamNotFound'),
    ])
  })
})

describe('play with a duration', () => {
  it.each([
    [
      100,
      [
        ['video', 1, 0],
        ['video', 1, 0],
        ['audio', 1, 99],
      ],
    ],
    [
      0,
      [
        ['video', 1, 0],
        ['video', 1, 0],
      ],
    ],
  ])('of %d ms ends a recording after that, headers not counted', async (duration, media) => {
    await using test = await setUp()
    await test.play('a', 0, duration)
    test.tape('a').play(videoHeader(0), keyframe(0), audio(99), audio(100), audio(101))
    expect(await until(test.peer, playStatus('NetStream.Play.Complete'))).toEqual(
      duration === 0 ? [...media.slice(0, 2), ...ended] : [...media, ...ended],
    )
    expect(test.tape('a').destroyed).toBe(true)
  })

  it('ends a live stream likewise, and the next of the playlist follows', async () => {
    await using test = await setUp()
    const publisher = test.server.peer()
    await publisher.publish('live')
    await test.play('live', -1, 50)
    await test.play('a', -2, -1, false)
    await publisher.media(1, keyframe(1_000), audio(1_049), audio(1_050)).replies()
    expect(await until(test.peer, onStatus('status NetStream.Play.Start'))).toEqual([
      ['video', 1, 1_000],
      ['audio', 1, 1_049],
      playStatus('NetStream.Play.Switch'),
      ...next,
    ])
  })

  it('that wraps around is no shorter', async () => {
    await using test = await setUp()
    await test.play('a', 0, 20)
    test.tape('a').play(audio(0xffff_fff8), audio(5), audio(13))
    expect((await until(test.peer, playStatus('NetStream.Play.Complete'))).slice(0, 2)).toEqual([
      ['audio', 1, 0xffff_fff8],
      ['audio', 1, 5],
    ])
  })
})

describe('what is there', () => {
  it('a recording is not played to who wants a live stream alone', async () => {
    await using test = await setUp()
    expect(await test.play('a', -1)).toEqual(started)
    expect(test.tape('a').destroyed).toBe(true)
    const publisher = test.server.peer()
    await publisher.publish('a')
    await publisher.media(1, audio(7)).replies()
    expect((await test.peer.replies()).at(-1)).toEqual(['audio', 1, 7])
  })

  it('plugins are told whether somebody publishes it', async () => {
    await using test = await setUp()
    await test.play('live')
    const publisher = test.server.peer()
    await publisher.publish('live')
    await test.play('live')
    expect(test.events.map(({ isLive }) => isLive)).toEqual([false, true])
  })
})

describe('play2', () => {
  const play2 = async (peer: RawPeer, options: AmfValue) =>
    notRecorded(await peer.command(1, 'play2', 0, null, options).replies())
  const transition = onStatus('status NetStream.Play.Transition', { details: 'b' })
  const complete = playStatus('NetStream.Play.TransitionComplete')

  it.each([{}, { transition: 'switch', oldStreamName: 'a', offset: -1 }, { transition: 'swap' }])(
    'switches to another stream without a stop: %j',
    async options => {
      await using test = await setUp()
      await test.play('a')
      expect(await play2(test.peer, { streamName: 'b', start: -2, len: -1, ...options })).toEqual([
        transition,
        complete,
      ])
      expect(test.tape('a').destroyed).toBe(true)
      test.tape('b').play(keyframe(0), interframe(40), null)
      expect(await until(test.peer, playStatus('NetStream.Play.Complete'))).toEqual([
        ['video', 1, 0],
        ['video', 1, 40],
        ...ended,
      ])
    },
  )

  it('between live streams tells plugins of both', async () => {
    const told: string[] = []
    const spy: Plugin = {
      name: 'spy',
      onPlayStart: ({ streamName }) => void told.push(`start ${streamName}`),
      onPlayEnd: ({ streamName }) => void told.push(`end ${streamName}`),
    }
    await using test = await setUp(spy)
    await test.play('live1')
    await test.peer.command(1, 'play2', 0, null, { streamName: 'live2' }).replies()
    const publisher = test.server.peer()
    await publisher.publish('live2')
    await publisher.media(1, audio(3)).replies()
    expect((await test.peer.replies()).at(-1)).toEqual(['audio', 1, 3])
    expect(told).toEqual(['start live1', 'end live1', 'start live2'])
    expect([...test.server.server.streams].map(({ name }) => name)).toEqual(['live2'])
  })

  it('that is denied tells the plugin’s code, and closes the connection, as every denial does', async () => {
    const guard = {
      name: 'guard',
      onPlay: ({ streamName }: PlayEvent) =>
        streamName === 'b' ? deny('NetStream.Play.StreamNotFound', 'no') : undefined,
    }
    await using test = await setUp(guard)
    await test.play('a')
    const rest = test.peer.command(1, 'play2', 0, null, { streamName: 'b' }).rest()
    expect(await rest).toEqual([onStatus('error NetStream.Play.StreamNotFound')])
    expect(test.tape('a').destroyed).toBe(true)
  })

  it('is not complete when a bindPlay hook ends the new play', async () => {
    const ending: Plugin = {
      name: 'ending',
      bindPlay: play => void (play.streamName === 'b' && play.end(status('NetStream.Play.Failed', 'no'))),
    }
    await using test = await setUp(ending)
    await test.play('a')
    const replies = await play2(test.peer, { streamName: 'b' })
    expect(replies).toContainEqual(onStatus('error NetStream.Play.Failed'))
    expect(replies).not.toContainEqual(complete)
  })

  it('of what can not be opened leaves what is played alone', async () => {
    const broken: Plugin = {
      name: 'broken',
      sourcePlay({ streamName }) {
        if (streamName === 'b') throw new Error('boom')
      },
    }
    await using test = await setUp(broken)
    await test.play('a')
    expect(await play2(test.peer, { streamName: 'b' })).toEqual([onStatus('error NetStream.Play.Failed')])
    test.tape('a').play(audio(5))
    expect(await test.peer.next()).toEqual(['audio', 1, 5])
  })

  it.each([null, {}, { streamName: '' }, { streamName: 7 }, 'b'])('without a name fails: %j', async options => {
    await using test = await setUp()
    await test.play('a')
    expect(await play2(test.peer, options)).toEqual([onStatus('error NetStream.Play.Failed')])
  })

  it('begins when nothing is played, and with reset', async () => {
    await using test = await setUp()
    expect(await play2(test.peer, { streamName: 'a' })).toEqual(started)
    expect(await play2(test.peer, { streamName: 'b', transition: 'reset' })).toEqual(started)
  })

  it.each(['append', 'appendAndWait'])('with %s comes after what is played now', async transition => {
    await using test = await setUp()
    await test.play('a')
    expect(await play2(test.peer, { streamName: 'b', transition })).toEqual([])
    test.tape('a').play(null)
    expect(await until(test.peer, onStatus('status NetStream.Play.Start'))).toEqual([
      playStatus('NetStream.Play.Switch'),
      ...next,
    ])
  })

  it('with stop stops', async () => {
    await using test = await setUp()
    await test.play('a')
    expect(await play2(test.peer, { transition: 'stop' })).toEqual([onStatus('status NetStream.Play.Stop')])
    expect(test.tape('a').destroyed).toBe(true)
  })

  it('on a stream that is none gets an error status', async () => {
    await using test = await setUp()
    expect(await test.peer.command(9, 'play2', 0, null, { streamName: 'a' }).replies()).toEqual([
      ['onStatus', 9, 0, null, 'error NetStream.Play.Failed'],
    ])
  })
})

describe('receiveAudio and receiveVideo', () => {
  it('before play hold for what is played later', async () => {
    await using test = await setUp()
    expect(await test.peer.command(1, 'receiveVideo', 0, null, false).replies()).toEqual([])
    await test.play('a')
    test.tape('a').play(keyframe(0), audio(1), null)
    expect(await until(test.peer, playStatus('NetStream.Play.Complete'))).toEqual([['audio', 1, 1], ...ended])
  })

  it('are answered when they want it again, not when they do not', async () => {
    await using test = await setUp()
    await test.play('a')
    for (const name of ['receiveAudio', 'receiveVideo']) {
      expect(await test.peer.command(1, name, 0, null, false).replies()).toEqual([])
      expect(await test.peer.command(1, name, 0, null, true).replies()).toEqual([
        onStatus('status NetStream.Seek.Notify'),
        onStatus('status NetStream.Play.Start'),
      ])
    }
  })
})

describe('pauseRaw', () => {
  it('is pause', async () => {
    await using test = await setUp()
    await test.play('a')
    const replies = await test.peer
      .command(1, 'pauseRaw', 0, null, true, 0)
      .command(1, 'pauseRaw', 0, null, false, 0)
      .replies()
    expect(replies).toEqual([onStatus('status NetStream.Pause.Notify'), onStatus('status NetStream.Unpause.Notify')])
  })
})

describe('a NetStream that is named', () => {
  it.each(['deleteStream', 'closeStream'])('is found by %s, with or without a query, renamed or not', async command => {
    const told: string[] = []
    await using server = new RawServer({
      plugins: [{ name: 'spy', onPublish: () => ({ streamName: 'other' }), onPublishEnd: () => void told.push('end') }],
    })
    for (const name of ['name', 'name?t=2', 'other']) {
      const peer = server.peer()
      await peer.publish('name?t=1')
      await peer.command(0, command, 0, null, 'unknown').replies()
      expect(told).toEqual([])
      await peer.command(0, command, 0, null, name).replies()
      expect(told.splice(0)).toEqual(['end'])
    }
  })
})

describe('a NetStream that plays something else by play2', () => {
  it.each(['deleteStream', 'closeStream'])('is found by %s under the new name, renamed or not', async command => {
    const told: string[] = []
    const spy: Plugin = {
      name: 'spy',
      onPlay: ({ streamName }) => ({ streamName: `live ${streamName}` }),
      onPlayEnd: ({ streamName }) => void told.push(streamName),
    }
    for (const name of ['b', 'b?t=2', 'live b']) {
      await using test = await setUp(spy)
      await test.play('a')
      await test.peer.command(1, 'play2', 0, null, { streamName: 'b' }).replies()
      expect(told.splice(0)).toEqual(['live a'])
      // What was played before is gone.
      await test.peer.command(0, command, 0, null, 'a').replies()
      expect(told).toEqual([])
      await test.peer.command(0, command, 0, null, name).replies()
      expect(told.splice(0)).toEqual(['live b'])
    }
  })
})

describe('FCUnpublish', () => {
  it.each(['name', 'name?t=1'])('of %s ends the publish', async announced => {
    const told: string[] = []
    await using server = new RawServer({
      plugins: [{ name: 'spy', onPublish: () => ({ streamName: 'other' }), onPublishEnd: () => void told.push('end') }],
    })
    const peer = server.peer()
    await peer.publish('name?t=1')
    await peer.command(0, 'FCUnpublish', 0, null, announced).replies()
    expect(told).toEqual(['end'])
  })
})
