import { userControl } from '@rtmpipe/chunk-stream'
import { createReadStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Plugin } from '../../../src/contract/plugin.ts'
import { samples, settled, stall, VirtualClock } from '@rtmpipe/testing'
import type { Described } from '../../support/described.ts'
import type { RawPeer } from '../../support/raw-peer.ts'
import { RawServer } from '../../support/raw-server.ts'
import { Tape } from '../../support/tape.ts'
import { netConnections } from '../../support/net-connections.ts'

const { audio, interframe, keyframe, videoHeader } = samples

afterEach(() => void vi.useRealTimers())

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))
const onStatus = (code: string): Described => ['onStatus', 1, 0, null, code]
const stopped = [['StreamEof', 1], onStatus('status NetStream.Play.Stop')]
const video = (...timestamps: number[]) => timestamps.map(timestamp => ['video', 1, timestamp])

async function player(plugin: Omit<Plugin, 'name'>, ...others: Plugin[]) {
  const server = new RawServer({ plugins: [{ name: 'source', ...plugin }, ...others] })
  const peer = await server.peer().connect()
  const id = await peer.createStream()
  peer.send(userControl({ type: 'SetBufferLength', messageStreamId: id, bufferLength: 60_000 }))
  await peer.command(id, 'play', 0, null, 'file').replies()
  return {
    server,
    peer,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
    },
  }
}

