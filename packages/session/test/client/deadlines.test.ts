import { MessageType } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import type { PlayStream } from '../../src/client/play-stream.ts'
import { RtmpClient, type RtmpClientOptions } from '../../src/client/rtmp-client.ts'
import { parseSharedObject } from '../../src/shared-object/parse-shared-object.ts'
import { messagePair, settled, VirtualClock } from '@rtmpipe/testing'
import type { Described } from '../support/described.ts'
import { RawPeer } from '../support/raw-peer.ts'

const info = (code: string, level = 'status') => ({ level, code, description: 'why' })
const overdue = (command: string, timeout = 30_000) => ({
  code: 'RTMP_ERR_CALL_TIMEOUT',
  message: `${command} was not answered within ${timeout} ms`,
})

/** A client that is connected to a server that says what the test says. */
async function setUp(options: Partial<RtmpClientOptions> = {}) {
  const [near, far] = messagePair()
  const [client, server] = [new RtmpClient(near), new RawPeer(far)]
  const connecting = client.connect({ app: 'live', tcUrl: '', ...options })
  server.command(0, '_result', 1, null, info('NetConnection.Connect.Success'))
  await connecting
  /** Answers `createStream`, and waits for a command. */
  const until = async (command: string): Promise<Described> => {
    for (;;) {
      const message = await server.next()
      if (message[0] === 'createStream') server.command(0, '_result', message[2] as number, null, 4)
      if (message[0] === command) return message
    }
  }
  const play = async (): Promise<PlayStream> => {
    const playing = client.play('name')
    await until('play')
    server.command(4, 'onStatus', 0, null, info('NetStream.Play.Start'))
    return playing
  }
  return { client, server, until, play }
}

describe('a server that does not answer', () => {
  it.each(['publish', 'play'] as const)('%s: fails after 30 s, and the NetStream is given up', async command => {
    using clock = new VirtualClock()
    const { client, until } = await setUp()
    const failed = expect(client[command]('name')).rejects.toMatchObject(overdue(command))
    await until(command)
    await clock.advance(30_000)
    await failed
    expect(await until('deleteStream')).toEqual(['deleteStream', 0, 0, null, 4])
    expect(client.state).toBe('connected')
  })

  it('publish: has 30 s, not less', async () => {
    using clock = new VirtualClock()
    const { client, server, until } = await setUp()
    const publishing = client.publish('name')
    await until('publish')
    await clock.advance(29_999)
    server.command(4, 'onStatus', 0, null, info('NetStream.Publish.Start'))
    const publisher = await publishing
    await clock.advance(30_000)
    expect(publisher.destroyed).toBe(false)
  })

  it.each<[command: string, ask: (stream: PlayStream) => Promise<void>, code: string]>([
    ['pause', stream => stream.pausePlay(true), 'NetStream.Pause.Notify'],
    ['pause', stream => stream.pausePlay(false), 'NetStream.Unpause.Notify'],
    ['seek', stream => stream.seek(5_000), 'NetStream.Seek.Notify'],
    ['play2', stream => stream.switchTo('other'), 'NetStream.Play.Transition'],
  ])('%s: fails, and the play goes on; the next may be answered', async (command, ask, code) => {
    using clock = new VirtualClock()
    const { server, until, play } = await setUp()
    const stream = await play()
    const failed = expect(ask(stream)).rejects.toMatchObject(overdue(command))
    await clock.advance(30_000)
    await failed
    expect(stream.destroyed).toBe(false)
    const asked = ask(stream)
    await until(command)
    server.command(4, 'onStatus', 0, null, info(code))
    await asked
    await clock.advance(30_000)
    stream.destroy()
  })

  it('sharedObject: fails, and the server is told that it is not used', async () => {
    using clock = new VirtualClock()
    const { client, server } = await setUp()
    const failed = expect(client.sharedObject('state')).rejects.toMatchObject(overdue('the use of shared object state'))
    await clock.advance(30_000)
    await failed
    const sent = (await server.messagesSoFar())
      .filter(({ messageTypeId }) => messageTypeId === MessageType.SharedObjectAmf0)
      .flatMap(message => parseSharedObject(message).events)
    expect(sent).toEqual([{ type: 'Use' }, { type: 'Release' }])
    // It may be asked for again.
    const again = client.sharedObject('state')
    await settled()
    client.messages.destroy()
    await expect(again).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
  })

  it('connect: fails', async () => {
    using clock = new VirtualClock()
    const client = new RtmpClient(messagePair()[0])
    const failed = expect(client.connect({ app: 'live', tcUrl: '' })).rejects.toMatchObject(overdue('connect'))
    await clock.advance(30_000)
    await failed
  })

  it('callTimeout is for all of them', async () => {
    using clock = new VirtualClock()
    const { client, until, play } = await setUp({ callTimeout: 700 })
    const stream = await play()
    const failures = Promise.all([
      expect(client.call('method')).rejects.toMatchObject(overdue('method', 700)),
      expect(stream.seek(0)).rejects.toMatchObject(overdue('seek', 700)),
      expect(client.sharedObject('state')).rejects.toMatchObject(overdue('the use of shared object state', 700)),
      expect(client.publish('name')).rejects.toMatchObject(overdue('createStream', 700)),
    ])
    await until('seek')
    await clock.advance(700)
    await failures
    stream.destroy()
  })
})
