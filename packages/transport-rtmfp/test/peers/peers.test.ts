import { deny, type IntroduceEvent, type PlayStream, type RtmpMessage } from '@rtmpipe/session'
import { sampleStream, take } from '@rtmpipe/testing'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { DatagramSocket } from '../../src/datagram-socket.ts'
import type { Endpoint } from '../../src/index.ts'
import { idOf, serve } from './serve.ts'

/** Writes all, as fast as it is taken. */
async function write(publication: Writable, messages: readonly RtmpMessage[]): Promise<void> {
  for (const message of messages)
    await new Promise<void>((resolve, reject) =>
      publication.write(message, error => (error ? reject(error) : resolve())),
    )
}

function summary(messages: readonly RtmpMessage[]): string[] {
  return messages
    .map(({ messageTypeId, timestamp, payload }) => `${messageTypeId} ${timestamp} ${payload.toString('base64')}`)
    .toSorted()
}

async function rest(stream: PlayStream): Promise<RtmpMessage[]> {
  const messages: RtmpMessage[] = []
  for await (const message of stream) messages.push(message)
  return messages
}

it('both sides know both fingerprints', async () => {
  const { server, connect } = await serve()
  const client = await connect()
  const [connection] = server.connections
  expect(client.nearId).toMatch(/^[0-9a-f]{64}$/)
  expect(client.peerId).toMatch(/^[0-9a-f]{64}$/)
  expect(connection).toMatchObject({ transport: 'rtmfp', peerId: client.nearId, nearId: client.peerId })
})

