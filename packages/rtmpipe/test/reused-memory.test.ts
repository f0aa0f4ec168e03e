import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex, Readable, Writable } from 'node:stream'
import {
  connect,
  createServer,
  MessageType,
  type RtmpMessage,
  tcp,
  type Transport,
  type TransportConnection,
} from 'rtmpipe'
import { expect, it } from 'vitest'

const streams = 2
/** So that what a player that does not read has to get is more than the operating system holds for it, and less than is dropped. */
const count = 1_400

/** A picture that says which one it is, and a digest of the rest. */
function picture(stream: number, index: number): RtmpMessage {
  const length = 60 + ((index * 7_919 + stream * 104_729) % (index % 50 === 0 ? 60_000 : 18_000))
  const payload = Buffer.alloc(length, (index * 31 + stream) & 0xff)
  payload[0] = index % 50 === 0 ? 0x17 : 0x27
  payload.fill(0, 1, 5)
  payload[1] = 1
  payload.writeUInt16BE(stream, 5)
  payload.writeUInt16BE(index, 7)
  createHash('sha256').update(payload.subarray(41)).digest().copy(payload, 9)
  return { messageTypeId: MessageType.Video, messageStreamId: 0, timestamp: index * 40, payload }
}

function indexOf({ payload }: RtmpMessage, stream: number): number {
  expect(payload.readUInt16BE(5)).toBe(stream)
  const digest = createHash('sha256').update(payload.subarray(41)).digest()
  expect(payload.subarray(9, 41).equals(digest)).toBe(true)
  return payload.readUInt16BE(7)
}

/** Keeps all pictures, and looks at them only at the end, when their memory would have been used again. */
function keep(messages: Readable): RtmpMessage[] {
  const kept: RtmpMessage[] = []
  messages.on('data', (message: RtmpMessage) => {
    if (message.messageTypeId === MessageType.Video) kept.push(message)
  })
  return kept
}

/** TCP whose client can stop reading. */
class SlowLine implements Transport {
  readonly name = 'slow'
  readonly schemes = ['rtmp']
  socket: Duplex | undefined

  listen(): never {
    throw new Error('for clients only')
  }

  async dial(url: URL): Promise<TransportConnection> {
    const connection = await tcp().dial(url)
    this.socket = connection.stream
    return connection
  }
}

/** Few at a time: only the bytes of short batches are in memory that is used again. */
async function send(publisher: Writable, stream: number, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    if (!publisher.write(picture(stream, index))) await once(publisher, 'drain')
    if (index % 2 === 0) await new Promise<void>(resolve => setImmediate(resolve))
  }
}

it('memory that is used again is read by nobody: players, slow and late ones, and who keeps messages', async () => {
  await using server = createServer({ transports: [tcp({ port: 0 })], mergeWindow: 0 })
  const [listener] = await server.listen()
  const url = `rtmp://127.0.0.1:${listener?.address.port}/live`
  const clients = await Promise.all(Array.from({ length: 3 }, () => connect(url)))
  const [sender, prompt, late] = clients as [(typeof clients)[0], (typeof clients)[0], (typeof clients)[0]]
  const work = Array.from({ length: streams }, async (_, stream) => {
    const name = `stream-${stream}`
    const publisher = await sender.publish(name)
    const line = new SlowLine()
    const slowClient = await connect(url, { transports: [line] })
    const [player, slow] = [await prompt.play(name), keep(await slowClient.play(name))]
    const subscribed = keep(server.streams.get('live', name)!.subscribe())
    const played = keep(player)
    line.socket?.pause()
    await send(publisher, stream, 0, count / 2)
    const joined = keep(await late.play(name))
    await send(publisher, stream, count / 2, count)
    line.socket?.resume()
    const isThrough = (kept: readonly RtmpMessage[]) => kept.at(-1)?.payload.readUInt16BE(7) === count - 1
    while (![played, joined, slow, subscribed].every(isThrough)) await new Promise(resolve => setImmediate(resolve))
    await slowClient.close()
    const all = Array.from({ length: count }, (__, index) => index)
    for (const kept of [played, slow, subscribed]) {
      expect(kept.map(message => indexOf(message, stream))).toEqual(all)
    }
    const seen = joined.map(message => indexOf(message, stream))
    expect(seen[0]! % 50).toBe(0)
    expect(seen).toEqual(all.slice(seen[0]))
  })
  await Promise.all(work)
  for (const client of clients) await client.close()
}, 60_000)
