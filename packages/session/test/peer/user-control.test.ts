import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import type { PlayInfo } from '../../src/contract/info.ts'
import { messagePair } from '@rtmpipe/testing'
import { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'
import { Tape } from '../support/tape.ts'

/** A User Control message by its bytes. */
function control(body: string): RtmpMessage {
  const payload = Buffer.from(body.replaceAll(' ', ''), 'hex')
  return { messageTypeId: MessageType.UserControl, messageStreamId: 0, timestamp: 0, payload }
}

/** The bodies of the User Control messages among others. */
function controls(messages: RtmpMessage[]): string[] {
  return messages
    .filter(({ messageTypeId }) => messageTypeId === MessageType.UserControl)
    .map(({ payload }) => payload.toString('hex'))
}

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

/** Events that are unknown, or too short, or have no meaning to the receiver. */
const meaningless = [
  '',
  '00',
  '0005 00000001',
  '0007 00000001',
  '0006 000001',
  '0003 00000001 0000',
  '0003 00000009 00000001',
  '001a 00',
  '001b 0101',
  '0022 00000001 00000002',
  '0029 00000001 00000002',
  '00ff 00000001',
  'ffff',
]

describe('a server', () => {
  async function playing() {
    const plays: PlayInfo[] = []
    const server = new RawServer({ plugins: [{ name: 'spy', onPlayStart: info => void plays.push(info) }] })
    const peer = server.peer()
    await peer.play()
    return { server, peer, info: plays[0] as PlayInfo }
  }

  it('sends StreamBegin for the connection, a publish and a play', async () => {
    await using server = new RawServer()
    const peer = server.peer().command(0, 'connect', 1, { app: 'live', tcUrl: '' })
    expect(controls(await peer.messagesSoFar())).toEqual(['000000000000'])
    await peer.createStream()
    await peer.createStream()
    peer.command(1, 'publish', 0, null, 'name').command(2, 'play', 0, null, 'name')
    expect(controls(await peer.messagesSoFar())).toEqual(['000000000001', '000000000002'])
  })

  it('sends StreamEof when the publisher leaves, and StreamBegin when one comes', async () => {
    const { server, peer } = await playing()
    await using _ = server
    const publisher = server.peer()
    await publisher.publish()
    expect(controls(await peer.messagesSoFar())).toEqual(['000000000001'])
    await publisher.command(1, 'closeStream', 0, null).replies()
    expect(controls(await peer.messagesSoFar())).toEqual(['000100000001'])
  })

  it('sends StreamIsRecorded before anything else when a recording is played, and StreamEof at its end', async () => {
    const tape = new Tape()
    await using server = new RawServer({ plugins: [{ name: 'file', sourcePlay: () => tape }] })
    const peer = await server.peer().connect()
    await peer.createStream()
    const [first, ...others] = await peer.command(1, 'play', 0, null, 'file').messagesSoFar()
    expect(controls([first as RtmpMessage])).toEqual(['000400000001'])
    expect(controls(others)).toEqual(['000000000001'])
    tape.play(null)
    await expect.poll(async () => controls(await peer.messagesSoFar()), { interval: 1 }).toEqual(['000100000001'])
  })

  it.each([
    ['StreamDry', '000200000001'],
    ['BufferEmpty', '001f00000001'],
    ['BufferReady', '002000000001'],
  ] as const)('sends %s when a plugin says so, while the play lasts', async (event, body) => {
    const { server, peer, info } = await playing()
    await using _ = server
    info.tell(event)
    expect(controls(await peer.messagesSoFar())).toEqual([body])
    info.end()
    info.tell(event)
    expect(controls(await peer.messagesSoFar())).toEqual([])
  })

  it('sends PingRequest when a plugin says so, once connected', async () => {
    await using server = new RawServer()
    const peer = server.peer()
    const [connection] = server.server.connections
    connection?.ping()
    await peer.connect()
    connection?.ping()
    const [body, ...others] = controls(await peer.messagesSoFar())
    expect(body).toMatch(/^0006[0-9a-f]{8}$/)
    expect(others).toEqual([])
  })

  it('answers PingRequest with its four bytes', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.send(control('0006 fedcba98'))
    expect(controls(await peer.messagesSoFar())).toEqual(['0007fedcba98'])
  })

  it('keeps SetBufferLength for the stream it names, up to a minute', async () => {
    const { server, peer, info } = await playing()
    await using _ = server
    expect(info.bufferLength).toBe(1_000)
    await peer.send(control('0003 00000001 00000bb8')).replies()
    expect(info.bufferLength).toBe(3_000)
    await peer.send(control('0003 00000002 00000001')).send(control('0003 00000000 00000001')).replies()
    expect(info.bufferLength).toBe(3_000)
    await peer.send(control('0003 00000001 ffffffff')).replies()
    expect(info.bufferLength).toBe(60_000)
  })

  it.each([...meaningless, ...['00', '01', '02', '04', '1f', '20'].map(type => `00${type} 00000001`)])(
    'ignores %j',
    async body => {
      const { server, peer } = await playing()
      await using _ = server
      expect(await peer.send(control(body)).replies()).toEqual([])
      expect(server.log.at('warn')).toEqual([])
    },
  )
})