describe('a private source', () => {
  it('is played to its end, which is told', async () => {
    const tape = new Tape().play(videoHeader(0), keyframe(0), audio(10), null)
    await using server = new RawServer({ plugins: [{ name: 'file', sourcePlay: () => tape }] })
    const peer = await server.peer().connect()
    await peer.createStream()
    peer.command(1, 'play', 0, null, 'file')
    const replies: Described[] = []
    while (replies.at(-1)?.at(-1) !== 'status NetStream.Play.Stop') replies.push(await peer.next())
    expect(replies).toEqual([
      ['StreamIsRecorded', 1],
      ['StreamBegin', 1],
      onStatus('status NetStream.Play.Reset'),
      onStatus('status NetStream.Play.Start'),
      ...video(0, 0),
      ['audio', 1, 10],
      ...stopped,
    ])
    expect(server.server.streams.size).toBe(0)
  })

  it('belongs to one player: the plugin is asked for each', async () => {
    const tapes = [new Tape(), new Tape()]
    let asked = 0
    await using server = new RawServer({ plugins: [{ name: 'file', sourcePlay: () => tapes[asked++] as Tape }] })
    const peers = [server.peer(), server.peer()]
    for (const peer of peers) await peer.play('file')
    tapes[0]?.play(keyframe(0))
    tapes[1]?.play(keyframe(40))
    expect([await peers[0]?.replies(), await peers[1]?.replies()]).toEqual([video(0), video(40)])
    peers[0]?.messages.destroy()
    await expect.poll(() => tapes[0]?.destroyed, { interval: 1 }).toBe(true)
    expect(tapes[1]?.destroyed).toBe(false)
  })

  it.each<[string, (peer: RawPeer) => void]>([
    ['closes its stream', peer => peer.command(1, 'closeStream', 0, null)],
    ['deletes its stream', peer => peer.command(0, 'deleteStream', 0, null, 1)],
  ])('is destroyed without a word when the player %s', async (_what, act) => {
    const tape = new Tape().play(keyframe(0))
    await using playing = await player({ sourcePlay: () => tape })
    await playing.peer.replies()
    act(playing.peer)
    expect(await playing.peer.replies()).toEqual([])
    expect(tape.destroyed).toBe(true)
  })

  it('that is replaced by another play leaves that alone', async () => {
    const tapes = [new Tape(), new Tape()]
    await using playing = await player({ sourcePlay: () => tapes.shift() })
    const second = tapes[0] as Tape
    const replies = await playing.peer.command(1, 'play', 0, null, 'other').replies()
    expect(replies.map(reply => reply.at(-1))).toEqual([
      1,
      1,
      'status NetStream.Play.Reset',
      'status NetStream.Play.Start',
    ])
    second.play(keyframe(7))
    expect(await playing.peer.replies()).toEqual(video(7))
  })

  it('that fails is told so', async () => {
    const tape = new Tape().play(keyframe(0))
    await using playing = await player({ sourcePlay: () => tape })
    await playing.peer.replies()
    tape.destroy(new Error('disk on fire'))
    expect(await playing.peer.next()).toEqual(onStatus('error NetStream.Play.Failed'))
    expect(playing.server.log.at('warn')).toMatchObject([{ message: 'the source failed', stream: 'file' }])
    expect(await playing.peer.createStream()).toBe(2)
  })

  it('goes through bindPlay, whose last words come before the end', async () => {
    const tape = new Tape()
    const tail = new Transform({
      objectMode: true,
      transform: (message, _encoding, done) => done(null, message),
      flush(done) {
        done(null, keyframe(99))
      },
    })
    await using playing = await player({ sourcePlay: () => tape, bindPlay: () => tail })
    tape.play(keyframe(0), null)
    const replies: Described[] = []
    while (replies.at(-1)?.at(-1) !== 'status NetStream.Play.Stop') replies.push(await playing.peer.next())
    expect(replies).toEqual([...video(0, 99), ...stopped])
  })

  it('through a bindPlay that throws, even later, fails for this player alone', async () => {
    const later = new Transform({
      objectMode: true,
      transform: (message, _encoding, done) => void setImmediate(() => done(null, message)),
    })
    const throwing = new Transform({
      objectMode: true,
      transform() {
        throw new Error('boom')
      },
    })
    const tape = new Tape()
    await using playing = await player(
      { sourcePlay: () => tape, bindPlay: () => later },
      { name: 'faulty', bindPlay: () => throwing },
    )
    tape.play(keyframe(0))
    expect(await playing.peer.next()).toEqual(onStatus('error NetStream.Play.Failed'))
    expect(await playing.peer.createStream()).toBe(2)
  })

  it('is read no faster than the player takes it', async () => {
    let made = 0
    const endless = new Readable({
      objectMode: true,
      read() {
        made += 1
        this.push(keyframe(made * 100, 10_000))
      },
    })
    await using playing = await player({ sourcePlay: () => endless })
    const stalled = stall(playing.peer.messages)
    let before = -1
    while (made !== before) {
      before = made
      for (let count = 0; count < 20; count += 1) await turn()
    }
    expect(made * 10_000).toBeLessThan(1_000_000)
    stalled.resume()
    playing.peer.messages.resume()
    await expect.poll(() => made, { interval: 1 }).toBeGreaterThan(before)
  })

  it('is sent at its own pace, ahead by the buffer of the player', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const tape = new Tape().play(keyframe(0), interframe(900), interframe(1_500), interframe(3_000))
    await using server = new RawServer({ plugins: [{ name: 'file', sourcePlay: () => tape }] })
    const peer = server.peer()
    await peer.connect()
    await peer.createStream()
    expect((await peer.command(1, 'play', 0, null, 'file').replies()).slice(4)).toEqual(video(0, 900))
    await vi.advanceTimersByTimeAsync(500)
    expect(await peer.replies()).toEqual(video(1_500))
    await vi.advanceTimersByTimeAsync(1_499)
    expect(await peer.replies()).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(await peer.replies()).toEqual(video(3_000))
  })

  it('with metadata and headers at 0 and media at an hour does not wait for the hour', async () => {
    using clock = new VirtualClock()
    const tape = new Tape().play(samples.metadata(), videoHeader(0), keyframe(3_600_000), interframe(3_603_000))
    await using server = new RawServer({ plugins: [{ name: 'file', sourcePlay: () => tape }] })
    const peer = server.peer()
    await peer.connect()
    await peer.createStream()
    peer.command(1, 'play', 0, null, 'file')
    await clock.advance(0)
    expect((await peer.replies()).slice(5)).toEqual(video(0, 3_600_000))
    await clock.advance(2_000)
    expect(await peer.replies()).toEqual(video(3_603_000))
  })

  it('pauses and goes on without a hole', async () => {
    const tape = new Tape().play(keyframe(0))
    await using playing = await player({ sourcePlay: () => tape })
    const { peer } = playing
    await peer.replies()
    expect(await peer.command(1, 'pause', 0, null, true, 0).replies()).toEqual([
      onStatus('status NetStream.Pause.Notify'),
    ])
    tape.play(interframe(40), interframe(80))
    expect(await peer.replies()).toEqual([])
    expect(await peer.command(1, 'pause', 0, null, false, 0).replies()).toEqual([
      onStatus('status NetStream.Unpause.Notify'),
      ...video(40, 80),
    ])
  })

  it('leaves out what the player does not want', async () => {
    const tape = new Tape()
    await using playing = await player({ sourcePlay: () => tape })
    await playing.peer.command(1, 'receiveAudio', 0, null, false).replies()
    tape.play(keyframe(0), audio(10), interframe(40))
    expect(await playing.peer.replies()).toEqual(video(0, 40))
  })
})

