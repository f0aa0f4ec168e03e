import { messagePair, sampleStream, send, take } from '@rtmpipe/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import type { PeerServer } from '../../src/contract/peer-server.ts'
import { peerServer } from '../../src/server/peer-server.ts'

const servers: PeerServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

function serve(): PeerServer {
  const server = peerServer()
  servers.push(server)
  return server
}

/** @param peerId default: each is a peer of its own */
function come(server: PeerServer, peerId?: string): RtmpClient {
  const [near, far] = messagePair()
  const remote = { address: '192.0.2.1', port: 1 }
  server.serve({ messages: far, transport: 'rtmfp', secure: true, remote, ...(peerId !== undefined && { peerId }) })
  near.on('error', () => {})
  return new RtmpClient(near)
}

async function connect(server: PeerServer, peerId?: string): Promise<RtmpClient> {
  const client = come(server, peerId)
  await client.connect({ app: 'peers', tcUrl: 'rtmfp://peer/peers' })
  return client
}

it('peers play what is published, and the place of one that leaves is free again', async () => {
  const server = serve()
  const publication = await server.publish('name', 1)
  const [first, second] = [await connect(server), await connect(server)]
  const play = await first.play('name')
  const sent = sampleStream(5)
  const received = take(play, sent.length)
  await send(publication, sent)
  expect(await received).toHaveLength(sent.length)
  await expect(second.play('name')).rejects.toMatchObject({ statusCode: 'NetStream.Play.Failed' })
  await first.close()
  await expect.poll(async () => (await connect(server)).play('name').catch(() => undefined)).toBeDefined()
})

it('peers can do nothing else', async () => {
  const server = serve()
  await server.publish('name', 8)
  const denied: [statusCode: string, act: (peer: RtmpClient) => Promise<unknown>][] = [
    ['NetStream.Publish.Denied', peer => peer.publish('other')],
    ['SharedObject.ObjectCreationFailed', peer => peer.sharedObject('object')],
    ['NetConnection.Call.Failed', peer => peer.call('method')],
    ['NetStream.Play.StreamNotFound', peer => peer.play('other')],
  ]
  for (const [statusCode, act] of denied) await expect(act(await connect(server))).rejects.toMatchObject({ statusCode })
  const stranger = come(server)
  await expect(stranger.connect({ app: 'live', tcUrl: 'rtmfp://peer/live' })).rejects.toMatchObject({
    statusCode: 'NetConnection.Connect.InvalidApp',
  })
})

it('a name is free again when its publish has ended', async () => {
  const server = serve()
  const publication = await server.publish('name', 8)
  await expect(server.publish('name', 8)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
  await new Promise<void>(resolve => publication.end(resolve))
  await expect.poll(() => server.publish('name', 8).catch(() => undefined)).toBeDefined()
})

it.each(['name?x=1', ' name ', 'name#f', ' name ?x=1'])('%j is asked for as a server would be asked', async name => {
  const server = serve()
  const publication = await server.publish(name, 8)
  await (await connect(server)).play('name')
  await (await connect(server)).play(name)
  await expect(server.publish('name', 8)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
  await new Promise<void>(resolve => publication.end(resolve))
  await expect.poll(() => server.publish('name', 8).catch(() => undefined)).toBeDefined()
})

it.each(['', 'a\\b', 'a'.repeat(513)])('%j is no name', async name => {
  await expect(serve().publish(name, 8)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
})

it('a publish that is starting when it closes never starts, and the end waits for that', async () => {
  const server = serve()
  const starting = server.publish('name', 8)
  const refused = expect(starting).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
  await server.close()
  await refused
  await expect(server.publish('other', 8)).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
})

it('a peer has one place at a stream, however often it plays it, and four plays of it', async () => {
  const server = serve()
  await server.publish('name', 2)
  const one = await connect(server, 'one')
  for (let plays = 0; plays < 4; plays += 1) await one.play('name')
  await expect((await connect(server, 'one')).play('name')).rejects.toMatchObject({
    statusCode: 'NetStream.Play.Failed',
    description: 'you play it 4 times already: use what one of those receives',
  })
  await (await connect(server, 'other')).play('name')
  await expect((await connect(server, 'third')).play('name')).rejects.toMatchObject({
    statusCode: 'NetStream.Play.Failed',
    description: '2 peers play it already: play from another peer, or from the server',
  })
  await one.close()
  await expect.poll(async () => (await connect(server)).play('name').catch(() => undefined)).toBeDefined()
})

it('two connections of one peer may play nothing yet, further ones are told what to do', async () => {
  const server = serve()
  await server.publish('name', 8)
  await connect(server, 'one')
  const second = await connect(server, 'one')
  await expect(connect(server, 'one')).rejects.toMatchObject({
    statusCode: 'NetConnection.Connect.Rejected',
    description: 'you have 2 connections that play nothing: play over those',
  })
  const play = await second.play('name')
  play.destroy()
  await connect(server, 'one')
})

it('of connections that play nothing the longest one makes place for others, who are kept out by nobody', async () => {
  const server = serve()
  await server.publish('name', 1)
  const idle: RtmpClient[] = []
  for (let count = 0; count < 30; count += 1) idle.push(await connect(server))
  await expect.poll(() => idle.map(({ messages }) => messages.destroyed)).toEqual(idle.map((_, index) => index < 13))
  await (await connect(server)).play('name')
  await expect(idle[0]?.play('name')).rejects.toMatchObject({
    statusCode: 'NetConnection.Connect.Rejected',
    description: '17 connections of peers wait already: play from another peer, or from the server',
  })
})

it('a connection has eight NetStreams', async () => {
  const server = serve()
  for (const name of ['one', 'two', 'three']) await server.publish(name, 8)
  const peer = await connect(server)
  for (const name of ['one', 'two']) for (let plays = 0; plays < 4; plays += 1) await peer.play(name)
  await expect(peer.play('three')).rejects.toMatchObject({ statusCode: 'NetConnection.Call.Failed' })
})

it('all peers together have a thousand connections', async () => {
  const server = serve()
  const peers = Array.from({ length: 1_001 }, () => come(server))
  await expect.poll(() => peers.findIndex(({ messages }) => messages.destroyed)).toBe(1_000)
})

it('a connection that plays nothing ends after ten seconds, one that plays does not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const server = serve()
    await server.publish('name', 8)
    const mute = come(server)
    const [idle, was, plays] = [await connect(server), await connect(server), await connect(server)]
    const playing = await plays.play('name')
    vi.advanceTimersByTime(9_000)
    ;(await was.play('name')).destroy()
    // The server has heard of the end when it answers what came after it.
    await was.call('method').catch(() => {})
    vi.advanceTimersByTime(2_000)
    await expect.poll(() => idle.messages.destroyed, { interval: 0 }).toBe(true)
    expect([mute.messages.destroyed, was.messages.destroyed, playing.destroyed]).toEqual([true, false, false])
    vi.advanceTimersByTime(9_000)
    await expect.poll(() => was.messages.destroyed, { interval: 0 }).toBe(true)
    expect(playing.destroyed).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

it('its end is the end of what is played, without an error', async () => {
  const server = serve()
  const publication = await server.publish('name', 8)
  const play = await (await connect(server)).play('name')
  const sent = sampleStream(5)
  await send(publication, sent)
  const got: unknown[] = []
  const over = (async () => {
    for await (const message of play) got.push(message)
  })()
  await server.close()
  await over
  expect(got).toHaveLength(sent.length)
})