describe('what a client publishes to its peers', () => {
  it('comes to each of them bit by bit, and not by way of the server', async () => {
    const { server, connect } = await serve()
    const publisher = await connect()
    const publication = await publisher.publish('name', { to: 'peers' })
    const viewers = [await connect(), await connect(), await connect()]
    const plays = await Promise.all(viewers.map(viewer => viewer.play('name', { peer: idOf(publisher) })))
    const bytes = () => [...server.connections].map(({ bytesReceived, bytesSent }) => bytesReceived + bytesSent)
    const before = bytes()
    const sent = sampleStream(200, 1_000)
    const received = Promise.all(plays.map(play => take(play, sent.length)))
    await write(publication, sent)
    for (const got of await received) expect(summary(got)).toEqual(summary(sent))
    const grown = bytes().map((count, index) => count - (before[index] ?? 0))
    // Signs of life at most: the media is 140,000 bytes for each.
    for (const count of grown) expect(count).toBeLessThan(1_000)
    expect(server.streams.size).toBe(0)
  })

  it('begins with the keyframe for those who come late', async () => {
    const { connect } = await serve()
    const publisher = await connect()
    const publication = await publisher.publish('name', { to: 'peers' })
    const sent = sampleStream(20, 200)
    await write(publication, sent)
    const play = await (await connect()).play('name', { peer: idOf(publisher) })
    const got = await take(play, sent.length)
    expect(summary(got)).toEqual(summary(sent))
  })

  it('goes on to whom a peer publishes it again, and both ways between two', async () => {
    const { connect } = await serve()
    const [first, second, third] = [await connect(), await connect(), await connect()]
    const publication = await first.publish('name', { to: 'peers' })
    const again = await second.publish('name', { to: 'peers' })
    const fed = await second.play('name', { peer: idOf(first) })
    fed.pipe(again)
    // The same two ends, the other way round, over the session that they have.
    const back = await first.play('name', { peer: idOf(second) })
    const play = await third.play('name', { peer: idOf(second) })
    const sent = sampleStream(10, 100)
    const received = Promise.all([take(back, sent.length), take(play, sent.length)])
    await write(publication, sent)
    for (const got of await received) expect(summary(got)).toEqual(summary(sent))
  })

  it('may be asked for by several at once, by the same one too, and by both of two', async () => {
    const { connect } = await serve()
    const [first, second] = [await connect(), await connect()]
    const one = await first.publish('one', { to: 'peers' })
    const other = await first.publish('other', { to: 'peers' })
    const back = await second.publish('back', { to: 'peers' })
    const plays = await Promise.all([
      second.play('one', { peer: idOf(first) }),
      second.play('other', { peer: idOf(first) }),
      first.play('back', { peer: idOf(second) }),
    ])
    const received = Promise.all(plays.map(play => take(play, 23)))
    const sent = [one, other, back].map((_, index) => sampleStream(10, 100 + index))
    await Promise.all([one, other, back].map((each, index) => write(each, sent[index] ?? [])))
    expect((await received).map(summary)).toEqual(sent.map(summary))
  })

  it('is not waited for longer than the connection with the server lasts', async () => {
    const { connect } = await serve()
    const client = await connect()
    const playing = client.play('name', { peer: '0'.repeat(64) })
    const refused = expect(playing).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    await client.close()
    await refused
  })

  it('is not waited for when the client connects again either', async () => {
    const { server, connect } = await serve()
    const client = await connect()
    const playing = client.play('name', { peer: '0'.repeat(64) })
    const refused = expect(playing).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    const again = once(client, 'reconnect')
    for (const connection of server.connections) expect(connection.requestReconnect()).toBe(true)
    await again
    await refused
  })

  it('does not begin any more when its client closes meanwhile', async () => {
    const { connect } = await serve()
    const client = await connect()
    const starting = client.publish('name', { to: 'peers' })
    const refused = expect(starting).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    await client.close()
    await refused
  })

  it('does not begin any more when the connection ends while the server is told of us', async () => {
    const { server, connect } = await serve()
    const client = await connect()
    const starting = client.publish('name', { to: 'peers' })
    const refused = expect(starting).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    client.messages.destroy()
    await refused
    await expect.poll(() => server.connections.size).toBe(0)
  })

  it('is played under sixteen names by one client, and not under more', async () => {
    let introductions = 0
    const { connect } = await serve({ name: 'gate', onIntroduce: () => void (introductions += 1) })
    const [publisher, viewer] = [await connect(), await connect()]
    const names = Array.from({ length: 17 }, (_, index) => `name${index}`)
    for (const name of names) await publisher.publish(name, { to: 'peers' })
    const peer = idOf(publisher)
    const plays = await Promise.all(names.slice(1).map(name => viewer.play(name, { peer })))
    expect(introductions).toBe(1)
    await expect(viewer.play('name0', { peer: peer.toUpperCase() })).rejects.toMatchObject({
      statusCode: 'NetStream.Play.Failed',
      description: '16 streams are played from this peer already: end one first',
    })
    plays[0]?.destroy()
    await expect.poll(() => viewer.play('name0', { peer }).catch(() => undefined)).toBeDefined()
  })

  it.each([
    [{ to: 'peers', maxPeers: 0 }, 'maxPeers should be 1 or more'],
    [{ to: 'peers', maxPeers: Number.NaN }, 'maxPeers should be 1 or more'],
    [{ to: 'peer' as 'peers' }, 'to should be server or peers'],
  ] as const)('is not published with %j', async (options, message) => {
    const { connect } = await serve()
    await expect((await connect()).publish('name', options)).rejects.toMatchObject({
      code: 'RTMP_ERR_USAGE',
      message: expect.stringContaining(message),
    })
  })

  it('ends for its viewers when the publish ends', async () => {
    const { connect } = await serve()
    const publisher = await connect()
    const publication = await publisher.publish('name', { to: 'peers' })
    const play = await (await connect()).play('name', { peer: idOf(publisher) })
    const got = rest(play)
    const sent = sampleStream(5, 100)
    await write(publication, sent)
    publication.end()
    expect(summary(await got)).toEqual(summary(sent))
  })

  it('ends for its viewers when its client closes', async () => {
    const { connect } = await serve()
    const publisher = await connect()
    const publication = await publisher.publish('name', { to: 'peers' })
    publication.on('error', () => {})
    const play = await (await connect()).play('name', { peer: idOf(publisher) })
    const got = rest(play)
    const sent = sampleStream(5, 100)
    await write(publication, sent)
    await publisher.close()
    expect(publication.destroyed).toBe(true)
    expect(summary(await got)).toEqual(summary(sent))
  })

  it('ends with the connection with the server, on both sides', async () => {
    const { server, connect } = await serve()
    const publisher = await connect()
    const publication = await publisher.publish('name', { to: 'peers' })
    publication.on('error', () => {})
    const play = await (await connect()).play('name', { peer: idOf(publisher) })
    const over = [publication, play.on('error', () => {}).resume()].map(
      stream => new Promise(resolve => stream.once('close', resolve)),
    )
    await server.close()
    await Promise.all(over)
  })

  it('ends when its client connects again, and goes on from there under another id', async () => {
    const { server, connect } = await serve()
    const publisher = await connect()
    const before = idOf(publisher)
    const publication = await publisher.publish('name', { to: 'peers' })
    const viewer = await connect()
    const play = await viewer.play('name', { peer: before })
    const ends = [once(publication, 'close'), once(play.resume(), 'close'), once(publisher, 'reconnect')]
    for (const connection of server.connections)
      if (connection.peerId === before) expect(connection.requestReconnect()).toBe(true)
    await Promise.all(ends)
    expect(idOf(publisher)).not.toBe(before)
    await publisher.publish('name', { to: 'peers' })
    await viewer.play('name', { peer: idOf(publisher) })
  })

  it('is for as many peers as it says', async () => {
    const { connect } = await serve()
    const publisher = await connect()
    await publisher.publish('name', { to: 'peers', maxPeers: 1 })
    const [first, second] = [await connect(), await connect()]
    const play = await first.play('name', { peer: idOf(publisher) })
    await expect(second.play('name', { peer: idOf(publisher) })).rejects.toMatchObject({
      statusCode: 'NetStream.Play.Failed',
      description: '1 peers play it already: play from another peer, or from the server',
    })
    play.destroy()
    await once(play, 'close')
    await expect.poll(() => second.play('name', { peer: idOf(publisher) }).catch(() => undefined)).toBeDefined()
  })

  it('has one publisher for each name, which is no peer', async () => {
    const { connect } = await serve()
    const publisher = await connect()
    await publisher.publish('name', { to: 'peers' })
    await expect(publisher.publish('name', { to: 'peers' })).rejects.toMatchObject({
      statusCode: 'NetStream.Publish.BadName',
    })
  })

  it('is nothing that peers can ask for by another name', async () => {
    const { connect } = await serve()
    const publisher = await connect()
    await publisher.publish('name', { to: 'peers' })
    await expect((await connect()).play('other', { peer: idOf(publisher) })).rejects.toMatchObject({
      statusCode: 'NetStream.Play.StreamNotFound',
      description: 'the peer does not publish other to its peers',
    })
  })
})