describe('seek', () => {
  const seekable = (tape: Tape, seek: (timestamp: number) => Promise<number>) => ({
    sourcePlay: () => ({ kind: 'private' as const, messages: tape, seek }),
  })

  it('goes on from the position found; what was read before it is not sent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const tape = new Tape().play(keyframe(0))
    await using playing = await player(seekable(tape, timestamp => Promise.resolve(timestamp - 500)))
    const { peer } = playing
    await peer.replies()
    // One waits for its time, the others behind it.
    tape.play(interframe(70_000), interframe(150_000), interframe(190_000))
    expect(await peer.replies()).toEqual([])
    expect(await peer.command(1, 'seek', 0, null, 200_000).replies()).toEqual([
      onStatus('status NetStream.Seek.Notify'),
      onStatus('status NetStream.Play.Start'),
    ])
    tape.play({ ...keyframe(199_500), discontinuity: true }, interframe(199_540))
    expect(await peer.replies()).toEqual(video(199_500, 199_540))
  })

  it('to the past likewise, and while paused', async () => {
    const tape = new Tape().play(keyframe(500_000), interframe(500_040))
    await using playing = await player(seekable(tape, () => Promise.resolve(0)))
    const { peer } = playing
    await peer.command(1, 'pause', 0, null, true).replies()
    tape.play(interframe(500_080))
    await peer.command(1, 'seek', 0, null, 0).replies()
    tape.play({ ...keyframe(0), discontinuity: true })
    expect(await peer.replies()).toEqual([])
    expect((await peer.command(1, 'pause', 0, null, false).replies()).slice(1)).toEqual(video(0))
  })

  it('of a source that has sent from the new position already', async () => {
    const tape = new Tape().play(keyframe(0))
    const seek = async () => {
      tape.play({ ...keyframe(9_000), discontinuity: true })
      await turn()
      return 9_000
    }
    await using playing = await player(seekable(tape, seek))
    await playing.peer.replies()
    await playing.peer.command(1, 'seek', 0, null, 9_000).replies()
    tape.play(interframe(9_040))
    expect(await playing.peer.replies()).toEqual(video(9_040))
  })

  it.each<[string, ReturnType<typeof seekable> | { sourcePlay: () => Tape }]>([
    ['can not', { sourcePlay: () => new Tape() }],
    ['fails to', seekable(new Tape(), () => Promise.reject(new Error('boom')))],
  ])('is refused for a source that %s, and the connection stays', async (_what, plugin) => {
    await using playing = await player(plugin)
    expect(await playing.peer.command(1, 'seek', 0, null, 1_000).replies()).toEqual([
      onStatus('error NetStream.Seek.Failed'),
    ])
  })

  it.each([-1, NaN, 'x', null, undefined, {}, [1]])('to %j is refused', async position => {
    await using playing = await player(seekable(new Tape(), timestamp => Promise.resolve(timestamp)))
    expect(await playing.peer.command(1, 'seek', 0, null, position).replies()).toEqual([
      onStatus('error NetStream.Seek.Failed'),
    ])
  })
})

