import {
  BandwidthLimitType,
  ChunkConnection,
  ChunkMuxer,
  type ChunkConnectionOptions,
  MessageBatch,
  MessageType,
  parseWindowAcknowledgementSize,
  type RtmpMessage,
  setChunkSize,
  setPeerBandwidth,
  windowAcknowledgementSize,
} from '@rtmpipe/chunk-stream'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type Duplex, PassThrough, Transform } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryPair, type PairEnd, socketPair } from './support/byte-pair.ts'
import { bytes, hex } from './support/hex.ts'
import { RawPeer } from './support/raw-peer.ts'

const open: Duplex[] = []
afterEach(() => {
  vi.useRealTimers()
  for (const stream of open.splice(0)) stream.destroy()
})

function connection(byteStream: Duplex, options: ChunkConnectionOptions): ChunkConnection {
  const it = new ChunkConnection(byteStream, options)
  open.push(it, byteStream)
  return it
}

function video(timestamp: number, payload: Buffer = bytes(300, 0x27)): RtmpMessage {
  return { messageTypeId: MessageType.Video, messageStreamId: 1, timestamp, payload }
}

function audio(timestamp: number): RtmpMessage {
  return { messageTypeId: MessageType.Audio, messageStreamId: 1, timestamp, payload: hex('AF01') }
}

const command: RtmpMessage = {
  messageTypeId: MessageType.CommandAmf0,
  messageStreamId: 0,
  timestamp: 0,
  payload: hex('05'),
}

/** Reads until `count` messages are there. */
async function receive(from: ChunkConnection, count: number): Promise<RtmpMessage[]> {
  const messages: RtmpMessage[] = []
  while (messages.length < count) {
    const message = from.read()
    if (message === null) await once(from, 'readable')
    else messages.push(message)
  }
  return messages
}

async function receiveAll(from: ChunkConnection): Promise<RtmpMessage[]> {
  const messages: RtmpMessage[] = []
  from.on('data', message => messages.push(message))
  await once(from, 'end')
  return messages
}

/** Messages with long payloads, quick to compare. */
function digest(messages: RtmpMessage[]): unknown[] {
  return messages.map(it => ({ ...it, payload: createHash('sha1').update(it.payload).digest('hex') }))
}

/** What became of a connection: the errors it emitted until it was closed. */
async function fate(of: ChunkConnection): Promise<unknown[]> {
  const errors: unknown[] = []
  of.on('error', error => errors.push(error))
  if (!of.closed) await new Promise(resolve => of.once('close', resolve))
  return errors
}

