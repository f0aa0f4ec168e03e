import { describe, expect, it } from 'vitest'
import type { PlayStream } from '../../src/client/play-stream.ts'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { statusLevels } from '../../src/protocol/status.ts'
import { messagePair, samples, take, TestServer } from '@rtmpipe/testing'
import { RawPeer } from '../support/raw-peer.ts'
import { Tape } from '../support/tape.ts'

const info = (code: string, level = 'status') => ({ level, code, description: 'why' })

/** A play on id 4, and the scripted server it talks to. */
async function playing(options = {}): Promise<{ stream: PlayStream; server: RawPeer; asked: unknown }> {
  const [near, far] = messagePair()
  const [client, server] = [new RtmpClient(near), new RawPeer(far)]
  const connecting = client.connect({ app: 'live', tcUrl: '' })
  server.command(0, '_result', 1, null, info('NetConnection.Connect.Success'))
  await connecting
  for (let count = 0; count < 3; count += 1) await server.next()
  const played = client.play('name', options)
  server.command(0, '_result', (await server.next())[2] as number, null, 4)
  const asked = await server.next()
  await server.next()
  server.command(4, 'onStatus', 0, null, info('NetStream.Play.Start'))
  return { stream: await played, server, asked }
}

describe('play', () => {
  it.each([
    [{}, [-2, -1, true]],
    [{ start: 'live' }, [-1, -1, true]],
    [{ start: 0, duration: 0 }, [0, 0, true]],
    [{ start: 1500, duration: 2500 }, [1500, 2500, true]],
  ])('asks with %j as servers expect it', async (options, values) => {
    const { asked } = await playing(options)
    expect(asked).toEqual(['play', 4, 0, null, 'name', ...values])
  })
})

describe('what is asked of a play', () => {
  const commands: [string, (stream: PlayStream) => Promise<void> | void, unknown[], string, string[]][] = [
    ['pause', s => s.pausePlay(true), ['pause', 4, 0, null, true, 0], 'NetStream.Pause.Notify', []],
    ['going on', s => s.pausePlay(false), ['pause', 4, 0, null, false, 0], 'NetStream.Unpause.Notify', []],
    [
      'seek',
      s => s.seek(5_000),
      ['seek', 4, 0, null, 5_000],
      'NetStream.Seek.Notify',
      ['NetStream.Seek.Failed', 'NetStream.Seek.InvalidTime'],
    ],
    [
      'play2',
      s => s.switchTo('other'),
      [
        'play2',
        4,
        0,
        null,
        { streamName: 'other', oldStreamName: 'name', start: -2, len: -1, offset: -1, transition: 'switch' },
      ],
      'NetStream.Play.Transition',
      ['NetStream.Play.Failed'],
    ],
  ]

  it.each(commands)('%s resolves when the server says so', async (_name, ask, sent, code) => {
    const { stream, server } = await playing()
    const asked = ask(stream)
    expect(await server.next()).toEqual(sent)
    server.command(4, 'onStatus', 0, null, info(code))
    await asked
    stream.destroy()
  })

  it.each(commands.flatMap(([name, ask, , , failures]) => failures.map(code => [name, code, ask] as const)))(
    '%s fails with %s, and the play goes on',
    async (_name, code, ask) => {
      const { stream, server } = await playing()
      const asked = expect(ask(stream)).rejects.toMatchObject({ code: 'RTMP_ERR_STATUS', statusCode: code })
      await server.next()
      server.command(4, 'onStatus', 0, null, info(code, 'error'))
      await asked
      server.media(4, samples.audio(5))
      expect(await take(stream, 1)).toMatchObject([{ timestamp: 5 }])
      stream.destroy()
    },
  )

  it.each(commands)('%s fails when the stream closes first, and later', async (_name, ask) => {
    const { stream, server } = await playing()
    const asked = expect(ask(stream)).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    await server.next()
    stream.destroy()
    await asked
    await expect(ask(stream)).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
  })

  it('receiveAudio, receiveVideo and a playlist', async () => {
    const { stream, server } = await playing()
    stream.receiveAudio(false)
    stream.receiveVideo(true)
    stream.append('next', { start: 0 })
    expect([await server.next(), await server.next(), await server.next()]).toEqual([
      ['receiveAudio', 4, 0, null, false],
      ['receiveVideo', 4, 0, null, true],
      ['play', 4, 0, null, 'next', 0, -1, false],
    ])
    stream.destroy()
  })

  it('is done by a real server', async () => {
    const tape = new Tape()
    const seek = (timestamp: number) => Promise.resolve(timestamp)
    await using server = new TestServer({
      plugins: [{ name: 'file', sourcePlay: () => ({ kind: 'private', messages: tape, seek }) }],
    })
    const stream = await server.play('live/name', { start: 0 })
    await stream.pausePlay(true)
    await stream.pausePlay(false)
    await stream.seek(100)
    await stream.switchTo('other')
    stream.destroy()
  })
})

describe('every status for a play', () => {
  const ends = [
    'NetStream.Play.Stop',
    'NetStream.Play.Complete',
    'NetStream.Play.UnpublishNotify',
    'NetStream.Unpublish.Success',
  ]

  it.each(Object.entries(statusLevels))('%s of level %s', async (code, level) => {
    const { stream, server } = await playing()
    const told: unknown[] = []
    stream.on('status', status => told.push(status))
    const over = new Promise<unknown>(resolve => {
      stream.once('error', resolve).once('end', () => resolve('end'))
    })
    stream.resume()
    server.command(4, 'onStatus', 0, null, info(code, level))
    // What becomes of a recording is no end of what is played.
    const isFailure = level === 'error' && !code.startsWith('NetStream.Record.')
    if (isFailure) expect(await over).toMatchObject({ code: 'RTMP_ERR_STATUS', statusCode: code })
    else if (ends.includes(code)) expect(await over).toBe('end')
    else {
      await server.replies()
      expect(stream.destroyed).toBe(false)
    }
    expect(told).toEqual([{ code, level, description: 'why' }])
    stream.destroy()
  })
})
