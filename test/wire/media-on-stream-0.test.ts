import { ChunkDemuxer, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect as dial, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { connect, createServer, type Listener, tcp } from 'rtmpipe'
import { relayPull } from 'rtmpipe/plugins/relay'
import { afterEach, expect, test } from 'vitest'

/** What Node-Media-Server 4.4.3 sends: its commands name a message stream, its media does not. */
const push = recorded('node-media-server-4.4.3-push-media-on-stream-0.client.bin')
const served = recorded('node-media-server-4.4.3-play-media-on-stream-0.server.bin')
/** C0, C1 and C2, or S0, S1 and S2. */
const handshakeLength = 1 + 1536 + 1536

const sockets: Socket[] = []
afterEach(() => sockets.splice(0).forEach(socket => socket.destroy()))

function recorded(file: string): Buffer {
  return readFileSync(new URL(`../fixtures/wire/${file}`, import.meta.url))
}

/** Type and payload of the audio and video in it, in order. */
function mediaOf(bytes: Buffer): [number, string][] {
  const media: [number, string][] = []
  new ChunkDemuxer().push(
    bytes.subarray(handshakeLength),
    message => void (isMedia(message) && media.push(essence(message))),
  )
  return media
}

function isMedia({ messageTypeId }: RtmpMessage): boolean {
  return messageTypeId === MessageType.Audio || messageTypeId === MessageType.Video
}

function essence({ messageTypeId, payload }: RtmpMessage): [number, string] {
  return [messageTypeId, payload.toString('hex')]
}

/** The media that a player gets. */
async function played(messages: AsyncIterable<unknown>, count: number): Promise<[number, string][]> {
  const media: [number, string][] = []
  for await (const message of messages) {
    if (isMedia(message as RtmpMessage)) media.push(essence(message as RtmpMessage))
    if (media.length === count) break
  }
  return media
}

/** The same commands, and the media in chunks of type 1 (RTMP 1.0 §5.3.1.2.2) from the first on. */
function inShortHeaders(bytes: Buffer): Buffer {
  const chunks: Buffer[] = []
  const times: Record<number, number> = {}
  const demuxer = new ChunkDemuxer()
  for (let at = handshakeLength; at < bytes.length; at += 1) {
    demuxer.push(bytes.subarray(at, at + 1), message => {
      const { messageTypeId, timestamp, payload } = message
      if (payload.includes('publish')) chunks.push(bytes.subarray(0, at + 1))
      if (!isMedia(message)) return
      const header = Buffer.alloc(8)
      header.writeUInt8(0x40 | (40 + messageTypeId))
      header.writeUIntBE(timestamp - (times[messageTypeId] ?? 0), 1, 3)
      header.writeUIntBE(payload.length, 4, 3)
      header.writeUInt8(messageTypeId, 7)
      times[messageTypeId] = timestamp
      // The publisher's chunks are longer than its messages.
      chunks.push(header, payload)
    })
  }
  return Buffer.concat(chunks)
}

/** What was said up to the first answer to a command, the second, and the rest. */
function answersIn(bytes: Buffer): Buffer[] {
  const ends: number[] = []
  const demuxer = new ChunkDemuxer()
  for (let at = handshakeLength; at < bytes.length; at += 1) {
    demuxer.push(bytes.subarray(at, at + 1), ({ payload }) => {
      if (payload.includes('_result')) ends.push(at + 1)
    })
  }
  return [handshakeLength, ...ends].map((start, index) => bytes.subarray(start, ends[index]))
}

/** A server that answers each command with what was recorded, whatever is asked. */
async function replay(bytes: Buffer): Promise<{ url: string } & AsyncDisposable> {
  const server = createTcpServer(socket => {
    sockets.push(socket)
    const answers = answersIn(bytes)
    const demuxer = new ChunkDemuxer()
    let skipped = 0
    socket.on('error', () => {}).write(bytes.subarray(0, handshakeLength))
    socket.on('data', data => {
      const skip = Math.min(data.length, handshakeLength - skipped)
      skipped += skip
      demuxer.push(data.subarray(skip), ({ messageTypeId }) => {
        const answer = messageTypeId === MessageType.CommandAmf0 ? answers.shift() : undefined
        if (answer !== undefined) socket.write(answer)
      })
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
}

test.for([
  ['on id 0', push],
  ['in headers of seven bytes on new chunk streams, which name no message stream', inShortHeaders(push)],
] as const)('a push with all media %s is what its only publisher publishes', async ([, bytes]) => {
  const warnings: string[] = []
  const say = () => {}
  const log = {
    debug: say,
    info: say,
    warn: (_: object, text: string) => void warnings.push(text),
    error: say,
    child: () => log,
  }
  await using server = createServer({ transports: [tcp({ port: 0 })], log })
  const [{ address }] = (await server.listen()) as [Listener]
  const expected = mediaOf(push)
  expect(expected.length).toBeGreaterThan(20)
  const player = await server.play('fromnms', 'x', {
    transport: 'test',
    remote: { address: '127.0.0.1', port: 0 },
    follow: true,
  })
  const publisher = dial(address.port, '127.0.0.1')
  sockets.push(publisher)
  publisher.write(bytes)
  expect(await played(player, expected.length)).toEqual(expected)
  expect(warnings).toEqual([])
  publisher.destroy()
})

test('our client plays from a server that sends all media on id 0', async () => {
  await using server = await replay(served)
  const client = await connect(server.url)
  const player = await client.play('name')
  const expected = mediaOf(served)
  expect(expected.length).toBeGreaterThan(20)
  expect(await played(player, expected.length)).toEqual(expected)
  await client.close()
})

test('a relay pulls from a server that sends all media on id 0', async () => {
  await using origin = await replay(served)
  await using server = createServer({
    transports: [],
    plugins: [relayPull({ connect, from: ({ streamName }) => `${origin.url}/${streamName}` })],
  })
  const player = await server.play('live', 'name', { transport: 'test', remote: { address: '127.0.0.1', port: 0 } })
  const expected = mediaOf(served)
  expect(await played(player, expected.length)).toEqual(expected)
})
