import { ChunkDemuxer, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as dial, type Socket } from 'node:net'
import { connect, createServer, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { relayPull, relayPush } from 'rtmpipe/plugins/relay'
import { afterEach, expect, test } from 'vitest'

// OBS 29 with a second audio track: it says of it `onExpectAdditionalMedia` (with `@setDataFrame`), and sends it as
// data messages named `additionalMedia`, of which the first has the sequence header.
const recorded = readFileSync(
  new URL('../fixtures/wire/obs-29.0.2-publish-vod-track-additionalMedia.client.bin', import.meta.url),
)
/** C0, C1 and C2. */
const handshakeLength = 1 + 1536 + 1536

const sent: RtmpMessage[] = []
new ChunkDemuxer().push(recorded.subarray(handshakeLength), message => void sent.push(message))
const dataSent = sent
  .filter(isData)
  .map(({ payload }) => payload.toString('latin1').replace('\x02\0\x0d@setDataFrame', ''))
const frames = sent.filter(
  ({ messageTypeId }) => messageTypeId === MessageType.Audio || messageTypeId === MessageType.Video,
)

const opened: (Server | Socket)[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) {
    if ('close' in each) await each.close()
    else each.destroy()
  }
})

function isData({ messageTypeId }: RtmpMessage): boolean {
  return messageTypeId === MessageType.DataAmf0
}

async function listen(...plugins: Plugin[]): Promise<{ server: Server; port: number }> {
  const server = createServer({ transports: [tcp({ port: 0 })], plugins })
  opened.push(server)
  const [{ address }] = (await server.listen()) as [Listener]
  return { server, port: address.port }
}

/** What OBS sent goes to a server, and the connection stays. Resolves with the name of the stream when all has come. */
async function publishRecorded(server: Server, port: number): Promise<string> {
  const socket = dial(port, '127.0.0.1')
  opened.push(socket)
  await once(socket.on('error', () => {}).resume(), 'connect')
  socket.write(recorded)
  const bytes = [...dataSent, ...frames.map(({ payload }) => payload)].reduce((sum, { length }) => sum + length, 0)
  await expect.poll(() => [...server.streams][0]?.bytes, { interval: 10 }).toBe(bytes)
  return [...server.streams][0]?.name ?? ''
}

/** Payloads of the data messages among the first `count` messages that a player gets. */
async function dataPlayed(port: number, name: string, count: number): Promise<string[]> {
  await using client = await connect(`rtmp://127.0.0.1:${port}/live`)
  const data: string[] = []
  for await (const message of await client.play(name)) {
    if (isData(message as RtmpMessage)) data.push((message as RtmpMessage).payload.toString('latin1'))
    if ((count -= 1) === 0) break
  }
  return data
}

test('the recording has what this is about', () => {
  expect(dataSent.map(payload => /[a-z]{6,}/i.exec(payload)?.[0])).toEqual([
    'onMetaData',
    'onExpectAdditionalMedia',
    'additionalMedia',
    'additionalMedia',
    'additionalMedia',
  ])
})

test('tracks that come as data reach players who come late, and those of relays in both directions, as they came', async () => {
  const far = await listen()
  const near = await listen(relayPush({ connect, to: [`rtmp://127.0.0.1:${far.port}/live`] }))
  const puller = await listen(
    relayPull({ connect, from: ({ streamName }) => `rtmp://127.0.0.1:${near.port}/live/${streamName}` }),
  )
  const name = await publishRecorded(near.server, near.port)
  await expect.poll(() => [...far.server.streams][0]?.bytes ?? 0, { interval: 10 }).toBeGreaterThan(15_000)
  const count = dataSent.length + frames.length
  for (const { port } of [near, far, puller]) expect(await dataPlayed(port, name, count)).toEqual(dataSent)
})
