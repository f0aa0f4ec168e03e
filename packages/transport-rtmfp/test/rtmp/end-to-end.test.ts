import { type PeerInfo, type PlayStream, RtmpClient, RtmpServer } from '@rtmpipe/session'
import { sampleStream, send, take } from '@rtmpipe/testing'
import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { FlowMessageConnection } from '../../src/rtmp/message-connection.ts'
import { livePair } from '../support/live-pair.ts'

const peer: PeerInfo = { transport: 'rtmfp', secure: true, remote: { address: '192.0.2.1', port: 5_000 } }
const servers: RtmpServer[] = []
const clients: RtmpClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.messages.destroy()
  for (const server of servers.splice(0)) await server.close()
})

function serve(): RtmpServer {
  const server = new RtmpServer({ transports: [], mergeWindow: 0 })
  servers.push(server)
  return server
}

async function connect(server: RtmpServer, loss = 0, objectEncoding: 0 | 3 = 0): Promise<RtmpClient> {
  const pair = livePair()
  const { initiator, responder } = pair
  server.serve(new FlowMessageConnection(responder), peer)
  const client = new RtmpClient(new FlowMessageConnection(initiator))
  clients.push(client)
  await client.connect({ app: 'live', tcUrl: 'rtmfp://server/live', objectEncoding })
  pair.loss = loss
  return client
}

function summary(messages: readonly { messageTypeId: number; timestamp: number; payload: Buffer }[], type: number) {
  return messages
    .filter(({ messageTypeId }) => messageTypeId === type)
    .map(({ timestamp, payload }) => `${timestamp} ${payload.toString('base64')}`)
}

it.each([
  [0, 0],
  [3, 0],
  [0, 0.05],
] as const)('publish and play, object encoding %i, loss %d', async (objectEncoding, loss) => {
  const server = serve()
  const player: PlayStream = await (await connect(server, loss, objectEncoding)).play('name')
  const publisher = await (await connect(server, loss, objectEncoding)).publish('name')
  // One group: a keyframe would cut short what is sent again of those before it.
  const sent = sampleStream(30, 100)
  const received = take(player, sent.length)
  await send(publisher, sent)
  const got = await received
  for (const type of [8, 9, 18]) expect(summary(got, type)).toEqual(summary(sent, type))
})

it('the end of a publish comes after everything that was published', async () => {
  const server = serve()
  const player = await (await connect(server, 0.05)).play('name')
  const client = await connect(server, 0.05)
  const publisher = await client.publish('name')
  const sent = sampleStream(30, 100)
  const received = take(player, sent.length)
  await send(publisher, sent)
  await new Promise<void>(resolve => publisher.end(resolve))
  expect(await received).toHaveLength(sent.length)
})

it('a client that closes is gone at once, and the server has no connection of it', async () => {
  const server = serve()
  const client = await connect(server)
  expect(server.connections.size).toBe(1)
  await client.close()
  expect(client.messages.destroyed).toBe(true)
  const [connection] = server.connections
  if (connection !== undefined) await expect.poll(() => server.connections.size).toBe(0)
})

it('the last words of a server that closes arrive', async () => {
  const server = serve()
  const client = await connect(server)
  const failed = once(client.messages, 'error')
  await server.close()
  const [error] = await failed
  expect(error).toMatchObject({ statusCode: 'NetConnection.Connect.AppShutdown' })
})
