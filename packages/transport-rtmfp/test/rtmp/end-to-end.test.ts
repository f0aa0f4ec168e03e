import { decodeAmf0, encodeAmf0 } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { type PeerInfo, type PlayStream, RtmpClient, RtmpServer } from '@rtmpipe/session'
import { samples, sampleStream, send, take } from '@rtmpipe/testing'
import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { FlowMessageConnection } from '../../src/rtmp/message-connection.ts'
import { type LivePair, livePair } from '../support/live-pair.ts'

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

async function connect(
  server: RtmpServer,
  loss = 0,
  objectEncoding: 0 | 3 = 0,
  pair: LivePair = livePair(),
): Promise<RtmpClient> {
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

it('a play counts what was given up as it was late', async () => {
  const server = serve()
  const publisher = await (await connect(server)).publish('name')
  const pair = livePair()
  const player = await (await connect(server, 0, 0, pair)).play('name')
  const received = take(player, 5)
  await send(publisher, sampleStream(1))
  await received
  const [play] = server.players
  await expect.poll(() => play?.lag.bytes).toBe(0)
  expect(play?.dropped).toBe(0)
  pair.loss = 1
  await send(publisher, [samples.audio(40), samples.audio(60)])
  await expect.poll(() => play?.dropped, { timeout: 6_000 }).toBe(2)
  const client = clients.at(-1)
  client?.messages.destroy()
}, 30_000)

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

it('commands as librtmfp and Flash Player write them are understood', async () => {
  const server = serve()
  const { initiator, responder } = livePair()
  server.serve(new FlowMessageConnection(responder), peer)
  const client = new FlowMessageConnection(initiator)
  client.on('error', () => {})
  const player = await (await connect(server)).play('tiny')
  const send = (messageTypeId: number, messageStreamId: number, ...parts: Buffer[]) =>
    client.send({ messageTypeId, messageStreamId, timestamp: 0, payload: Buffer.concat(parts) })
  // AMF3 is offered, and every transaction is number 0.
  send(20, 0, encodeAmf0('connect', 0, { app: 'live', tcUrl: 'rtmfp://server/live', objectEncoding: 3 }))
  const connected = await nextCommand(client)
  expect(nameOf(connected)).toEqual(['_result', 0])
  // Type 17: setPeerInfo with addresses behind null.
  send(17, 0, Buffer.of(0), encodeAmf0('setPeerInfo', 0, null, '192.0.2.9:1935'))
  // Without the null that stands for a command object.
  send(20, 0, encodeAmf0('createStream', 0))
  const created = await nextCommand(client)
  expect(nameOf(created)).toEqual(['_result', 0])
  const streamId = decodeAmf0(created.payload.subarray(1)).at(-1) as number
  // The name in AMF3.
  send(20, streamId, encodeAmf0('publish', 0, null), Buffer.from('1106', 'hex'), Buffer.from('\u0009tiny', 'latin1'))
  const received = take(player, 3)
  expect(nameOf(await nextCommand(client))).toEqual(['onStatus', 0])
  for (const message of sampleStream(1)) client.send({ ...message, messageStreamId: streamId })
  expect(await received).toHaveLength(3)
  client.destroy()
})

async function nextCommand(client: FlowMessageConnection): Promise<RtmpMessage> {
  for (;;) {
    const [message] = await take(client, 1)
    if (message?.messageTypeId === 17 || message?.messageTypeId === 20) return message
  }
}

function nameOf({ messageTypeId, payload }: RtmpMessage): unknown[] {
  return decodeAmf0(messageTypeId === 17 ? payload.subarray(1) : payload).slice(0, 2)
}
