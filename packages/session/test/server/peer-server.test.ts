import { messagePair, sampleStream, send, take } from '@rtmpipe/testing'
import { afterEach, expect, it } from 'vitest'
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

function come(server: PeerServer): RtmpClient {
  const [near, far] = messagePair()
  server.serve({ messages: far, transport: 'rtmfp', secure: true, remote: { address: '192.0.2.1', port: 1 } })
  near.on('error', () => {})
  return new RtmpClient(near)
}

async function connect(server: PeerServer): Promise<RtmpClient> {
  const client = come(server)
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

it('connections that play nothing are limited', async () => {
  const server = serve()
  await server.publish('name', 1)
  const peers = Array.from({ length: 30 }, () => come(server))
  await expect.poll(() => peers.filter(({ messages }) => messages.destroyed).length).toBe(13)
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