describe.each([
  ['readable-stream Duplexes', memoryPair],
  ['sockets', socketPair],
])('over %s', (_name, createPair) => {
  it('carries messages both ways, those sent before the handshake too', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const client = connection(b, { role: 'client' })
    const [early, later] = [
      [command, audio(0), video(40)],
      [audio(20), video(80), video(90, hex(''))],
    ]
    for (const message of early) {
      client.send(message)
      server.send(message)
    }
    const full = 12 + 1 + (12 + 2) + (12 + 300 + 2)
    expect(server.queuedBytes).toBe(full)
    await Promise.all([once(client, 'handshake'), once(server, 'handshake')])
    for (const message of later) {
      client.send(message)
      server.send(message)
    }
    expect(await receive(server, 6)).toEqual([...early, ...later])
    expect(await receive(client, 6)).toEqual([...early, ...later])
    expect(client.bytesSent).toBe(server.bytesReceived)
    expect(server.bytesSent).toBe(client.bytesReceived)
    expect(client.bytesSent).toBe(server.bytesSent)
    const compressed = 4 + 2 + (4 + 300 + 2) + 8
    expect(client.bytesSent).toBe(3073 + full + compressed)
  })

  it('keeps batches and single messages in order', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const client = connection(b, { role: 'client' })
    const batch = (at: number) => new MessageBatch([video(at), audio(at), audio(at + 20)])
    const expected: RtmpMessage[] = []
    const send = (message: RtmpMessage) => {
      server.send(message)
      expected.push(message)
    }
    const sendBatch = (batch: MessageBatch) => {
      server.sendBatch(batch, 3)
      expected.push(...batch.messages.map(message => ({ ...message, messageStreamId: 3 })))
    }
    // The first part is held until the handshake is done.
    for (let part = 0; part < 2; part++) {
      send(video(0))
      send(audio(980))
      sendBatch(batch(1000))
      send(audio(1040))
      send(audio(1060))
      send(setChunkSize(200 + part))
      sendBatch(batch(1080))
      sendBatch(batch(1120))
      send({ ...video(1160), messageStreamId: 3 })
      await Promise.all(part === 0 ? [once(client, 'handshake'), once(server, 'handshake')] : [])
    }
    expect(server.outgoingChunkSize).toBe(201)
    expect(await receive(client, expected.length)).toEqual(expected)
  })

  it('ends when asked to, after everything was sent', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const client = connection(b, { role: 'client' })
    const sent = Array.from({ length: 50 }, (_, i) => video(i, bytes(20_000, i)))
    for (const message of sent) client.write(message)
    client.end()
    expect(digest(await receiveAll(server))).toEqual(digest(sent))
    server.end()
    client.resume()
    expect(await Promise.all([fate(client), fate(server)])).toEqual([[], []])
    expect([a.destroyed, b.destroyed]).toEqual([true, true])
  })

  it('lets what was received be read after the byte stream has closed', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const client = connection(b, { role: 'client' })
    const sent = Array.from({ length: 10 }, (_, i) => audio(i))
    for (const message of sent) client.write(message)
    client.end()
    a.once('end', () => a.end())
    await once(a, 'close')
    server.send(command)
    expect(server.destroyed).toBe(false)
    expect(await receiveAll(server)).toEqual(sent)
    expect(await fate(server)).toEqual([])
  })

  it('lets a peer that does not read wait, and loses nothing', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const client = connection(b, { role: 'client' })
    const sent = Array.from({ length: 400 }, (_, i) => video(i, bytes(50_000, i)))
    let taken = 0
    for (const message of sent) client.write(message, () => taken++)
    await once(server, 'readable')
    for (let turn = 0; turn < 100; turn++) await setImmediate()
    expect(taken).toBeLessThan(sent.length)
    expect(server.readableLength).toBeLessThan(40)
    client.end()
    expect(digest(await receiveAll(server))).toEqual(digest(sent))
    expect(taken).toBe(sent.length)
  })

  it('keeps the order for a reader that pauses and goes on in the middle of what is read', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const client = connection(b, { role: 'client' })
    const received: number[] = []
    let resumed = true
    server.on('data', ({ timestamp }: RtmpMessage) => {
      expect(resumed).toBe(true)
      received.push(timestamp)
      if (timestamp % 3 === 0) return
      server.pause()
      resumed = false
      const goOn = () => {
        resumed = true
        server.resume()
      }
      if (timestamp % 3 === 1) queueMicrotask(goOn)
      else void setImmediate().then(goOn)
    })
    const sent = Array.from({ length: 200 }, (_, timestamp) => timestamp)
    for (const timestamp of sent) client.send(video(timestamp, bytes(100, timestamp)))
    client.end()
    await once(server, 'end')
    expect(received).toEqual(sent)
  })

  it('destroys both streams with the typed error, once', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const peer = new RawPeer(b)
    await peer.handshake()
    peer.bytes.write(hex('C7'))
    const errors = await fate(server)
    expect(errors).toEqual([expect.objectContaining({ code: 'RTMP_ERR_CHUNK_HEADER' })])
    expect(a.destroyed).toBe(true)
  })

  it('is destroyed with its byte stream, and the other way round', async () => {
    const [a, b] = await createPair()
    const server = connection(a, { role: 'server' })
    const client = connection(b, { role: 'client' })
    await once(client, 'handshake')
    const ends = Promise.all([fate(server), fate(client)])
    a.destroy(new Error('cable cut'))
    const [serverErrors] = await ends
    expect(serverErrors).toEqual([new Error('cable cut')])

    const [c] = await createPair()
    const other = connection(c, { role: 'server' })
    other.destroy()
    expect(await fate(other)).toEqual([])
    expect(c.destroyed).toBe(true)
  })
})

