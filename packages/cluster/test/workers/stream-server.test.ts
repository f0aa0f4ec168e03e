import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageType } from '@rtmpipe/chunk-stream'
import { LiveStream } from '@rtmpipe/session'
import { samples, sampleStream, take } from '@rtmpipe/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assertSame } from '../../src/testing/same-messages.ts'
import { until, within } from '@rtmpipe/testing/suite'
import { JoinedMessages, joinMessages } from '../../src/workers/joined-messages.ts'
import { StreamServer } from '../../src/workers/stream-server.ts'

const never = new AbortController().signal
const lost = { name: 'StreamLostError', code: 'RTMP_ERR_STREAM_LOST' }

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtmpipe-cluster-test-'))
  path = join(folder, 'test.sock')
})
afterEach(() => rm(folder, { recursive: true }))

/** A stream that is published, under epoch 5. */
async function offering(): Promise<{ server: StreamServer; stream: LiveStream } & AsyncDisposable> {
  const server = await StreamServer.listen(path)
  const stream = new LiveStream('live', 'name', { mergeWindow: 0 })
  stream.startPublish()
  server.offer(5, stream)
  return { server, stream, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

function bytesUntilClose(socket: Socket): Promise<Buffer> {
  return within(
    'the socket to close',
    socket
      .on('error', () => {})
      .toArray()
      .then(chunks => Buffer.concat(chunks)),
  )
}

describe('StreamServer', () => {
  it('speaks a chunk stream: Set Chunk Size, the messages with full headers, Stream EOF', async () => {
    await using offer = await offering()
    const socket = connect(path)
    socket.write(Buffer.from('000000000005', 'hex'))
    await until('the join', () => offer.stream.consumerCount === 1)
    offer.stream.write({ ...samples.audio(0x010203), payload: Buffer.from('af01ff', 'hex') })
    offer.stream.write({ ...samples.audio(0x010204), payload: Buffer.from('af01', 'hex'), discontinuity: true })
    offer.stream.endPublish()
    const expected = [
      '02 000000 000004 01 00000000 00ffffff',
      '04 010203 000003 08 01000000 af01ff',
      // Stream Dry is the discontinuity mark of what follows.
      '02 000000 000006 04 01000000 0002 00000000',
      '04 010204 000002 08 01000000 af01',
      '02 000000 000006 04 01000000 0001 00000000',
    ]
    expect((await bytesUntilClose(socket)).toString('hex')).toBe(expected.join('').replaceAll(' ', ''))
  })

  it('takes a request that comes byte by byte', async () => {
    await using offer = await offering()
    const socket = connect(path)
    for (const byte of [0, 0, 0, 0, 0, 5]) {
      socket.write(Buffer.of(byte))
      await new Promise(resolve => setImmediate(resolve))
    }
    await until('the join', () => offer.stream.consumerCount === 1)
    socket.destroy()
    await until('the end of the join', () => offer.stream.consumerCount === 0)
  })

  it.each([
    ['an epoch nobody offers', Buffer.from('000000000006', 'hex')],
    ['something else', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['half a request', Buffer.from('0000', 'hex')],
    ['nothing', Buffer.alloc(0)],
  ])('hangs up on who asks for %s', async (_what, request) => {
    await using offer = await offering()
    const socket = connect(path)
    socket.end(request)
    expect((await bytesUntilClose(socket)).length).toBe(0)
    expect(offer.stream.consumerCount).toBe(0)
  })

  it('does not listen on a path that the system would cut short', async () => {
    const long = join(folder, 'x'.repeat(100))
    await expect(StreamServer.listen(long)).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
    await expect(StreamServer.listen(join(folder, 'no', 'such'))).rejects.toMatchObject({ code: 'EACCES' })
  })

  it('lets what was joined go on to its end after it was withdrawn', async () => {
    await using offer = await offering()
    const messages = await joinMessages(path, 5, never)
    offer.server.withdraw(5)
    await expect(joinMessages(path, 5, never)).rejects.toMatchObject(lost)
    for (const message of sampleStream(10)) offer.stream.write(message)
    offer.stream.endPublish()
    assertSame(await messages.toArray(), sampleStream(10))
  })

  it('writes what is ready together at once', async () => {
    await using offer = await offering()
    const socket = connect(path)
    socket.write(Buffer.from('000000000005', 'hex'))
    const reads: number[] = []
    socket.on('data', bytes => reads.push(bytes.length))
    await until('the begin mark', () => reads.length === 1)
    for (const message of sampleStream(20)) offer.stream.write(message)
    await until('the messages', () => reads.length === 2)
    const bytes = sampleStream(20).reduce((sum, { payload }) => sum + 12 + payload.length, 0)
    expect(reads[1]).toBe(bytes)
    socket.destroy()
  })

  it('cuts off a reader that hangs, at a bound, and forgets it', async () => {
    await using offer = await offering()
    const messages = await joinMessages(path, 5, never)
    const failed = new Promise(resolve => messages.once('error', resolve))
    // What is neither picture nor sound is never dropped.
    const data = { ...samples.audio(0, 2 ** 20), messageTypeId: MessageType.DataAmf0 }
    for (let count = 0; offer.stream.consumerCount > 0; count += 1) {
      expect(count).toBeLessThan(100)
      offer.stream.write(data)
      await new Promise(resolve => setImmediate(resolve))
    }
    messages.resume()
    expect(await within('the failure', failed)).toMatchObject(lost)
  })
})

describe('joinMessages', () => {
  let server: Server | undefined
  afterEach(() => new Promise<void>(resolve => (server === undefined ? resolve() : server.close(() => resolve()))))

  async function serving(serve: (socket: Socket) => void): Promise<void> {
    server = createServer(serve)
    await new Promise<void>(resolve => server?.listen(path, resolve))
  }

  it('rejects where nobody listens', async () => {
    await expect(joinMessages(path, 5, never)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('rejects when the other hangs up first, or sends no chunk stream', async () => {
    await serving(socket => socket.destroy())
    await expect(joinMessages(path, 5, never)).rejects.toThrow()
    await new Promise(resolve => server?.close(resolve))
    await serving(socket => socket.resume().end(Buffer.alloc(100, 0xff)))
    await expect(joinMessages(path, 5, never)).rejects.toMatchObject({ code: 'RTMP_ERR_CHUNK_HEADER' })
  })

  it('gives up when it is aborted, and leaves no socket open', async () => {
    const closed: Promise<void>[] = []
    await serving(socket => void closed.push(new Promise(resolve => socket.resume().once('close', resolve))))
    const abort = new AbortController()
    const joining = expect(joinMessages(path, 5, abort.signal)).rejects.toMatchObject({ name: 'AbortError' })
    await until('the connection', () => closed.length === 1)
    abort.abort()
    await joining
    await within('the socket to close', Promise.all(closed))
  })

  it('fails when the other worker goes away', async () => {
    await using offer = await offering()
    const messages = await joinMessages(path, 5, never)
    for (const message of sampleStream(5)) offer.stream.write(message)
    await take(messages, 5)
    await offer.server[Symbol.asyncDispose]()
    await expect(messages.toArray()).rejects.toMatchObject(lost)
  })
})

describe('JoinedMessages', () => {
  it('reads the bytes however they are cut', async () => {
    const bytes = [
      '02 000000 000004 01 00000000 00ffffff',
      '02 000000 000006 04 01000000 0002 00000000',
      '04 010203 000003 08 01000000 af01ff',
      '06 010203 000003 09 01000000 170100',
      '02 000000 000006 04 01000000 0001 00000000',
    ]
      .join('')
      .replaceAll(' ', '')
    for (const size of [1, 5, 1_000]) {
      const messages = new JoinedMessages()
      let begun = 0
      messages.once('begin', () => (begun += 1))
      for (let at = 0; at < bytes.length; at += 2 * size)
        messages.write(Buffer.from(bytes.slice(at, at + 2 * size), 'hex'))
      messages.end()
      expect(await messages.toArray()).toMatchObject([
        { messageTypeId: 8, timestamp: 0x010203, payload: Buffer.from('af01ff', 'hex'), discontinuity: true },
        { messageTypeId: 9, timestamp: 0x010203, payload: Buffer.from('170100', 'hex') },
      ])
      expect(begun).toBe(1)
    }
  })

  it('fails where the bytes end without the mark, or inside a message', async () => {
    const begin = Buffer.from('02000000000004010000000000ffffff', 'hex')
    for (const rest of ['', '04010203', '040102030000030801000000af']) {
      const messages = new JoinedMessages()
      messages.write(begin)
      messages.end(Buffer.from(rest, 'hex'))
      await expect(messages.toArray()).rejects.toMatchObject(lost)
    }
  })
})