describe('an introduction', () => {
  it('is asked of the gates, which may take their time', async () => {
    const asked: IntroduceEvent[] = []
    let decide = () => {}
    const decided = new Promise<void>(resolve => {
      decide = resolve
    })
    const onIntroduce = async (event: IntroduceEvent) => {
      asked.push(event)
      await decided
    }
    const { connect } = await serve({ name: 'gate', onIntroduce })
    const publisher = await connect()
    await publisher.publish('name', { to: 'peers' })
    const viewer = await connect()
    const playing = viewer.play('name', { peer: idOf(publisher) })
    await expect.poll(() => asked.length).toBe(1)
    decide()
    await playing
    expect(asked[0]).toMatchObject({
      connection: { peerId: viewer.nearId },
      wanted: { peerId: publisher.nearId },
      app: 'live',
      allowed: true,
    })
  })

  it('is not made when a gate refuses', async () => {
    const onIntroduce = () => deny('NetConnection.Connect.Rejected', 'no')
    const { connect } = await serve({ name: 'gate', onIntroduce })
    const publisher = await connect()
    await publisher.publish('name', { to: 'peers' })
    const viewer = await connect('live', 1_000)
    await expect(viewer.play('name', { peer: idOf(publisher) })).rejects.toMatchObject({
      code: 'RTMP_ERR_PEER_UNKNOWN',
      message: expect.stringContaining('onIntroduce'),
    })
  })

  it('is for peers of the same application, unless a gate allows others', async () => {
    const allowed = new Set<string>()
    const onIntroduce = ({ app }: IntroduceEvent) => (allowed.has(app) ? { allowed: true } : undefined)
    const { connect } = await serve({ name: 'gate', onIntroduce })
    const publisher = await connect()
    await publisher.publish('name', { to: 'peers' })
    const viewer = await connect('live/other', 1_000)
    await expect(viewer.play('name', { peer: idOf(publisher) })).rejects.toMatchObject({
      code: 'RTMP_ERR_PEER_UNKNOWN',
    })
    allowed.add('live/other')
    await viewer.play('name', { peer: idOf(publisher) })
  })

  it('is not made to a client that has nothing for peers, and not of one that nobody knows', async () => {
    let count = 0
    const onIntroduce = () => void (count += 1)
    const { connect } = await serve({ name: 'gate', onIntroduce })
    const viewer = await connect('live', 1_000)
    for (const peer of [idOf(await connect()), '0'.repeat(64)])
      await expect(viewer.play('name', { peer })).rejects.toMatchObject({ code: 'RTMP_ERR_PEER_UNKNOWN' })
    expect(count).toBe(0)
  })
})

it('a stranger is introduced to nobody, and no gate is asked for it', async () => {
  let count = 0
  const { server, connect } = await serve({ name: 'gate', onIntroduce: () => ({ allowed: (count += 1) > 0 }) })
  const publisher = await connect()
  await publisher.publish('name', { to: 'peers' })
  const socket = await DatagramSocket.bind({ certificate: 'static', groups: [14] })
  const [listener] = server.listeners
  const target = { peerId: Buffer.from(idOf(publisher), 'hex'), candidates: [listener?.address as Endpoint] }
  const opening = socket.endpoint.open(target, socket.now, () => {})
  // It is known that it has been heard when another question from there is answered.
  await new Promise<void>((resolve, reject) => {
    const known = { url: 'rtmfp://server/live', candidates: target.candidates }
    socket.endpoint.open(known, socket.now, error => (error === undefined ? resolve() : reject(error)))
  })
  expect(opening.isRedirected).toBe(false)
  expect(count).toBe(0)
  socket.close()
})

it.each([
  ['what is no id', () => 'name'],
  ['itself', (_server: string, own: string) => own],
  ['the server', (server: string) => server],
])('%s is no peer', async (_name, peerOf) => {
  const { connect } = await serve()
  const client = await connect()
  const peer = peerOf(client.peerId ?? '', idOf(client))
  await expect(client.play('name', { peer })).rejects.toMatchObject({ code: 'RTMP_ERR_PEER_ID' })
})