describe('a source that comes too late', () => {
  it('is let go of: the player has left', async () => {
    const tape = new Tape()
    let supply: () => void = () => {}
    const asked = new Promise<void>(ask => {
      supply = ask
    })
    let found: (tape: Tape) => void = () => {}
    await using server = new RawServer({
      plugins: [
        {
          name: 'slow',
          sourcePlay: () => {
            supply()
            return new Promise<Tape>(resolve => (found = resolve))
          },
        },
      ],
    })
    const peer = await server.peer().connect()
    await peer.createStream()
    peer.command(1, 'play', 0, null, 'file')
    await asked
    const [connection] = netConnections(server.server)
    connection?.netStream(1)?.stop()
    found(tape)
    expect(await peer.replies()).toEqual([])
    expect(tape.destroyed).toBe(true)
  })
})

describe('a source that comes when its plugin is not waited for any more', () => {
  const late = async (giveUp: (peer: RawPeer) => Promise<unknown>, answerWith: (tape: Tape) => unknown) => {
    let supply: (answer: unknown) => void = () => {}
    let isAsked: () => void = () => {}
    const asked = new Promise<void>(resolve => (isAsked = resolve))
    const answer = new Promise(resolve => (supply = resolve))
    const sourcePlay = () => {
      isAsked()
      return answer as Promise<Tape>
    }
    const server = new RawServer({ plugins: [{ name: 'slow', sourcePlay }], limits: { hookTimeout: 500 } })
    const peer = await server.peer().connect()
    await peer.createStream()
    peer.command(1, 'play', 0, null, 'file')
    await asked
    await giveUp(peer)
    const tape = new Tape()
    supply(answerWith(tape))
    await settled()
    await server[Symbol.asyncDispose]()
    return tape
  }

  it.each<[what: string, answerWith: (tape: Tape) => unknown]>([
    ['a Readable', tape => tape],
    ['a private source', messages => ({ kind: 'private', messages })],
  ])('is destroyed: %s after the client has left', async (_what, answerWith) => {
    const leave = async (peer: RawPeer) => {
      peer.messages.destroy()
      await settled()
    }
    expect((await late(leave, answerWith)).destroyed).toBe(true)
  })

  it('is destroyed: after the deadline, even if it fails only then', async () => {
    using clock = new VirtualClock()
    const tape = await late(
      () => clock.advance(500),
      tape => tape,
    )
    expect(tape.destroyed).toBe(true)
    tape.emit('error', new Error('no such file'))
  })

  it.each([undefined, null, 'nonsense', {}, { kind: 'shared', open: () => new Tape() }])(
    'is no harm when it is none: %j',
    async answer => {
      using clock = new VirtualClock()
      const tape = await late(
        () => clock.advance(500),
        () => answer,
      )
      expect(tape.destroyed).toBe(false)
    },
  )
})

describe('a source that is not wanted after all', () => {
  it('may fail: it is nobody’s any more', async () => {
    let ended: Promise<void> | undefined
    const sourcePlay = () => {
      const messages = createReadStream('/nowhere/at/all')
      ended = new Promise(resolve => void messages.once('close', resolve))
      return messages
    }
    await using server = new RawServer({ plugins: [{ name: 'file', sourcePlay }] })
    const peer = await server.peer().connect()
    await peer.createStream()
    // -1: live streams only.
    await peer.command(1, 'play', 0, null, 'name', -1_000).replies()
    await ended
    expect(server.log.at('error')).toEqual([])
  })
})