async function served(
  options: Partial<ChunkConnectionOptions> = {},
): Promise<{ server: ChunkConnection; peer: RawPeer; end: PairEnd }> {
  const [a, b] = memoryPair()
  const server = connection(a, { role: 'server', ...options })
  open.push(b)
  const peer = new RawPeer(b)
  await peer.handshake()
  if (server.bytesReceived < 3073) await once(server, 'handshake')
  return { server, peer, end: a }
}

describe('the handshake', () => {
  it('may be followed by messages in the same bytes', async () => {
    const [a, b] = memoryPair()
    const server = connection(a, { role: 'server' })
    b.write(Buffer.concat([hex('03'), bytes(3072, 0), hex('04 000000 000002 08 01000000 AF01')]))
    expect(await receive(server, 1)).toEqual([audio(0)])
  })

  it('that takes too long is a LimitError', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const server = connection(memoryPair()[0], { role: 'server', handshakeTimeout: 5000 })
    const errors = fate(server)
    vi.advanceTimersByTime(4999)
    expect(server.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await errors).toEqual([expect.objectContaining({ name: 'LimitError', code: 'RTMP_ERR_HANDSHAKE_TIMEOUT' })])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await served()
    const other = connection(memoryPair()[0], { role: 'server' })
    other.destroy()
    await fate(other)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('cut short by a client is no error', async () => {
    const [a, b] = memoryPair()
    const server = connection(a, { role: 'server' })
    server.send(command)
    b.end(hex('03 00'))
    expect(await fate(server.resume())).toEqual([])
  })

  it('cut short by a server is one', async () => {
    const [a, b] = memoryPair()
    const client = connection(a, { role: 'client' })
    b.end(hex('03 00'))
    expect(await fate(client)).toEqual([expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_TRUNCATED' })])
  })

  it('with something else than RTMP is a ProtocolError', async () => {
    const [a, b] = memoryPair()
    const server = connection(a, { role: 'server' })
    b.write(Buffer.of(0x16, 3, 1))
    const message = 'version 22 is not 3 or 6 or 8: this is TLS'
    expect(await fate(server)).toEqual([
      expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_VERSION', spoken: 'tls', message }),
    ])
    expect(a.writes).toEqual([])
  })

  it('with HTTP is answered in HTTP', async () => {
    const [a, b] = memoryPair()
    const server = connection(a, { role: 'server' })
    b.write('GET / HTTP/1.1\r\n\r\n')
    expect(await fate(server)).toEqual([expect.objectContaining({ spoken: 'http' })])
    expect(Buffer.concat(a.writes.flat()).toString()).toMatch(/^HTTP\/1\.1 421 [^]*\r\n\r\nThis port speaks RTMP/)
  })
})

describe('sending', () => {
  it('in one turn is one write, and uses a batch as it is', async () => {
    const { server, peer, end } = await served()
    const other = await served()
    const batch = new MessageBatch([video(1000), audio(1000)])
    end.writes.length = other.end.writes.length = 0
    server.send(audio(0))
    server.send(video(10))
    server.sendBatch(batch, 1)
    server.send(audio(20))
    other.server.sendBatch(batch, 1)
    await peer.until(() => peer.received.length === 5)
    expect(end.writes.map(write => write.length)).toEqual([4])
    expect(other.end.writes.flat()).toEqual([end.writes[0]?.[2]])
    expect(other.end.writes[0]?.[0]).toBe(end.writes[0]?.[2])
  })

  it('emits drain when the peer has taken what was sent', async () => {
    const { server, peer } = await served()
    peer.bytes.pause()
    for (let i = 0; i < 40; i++) server.send(video(i, bytes(20_000, i)))
    const queued = server.queuedBytes
    expect(queued).toBeGreaterThan(40 * 20_000)
    const drained = once(server, 'drain')
    peer.bytes.resume()
    await drained
    expect(server.queuedBytes).toBe(0)
    await peer.until(() => peer.received.length === 40)
  })

  it('makes a writer wait for the handshake', async () => {
    const [a, b] = memoryPair()
    const server = connection(a, { role: 'server' })
    let taken = 0
    server.write(command, () => taken++)
    server.write(command, () => taken++)
    const peer = new RawPeer(b)
    expect(taken).toBe(0)
    await peer.until(() => peer.received.length === 2)
    expect(taken).toBe(2)
  })

  it('ends after the handshake when asked to end before it', async () => {
    const [a, b] = memoryPair()
    const server = connection(a, { role: 'server' })
    server.send(command)
    server.end()
    const peer = new RawPeer(b)
    await once(b, 'end')
    expect(peer.received).toEqual([command])
  })

  it('is over, quietly, when the connection is', async () => {
    const { server } = await served()
    const failure = new Promise(resolve => server.write(video(0, bytes(100_000, 0)), resolve))
    server.destroy()
    expect(await failure).toMatchObject({ code: 'RTMP_ERR_CONNECTION_CLOSED' })
    server.send(command)
    server.sendBatch(new MessageBatch([audio(0)]), 1)
    expect(await fate(server)).toEqual([])
  })
})

describe('the peer’s end', () => {
  it('in the middle of a message ends the readable side without an error', async () => {
    const { server, peer } = await served()
    peer.send(audio(0))
    peer.bytes.end(hex('06 000000 000133 09 01000000 17'))
    expect(await receiveAll(server)).toEqual([audio(0)])
    server.end()
    expect(await fate(server)).toEqual([])
  })

  it('leaves our half open where the transport allows it', async () => {
    const { server, peer } = await served()
    peer.bytes.end()
    await receiveAll(server)
    server.send(command)
    server.end()
    await peer.until(() => peer.received.length === 1)
  })
})

describe('acknowledgements', () => {
  function acknowledged(peer: RawPeer): number[] {
    return peer.received
      .filter(it => it.messageTypeId === MessageType.Acknowledgement)
      .map(it => it.payload.readUInt32BE(0))
  }

  /** One message of so many bytes in all, chunk headers included. */
  function filling(peer: RawPeer, count: number): void {
    peer.bytes.write(Buffer.concat([hex('06 000000'), uint24(count - 12), hex('09 01000000'), bytes(count - 12, 0)]))
  }

  function uint24(value: number): Buffer {
    return hex(value.toString(16).padStart(6, '0'))
  }

  it.each([
    ['half the window', 200_000, 100_000],
    ['32 KiB if the window is smaller than 64 KiB', 1, 32 * 1024],
    ['1 MiB if the window is 0', 0, 1024 * 1024],
    ['1 MiB if no window is known', undefined, 1024 * 1024],
  ])('are sent for %s', async (_name, window, interval) => {
    const { server, peer } = await served()
    server.resume()
    peer.send(setChunkSize(0xffffff))
    if (window !== undefined) peer.send(windowAcknowledgementSize(window))
    peer.send(command)
    await once(server, 'data')
    filling(peer, interval - 1 - server.bytesReceived)
    peer.send(command)
    await peer.until(() => acknowledged(peer).length === 1)
    expect(acknowledged(peer)).toEqual([server.bytesReceived])

    const first = server.bytesReceived
    filling(peer, interval - 1)
    expect(acknowledged(peer)).toEqual([first])
    peer.bytes.write(hex('06 000000 000000 09 01000000'))
    await peer.until(() => acknowledged(peer).length === 2)
    expect(acknowledged(peer)).toEqual([first, server.bytesReceived])
  })

  it('wait for a read that is not full: the peer may have sent all it had and be gone', async () => {
    const { server, peer } = await served()
    server.resume()
    peer.send(setChunkSize(0xffffff), windowAcknowledgementSize(65_536))
    await once(server, 'data')
    for (let i = 0; i < 3; i++) {
      filling(peer, 64 * 1024)
      await setImmediate()
    }
    expect(acknowledged(peer)).toEqual([])
    filling(peer, 1000)
    await peer.until(() => acknowledged(peer).length === 1)
    expect(acknowledged(peer)).toEqual([server.bytesReceived])
  })

  it('do not wait longer than a turn for what does not come', async () => {
    const { server, peer } = await served()
    server.resume()
    peer.send(setChunkSize(0xffffff), windowAcknowledgementSize(65_536))
    await once(server, 'data')
    filling(peer, 64 * 1024)
    await peer.until(() => acknowledged(peer).length === 1)
    expect(acknowledged(peer)).toEqual([server.bytesReceived])
  })

  it('wait while the peer does not read', async () => {
    const { server, peer } = await served()
    server.resume()
    peer.send(setChunkSize(0xffffff), windowAcknowledgementSize(65_536))
    await once(server, 'data')
    peer.bytes.pause()
    server.send(video(0, bytes(200_000, 0)))
    const { bytesSent } = server
    for (let i = 0; i < 10; i++) filling(peer, 40_000)
    await once(server, 'data')
    expect(server.bytesSent).toBe(bytesSent)
    const drained = once(server, 'drain')
    peer.bytes.resume()
    await drained
    filling(peer, 40_000)
    await peer.until(() => acknowledged(peer).length === 1)
  })
})

describe('what the peer acknowledges', () => {
  it('can be read, and is never more than was sent', async () => {
    const { server, peer } = await served()
    const acknowledge = async (sequenceNumber: number) => {
      peer.bytes.write(hex('02 000000 000004 03 00000000', sequenceNumber.toString(16).padStart(8, '0')))
      await receive(server, 1)
      return server.bytesAcknowledged
    }
    expect(server.bytesAcknowledged).toBeUndefined()
    server.send(video(0))
    const sent = 3073 + 12 + 300 + 2
    expect(await acknowledge(3073)).toBe(3073)
    expect(await acknowledge(sent + 1)).toBe(3073)
    expect(await acknowledge(sent)).toBe(sent)
  })

  it('is left as it is by a body that is too short', async () => {
    const { server, peer } = await served()
    peer.bytes.write(hex('02 000000 000003 03 00000000', '000001'))
    peer.send(command)
    await receive(server, 2)
    expect(server.bytesAcknowledged).toBeUndefined()
  })
})

describe('windows', () => {
  function windows(peer: RawPeer): (number | undefined)[] {
    const announced = peer.received.filter(it => it.messageTypeId === MessageType.WindowAcknowledgementSize)
    return announced.map(it => parseWindowAcknowledgementSize(it.payload))
  }

  const { Hard, Soft, Dynamic } = BandwidthLimitType

  it('follow Set Peer Bandwidth, and are announced when they change', async () => {
    const { server, peer } = await served()
    peer.send(
      setPeerBandwidth(4_000_000, Dynamic), // nothing hard before it
      setPeerBandwidth(3_000_000, Soft),
      setPeerBandwidth(3_000_000, Hard), // the same
      setPeerBandwidth(2_000_000, Dynamic), // counts as hard
      setPeerBandwidth(2_500_000, Soft), // not smaller
      setPeerBandwidth(5_000_000, Dynamic), // the last was soft
      setPeerBandwidth(1_000_000, Soft),
      setPeerBandwidth(0, Hard),
      { ...setPeerBandwidth(1, Hard), payload: hex('00000001') },
      setPeerBandwidth(6_000_000, Hard),
    )
    await receive(server, 10)
    await peer.until(() => windows(peer).at(-1) === 6_000_000)
    expect(windows(peer)).toEqual([3_000_000, 2_000_000, 1_000_000, 6_000_000])
  })

  it('are not announced again when we have done so ourselves', async () => {
    const { server, peer } = await served()
    server.resume()
    server.send(windowAcknowledgementSize(2_500_000))
    peer.send(setPeerBandwidth(2_500_000, Hard), setPeerBandwidth(7_000_000, Hard))
    await peer.until(() => windows(peer).at(-1) === 7_000_000)
    expect(windows(peer)).toEqual([2_500_000, 7_000_000])
  })

  it('are not announced to a peer that does not read: it could pile them up', async () => {
    const { server, peer } = await served()
    peer.bytes.pause()
    server.send(video(0, bytes(200_000, 0)))
    const queued = server.queuedBytes
    peer.send(...Array.from({ length: 50 }, (_, i) => setPeerBandwidth(1_000_000 + i, Hard)))
    await receive(server, 50)
    expect(server.queuedBytes).toBeLessThanOrEqual(queued)
  })
})

describe('options', () => {
  it('stages stand after handshake and demux', async () => {
    const unmask = new Transform({
      transform: (data: Buffer, _encoding, done) =>
        done(
          null,
          data.map(byte => byte ^ 0x55),
        ),
    })
    const seen: unknown[] = []
    const drop = new Transform({
      objectMode: true,
      transform(message: RtmpMessage, _encoding, done) {
        seen.push(message)
        done(null, message.messageTypeId === MessageType.Audio ? undefined : message)
      },
    })
    const { server, peer } = await served({ afterHandshake: [new PassThrough(), unmask], afterDemux: [drop] })
    for (const message of [audio(0), command]) {
      peer.bytes.write(peer.muxer.encode(message).map(byte => byte ^ 0x55))
    }
    expect(await receive(server, 1)).toEqual([command])
    expect(seen).toEqual([audio(0), command])
  })

  it('a stage that fails ends the connection with its error', async () => {
    const failing = new PassThrough({
      objectMode: true,
      transform: (_message, _encoding, done) => done(new Error('mine')),
    })
    const { server, peer, end } = await served({ afterDemux: [failing] })
    peer.send(command)
    expect(await fate(server)).toEqual([new Error('mine')])
    expect(end.destroyed).toBe(true)
  })

  it('limits may be raised later', async () => {
    const { server, peer } = await served({ limits: { maxMessageLength: 1000 } })
    peer.send(video(0, bytes(1000, 1)))
    await receive(server, 1)
    server.limits = { ...server.limits, maxMessageLength: 2000 }
    peer.send(video(0, bytes(2000, 1)))
    await receive(server, 1)
    peer.send(video(0, bytes(2001, 1)))
    expect(await fate(server.resume())).toEqual([expect.objectContaining({ code: 'RTMP_ERR_MESSAGE_LENGTH' })])
  })
})

describe('a byte stream that lends', () => {
  /** Lends what is written to `far`; with bytes that wait when it is asked, as behind a reader that was paused. */
  function lender(): { stream: Duplex; far: PairEnd; lent: number; ask: ((bytes: Buffer) => void) | undefined } {
    const [near, far] = memoryPair()
    const state: ReturnType<typeof lender> = { stream: near, far, lent: 0, ask: undefined }
    Object.assign(near, {
      lend(take: (bytes: Buffer) => void) {
        expect(near.readableLength).toBe(0)
        state.ask = take
      },
    })
    return state
  }

  it('is asked when pictures come, and what it lent may be overwritten', async () => {
    const state = lender()
    const server = connection(state.stream, { role: 'server' })
    const peer = connection(state.far, { role: 'client' })
    peer.send(command)
    peer.send(audio(0))
    expect(await receive(server, 2)).toEqual([command, audio(0)])
    expect(state.ask).toBeUndefined()
    peer.send(video(0))
    expect(await receive(server, 1)).toEqual([video(0)])
    while (state.ask === undefined) await setImmediate()

    const muxer = new ChunkMuxer()
    // As a writer that has sent nothing yet: full headers.
    const sent = [video(40), audio(50), video(80, bytes(20_000, 0x27)), command]
    const wire = Buffer.concat(sent.map(message => muxer.encode(message)))
    const memory = Buffer.alloc(1_000)
    const received: RtmpMessage[] = []
    server.on('data', (message: RtmpMessage) => received.push(message))
    for (let at = 0; at < wire.length; at += memory.length) {
      const count = wire.copy(memory, 0, at, at + memory.length)
      state.ask(memory.subarray(0, count))
      memory.fill(0xee)
    }
    while (received.length < sent.length) await setImmediate()
    expect(received).toEqual(sent)
  })

  it('is not asked while bytes wait to be read, whose turn is first', async () => {
    const state = lender()
    const server = connection(state.stream, { role: 'server' })
    const peer = connection(state.far, { role: 'client' })
    const sent = Array.from({ length: 200 }, (_, index) => video(index * 40, bytes(3_000, 0x27)))
    for (const message of sent) peer.send(message)
    // Read slowly, so that the byte stream is paused in between.
    const received: RtmpMessage[] = []
    while (received.length < sent.length) {
      received.push(...(await receive(server, 1)))
      await setImmediate()
    }
    expect(received).toEqual(sent)
  })
})