describe('a client', () => {
  async function connected() {
    const [near, far] = messagePair()
    const [client, server] = [new RtmpClient(near), new RawPeer(far)]
    const connecting = client.connect({ app: 'live', tcUrl: '' })
    server.command(0, '_result', 1, null, { code: 'NetConnection.Connect.Success' })
    await connecting
    await server.replies()
    return { client, server }
  }

  async function playing() {
    const { client, server } = await connected()
    const played = client.play('name')
    server.command(0, '_result', 2, null, 4)
    const sent = await server.messagesSoFar()
    server.send(control('0004 00000004')).send(control('0000 00000004'))
    server.command(4, 'onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' })
    const stream = await played
    const events: unknown[] = []
    stream.on('userControl', event => events.push(event))
    return { client, server, stream, sent, events }
  }

  it('sends SetBufferLength with play, and when told to', async () => {
    const { server, stream, sent } = await playing()
    expect(controls(sent)).toEqual(['00030000000400000bb8'])
    stream.setBufferLength(500)
    expect(controls(await server.messagesSoFar())).toEqual(['000300000004000001f4'])
  })

  it('sends PingRequest when told to', async () => {
    const { client, server } = await connected()
    client.ping()
    expect(controls(await server.messagesSoFar())).toEqual([expect.stringMatching(/^0006[0-9a-f]{8}$/)])
  })

  it('answers PingRequest with its four bytes', async () => {
    const { server } = await connected()
    expect(controls(await server.send(control('0006 fedcba98')).messagesSoFar())).toEqual(['0007fedcba98'])
  })

  it('answers no PingRequest while the answers are not read', async () => {
    const { client, server } = await connected()
    for (let count = 0; count < 12_000; count += 1) server.send(control('0006 00000001'))
    for (let count = 0; count < 2_000; count += 1) await turn()
    expect(client.messages.queuedBytes).toBeLessThan(66_000)
    client.messages.destroy()
  })

  it('knows a recording by StreamIsRecorded', async () => {
    expect((await playing()).stream.isRecorded).toBe(true)
  })

  it.each([
    ['StreamBegin', '0000'],
    ['StreamEof', '0001'],
    ['StreamDry', '0002'],
    ['StreamIsRecorded', '0004'],
    ['BufferEmpty', '001f'],
    ['BufferReady', '0020'],
  ])('hands %s to its stream', async (type, bytes) => {
    const { server, events } = await playing()
    await server
      .send(control(`${bytes} 00000004`))
      .send(control(`${bytes} 00000005`))
      .replies()
    expect(events).toEqual([{ type, messageStreamId: 4 }])
  })

  it.each(meaningless)('ignores %j', async body => {
    const { client, server, events } = await playing()
    expect(await server.send(control(body)).replies()).toEqual([])
    expect([client.state, events]).toEqual(['connected', []])
  })
})
