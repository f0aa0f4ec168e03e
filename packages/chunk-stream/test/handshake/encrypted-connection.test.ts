import {
  ChunkConnection,
  type ChunkConnectionOptions,
  ClientHandshake,
  type HandshakeStep,
  MessageBatch,
  MessageType,
  type RtmpMessage,
  ServerHandshake,
  setChunkSize,
} from '@rtmpipe/chunk-stream'
import { once } from 'node:events'
import { type Duplex, Transform } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryPair, type PairEnd } from '../support/byte-pair.ts'
import { bytes, hex } from '../support/hex.ts'

const open: Duplex[] = []
afterEach(() => {
  for (const stream of open.splice(0)) stream.destroy()
})

function connection(byteStream: Duplex, options: ChunkConnectionOptions): ChunkConnection {
  const it = new ChunkConnection(byteStream, options)
  it.on('error', () => {})
  open.push(it, byteStream)
  return it
}

function encryptedClient(byteStream: Duplex): ChunkConnection {
  return connection(byteStream, { role: 'client', handshake: new ClientHandshake({ type: 'rtmpe' }) })
}

interface Pair {
  readonly client: ChunkConnection
  readonly server: ChunkConnection
  /** The client's end of the bytes, and the server's. */
  readonly ends: readonly [PairEnd, PairEnd]
}

function encryptedPair(options: Partial<ChunkConnectionOptions> = {}): Pair {
  const ends = memoryPair()
  const server = connection(ends[1], { role: 'server', ...options })
  return { client: encryptedClient(ends[0]), server, ends }
}

function video(timestamp: number): RtmpMessage {
  const payload = Buffer.from('a picture that can be told from noise. '.repeat(20))
  return { messageTypeId: MessageType.Video, messageStreamId: 1, timestamp, payload }
}

async function receive(from: ChunkConnection, count: number): Promise<RtmpMessage[]> {
  const messages: RtmpMessage[] = []
  while (messages.length < count) {
    const message = from.read()
    if (message === null) await once(from, 'readable')
    else messages.push(message)
  }
  return messages
}

function written(end: PairEnd): Buffer {
  return Buffer.concat(end.writes.flat())
}

describe('ChunkConnection over RTMPE', () => {
  it('carries messages both ways, those sent before the handshake included', async () => {
    const { client, server } = encryptedPair()
    client.send(setChunkSize(4096))
    client.write(video(1))
    server.send(video(2))
    server.write(video(3))
    const [size, ...up] = await receive(server, 2)
    expect(size).toEqual(setChunkSize(4096))
    expect(up).toEqual([video(1)])
    expect(await receive(client, 2)).toEqual([video(2), video(3)])
    client.send(video(4))
    server.send(video(5))
    expect([...(await receive(server, 1)), ...(await receive(client, 1))]).toEqual([video(4), video(5)])
  })

  it('shows nothing of them on the way', async () => {
    const { client, server, ends } = encryptedPair()
    client.send(video(1))
    server.send(video(2))
    await Promise.all([receive(server, 1), receive(client, 1)])
    for (const end of ends) {
      expect(written(end).length).toBeGreaterThan(3073 + 780)
      expect(written(end).includes('picture')).toBe(false)
    }
  })

  it('encrypts for each connection what several share', async () => {
    const batch = new MessageBatch([video(1), video(2)])
    const pairs = [encryptedPair(), encryptedPair()]
    const plain = memoryPair()
    const plainServer = connection(plain[1], { role: 'server' })
    const plainClient = connection(plain[0], { role: 'client' })
    const servers = [...pairs.map(({ server }) => server), plainServer]
    const shared = Buffer.from(batch.encode(128, 1))
    for (const server of servers) server.sendBatch(batch, 1)
    for (const client of [...pairs.map(it => it.client), plainClient]) {
      expect(await receive(client, 2)).toEqual([video(1), video(2)])
    }
    expect(batch.encode(128, 1)).toEqual(shared)
  })

  it('decrypts what comes in one piece with C2', async () => {
    const [near, far] = memoryPair()
    const server = connection(far, { role: 'server' })
    const handshake = new ClientHandshake({ type: 'rtmpe' })
    near.write(handshake.start())
    const answer: Buffer[] = []
    while (Buffer.concat(answer).length < 3073) answer.push(((await once(near, 'data')) as [Buffer])[0])
    const { reply = hex(''), ciphers } = handshake.push(Buffer.concat(answer))
    const chunk = hex('02 000000 000004 05 00000000 00000064')
    near.write(Buffer.concat([reply, ciphers?.outgoing.apply(chunk) ?? hex('')]))
    expect(await receive(server, 1)).toMatchObject([{ messageTypeId: 5, payload: hex('00000064') }])
  })

  it('decrypts before the stages', async () => {
    const seen: Buffer[] = []
    const stage = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        seen.push(chunk)
        done(null, chunk)
      },
    })
    const { client, server } = encryptedPair({ afterHandshake: [stage] })
    client.send(video(1))
    await receive(server, 1)
    expect(Buffer.concat(seen).includes('picture')).toBe(true)
  })

  it('tells the handshake and its round trip at both ends', async () => {
    const { client, server } = encryptedPair()
    expect(client.handshakeRoundTrip).toBeUndefined()
    const [[ofClient], [ofServer]] = (await Promise.all([once(client, 'handshake'), once(server, 'handshake')])) as [
      [HandshakeStep],
      [HandshakeStep],
    ]
    expect(ofClient.swfVerificationKey).toEqual(ofServer.swfVerificationKey)
    for (const { handshakeRoundTrip } of [client, server]) {
      expect(handshakeRoundTrip).toBeGreaterThanOrEqual(0)
      expect(Number.isInteger(handshakeRoundTrip)).toBe(true)
    }
  })

  it('counts bytes as they are on the wire', async () => {
    const { client, server, ends } = encryptedPair()
    client.send(video(1))
    await receive(server, 1)
    expect(client.bytesSent).toBe(written(ends[0]).length)
    expect(server.bytesReceived).toBe(client.bytesSent)
  })

  it('ends when the server does not want it', async () => {
    const { client, server } = encryptedPair({ handshake: new ServerHandshake() })
    const [[refused], [told]] = await Promise.all([once(server, 'error'), once(client, 'close')])
    expect(refused).toMatchObject({ code: 'RTMP_ERR_HANDSHAKE_VERSION' })
    expect(told).toBeUndefined()
    expect(client.destroyed).toBe(true)
  })

  it('ends when the server answers without encryption', async () => {
    const [near, far] = memoryPair()
    const client = encryptedClient(near)
    far.write(Buffer.concat([hex('03'), bytes(3072, 0)]))
    const [error] = await once(client, 'error')
    expect(error).toMatchObject({ code: 'RTMP_ERR_HANDSHAKE_NOT_ENCRYPTED' })
    expect(near.destroyed).toBe(true)
  })
})
