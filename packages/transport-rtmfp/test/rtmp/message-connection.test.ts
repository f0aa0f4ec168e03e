import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageBatch, type RtmpMessage, setChunkSize, userControl } from '@rtmpipe/chunk-stream'
import { samples, take } from '@rtmpipe/testing'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, it } from 'vitest'
import type { ReceiveFlow } from '../../src/contract/flow.ts'
import { FlowMessageConnection } from '../../src/rtmp/message-connection.ts'
import { flowMetadata } from '../../src/rtmp/metadata.ts'
import { livePair } from '../support/live-pair.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const open: FlowMessageConnection[] = []
afterEach(() => {
  for (const connection of open.splice(0)) connection.destroy()
})

const command = (messageStreamId: number, name: string, ...values: (number | null | string)[]): RtmpMessage => ({
  messageTypeId: 20,
  messageStreamId,
  timestamp: 0,
  payload: encodeAmf0(name, 0, ...values),
})

/** A client and a server that have greeted one another, and the flows that each has been offered since the start. */
async function connected() {
  const pair = livePair()
  const [client, server] = [new FlowMessageConnection(pair.initiator), new FlowMessageConnection(pair.responder)]
  open.push(client, server)
  const flows: ReceiveFlow[] = []
  for (const session of [pair.initiator, pair.responder]) {
    const { onFlow } = session
    session.onFlow = flow => {
      flows.push(flow)
      return onFlow(flow)
    }
  }
  client.send(command(0, 'connect'))
  await take(server, 1)
  server.send(command(0, '_result'))
  await take(client, 1)
  return Object.assign(pair, { client, server, flows })
}

async function closed(connection: FlowMessageConnection): Promise<void> {
  if (!connection.closed) await new Promise(resolve => connection.once('close', resolve))
}

const on = (messageStreamId: number, message: RtmpMessage): RtmpMessage => ({ ...message, messageStreamId })

it('each kind of a stream has a flow of its own, which answers the control flow of the far end', async () => {
  const { client, server, flows } = await connected()
  for (const message of [samples.metadata(), samples.audioHeader(), samples.videoHeader()]) client.send(on(3, message))
  await take(server, 3)
  server.send(on(3, samples.audio(1)))
  await take(client, 1)
  const shape = flows.map(({ metadata, association }) => [metadata.toString('hex'), association])
  const [root, answer] = flows.map(({ id }) => id)
  expect(shape).toEqual([
    ['54430400', undefined],
    ['54430400', root],
    ['54430403', answer],
    ['54430403', answer],
    ['54430403', answer],
    ['54430403', root],
  ])
})

it('what concerns the chunk stream, and pings, are neither sent nor given out', async () => {
  const { client, server, initiator } = await connected()
  const ping = userControl({ type: 'PingRequest', timestamp: 1 })
  client.send(setChunkSize(4_096))
  client.send(ping)
  expect(client.queuedBytes).toBe(0)
  const raw = initiator.openFlow({
    metadata: flowMetadata({ streamId: 1, isUnordered: true }),
    association: 2,
    priority: 5,
  })
  for (const { messageTypeId, payload } of [setChunkSize(4_096), ping, samples.audio(7)])
    raw.write([Buffer.of(messageTypeId, 0, 0, 0, 9), payload])
  expect(await take(server, 1)).toMatchObject([{ messageTypeId: 8, messageStreamId: 1, timestamp: 9 }])
})

it('a second control flow, and flows of anything else, are refused', async () => {
  const { initiator, server } = await connected()
  const refused: string[] = []
  const offer = (name: string, metadata: Buffer, association?: number) =>
    new Promise<void>(resolve => {
      const onException = () => {
        refused.push(name)
        resolve()
      }
      initiator.openFlow({ metadata, association, priority: 5, onException }).write([Buffer.of(20, 0, 0, 0, 0, 5)])
    })
  await offer('second', flowMetadata({ streamId: 0, isUnordered: false }))
  await offer('group', Buffer.from('474300', 'hex'), 2)
  expect(refused).toEqual(['second', 'group'])
  expect(server.destroyed).toBe(false)
})

it('a client does as often as a server wishes, between every 5 seconds and every minute', async () => {
  const { client, server, initiator } = await connected()
  const periods: number[] = []
  initiator.keepAlive = period => periods.push(period)
  for (const peerKeepalive of [15_000, 10, 0xffff_ffff])
    server.send(userControl({ type: 'SetKeepalive', serverKeepalive: 10_000, peerKeepalive }))
  server.send(command(0, 'last'))
  expect(await take(client, 1)).toHaveLength(1)
  expect(periods).toEqual([15_000, 5_000, 60_000])
})

it('a server tells how often signs of life are due, once', async () => {
  const { client, server, initiator } = await connected()
  // Told already, behind its first answer.
  expect(initiator.keepAlivePeriod).toBe(30_000)
  initiator.keepAlive(7_000)
  server.send(command(0, 'more'))
  await take(client, 1)
  expect(initiator.keepAlivePeriod).toBe(7_000)
})

it('a command comes after the media before it, and before that behind it, whatever is lost', async () => {
  const pair = await connected()
  const { client, server } = pair
  pair.loss = 0.2
  const sent: RtmpMessage[] = []
  for (let round = 0; round < 5; round += 1) {
    sent.push(samples.keyframe(round, 5_000), samples.audio(round), command(1, `round${round}`))
  }
  for (const message of sent) client.write(on(1, message))
  const received = await take(server, sent.length)
  const rounds = received.map(({ messageTypeId, timestamp, payload }) =>
    messageTypeId === 20 ? Number(payload.toString('latin1', 8, 9)) + 0.5 : timestamp,
  )
  expect(rounds).toEqual([0, 0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4, 4, 4.5])
}, 30_000)

it('messages of a batch are sent on the stream that is asked for', async () => {
  const { client, server } = await connected()
  const batch = new MessageBatch([samples.audio(1), samples.keyframe(2)])
  client.send(on(7, samples.metadata()))
  client.sendBatch(batch, 7)
  const received = await take(server, 3)
  expect(received.map(({ messageStreamId }) => messageStreamId)).toEqual([7, 7, 7])
  const audio = received.find(({ messageTypeId }) => messageTypeId === 8)
  expect(audio?.payload).toEqual(batch.lentMessages[0]?.payload)
})

it('a reader that does not read makes the writer wait, and gets everything in the end', async () => {
  const { client, server } = await connected()
  const count = 60
  let written = 0
  for (let index = 0; index < count; index += 1)
    client.write(on(1, samples.keyframe(index, 50_000)), () => (written += 1))
  await new Promise<void>(resolve => server.once('readable', resolve))
  expect(written).toBeLessThan(count)
  expect(client.queuedBytes).toBeGreaterThan(256 * 1024)
  const received = await take(server, count)
  expect(received.map(({ timestamp }) => timestamp)).toEqual(Array.from({ length: count }, (_, index) => index))
})

it('it tells how long the oldest message has waited, as long as one waits', async () => {
  const { client, server } = await connected()
  expect(client.lag).toBe(0)
  const count = 60
  for (let index = 0; index < count; index += 1) client.write(on(1, samples.keyframe(index, 50_000)))
  // The far end's reader takes nothing, so that most of it stays here.
  await expect.poll(() => client.lag, { timeout: 5_000 }).toBeGreaterThan(100)
  await take(server, count)
  await expect.poll(() => client.lag).toBe(0)
})

it('who sends is told when there is room, and not before something has arrived; or when it has ended', async () => {
  const { client, server } = await connected()
  const room = () => new Promise<void>(resolve => client.whenRoom(resolve))
  await room()
  for (let index = 0; index < 60; index += 1) client.send(on(1, samples.keyframe(index, 10_000)))
  const received = take(server, 60)
  let questions = 0
  while (client.queuedBytes > 64 * 1024) {
    await room()
    questions += 1
    expect(client.queuedBytes).toBeLessThanOrEqual(128 * 1024)
  }
  expect(questions).toBeGreaterThan(0)
  expect(questions).toBeLessThan(60)
  expect(await received).toHaveLength(60)
  client.send(on(1, samples.keyframe(60, 10_000)))
  const ended = room()
  client.destroy()
  await ended
  await room()
})

it('pictures before a keyframe are given up soon after it, and headers never', async () => {
  const pair = await connected()
  const { client, server } = pair
  client.send(on(1, samples.videoHeader()))
  await take(server, 1)
  pair.loss = 1
  for (const picture of [samples.keyframe(1), samples.interframe(2), samples.keyframe(3), samples.videoHeader(4)])
    client.send(on(1, picture))
  const before = client.queuedBytes
  await expect.poll(() => client.queuedBytes, { timeout: 2_000 }).toBeLessThan(before - 2_400)
  pair.loss = 0
  const received = await take(server, 2)
  expect(received.map(({ timestamp, discontinuity }) => [timestamp, discontinuity])).toEqual([
    [3, true],
    [4, undefined],
  ])
}, 30_000)

it.each([
  ['a stream of sound alone', false, [true, undefined]],
  ['one with pictures, which wait for a keyframe', true, [undefined, undefined]],
] as const)(
  'after a gap in its sound, the next one says so: %s',
  async (_, hasVideo, expected) => {
    const pair = await connected()
    const { client, server } = pair
    client.send(on(1, samples.audio(1)))
    if (hasVideo) client.send(on(1, samples.keyframe(1)))
    await take(server, hasVideo ? 2 : 1)
    await expect.poll(() => client.queuedBytes).toBe(0)
    pair.loss = 1
    client.send(on(1, samples.audio(2)))
    await expect.poll(() => client.queuedBytes, { timeout: 4_000 }).toBe(0)
    expect(client.dropped).toBe(1)
    pair.loss = 0
    for (const timestamp of [3, 4]) client.send(on(1, samples.audio(timestamp)))
    const received = await take(server, 2)
    expect(received.map(({ timestamp }) => timestamp)).toEqual([3, 4])
    expect(received.map(({ discontinuity }) => discontinuity)).toEqual(expected)
  },
  30_000,
)

it('counts what it gave up as it was late, and what went with that', async () => {
  const pair = await connected()
  const { client, server } = pair
  client.send(on(1, samples.keyframe(1)))
  await take(server, 1)
  await expect.poll(() => client.queuedBytes).toBe(0)
  pair.loss = 1
  for (const timestamp of [2, 3, 4]) client.send(on(1, samples.interframe(timestamp)))
  await expect.poll(() => client.dropped, { timeout: 4_000 }).toBe(3)
  // What needs those is not even sent.
  client.send(on(1, samples.interframe(5)))
  expect(client.dropped).toBe(4)
  client.send(on(1, samples.keyframe(6)))
  client.destroy()
  expect(client.dropped).toBe(4)
}, 30_000)

it.each([
  ['too many flows', 'RTMP_ERR_RTMFP_FLOWS'],
  ['false acknowledgements', 'RTMP_ERR_RTMFP_ACKNOWLEDGEMENTS'],
  ['too much memory', 'RTMP_ERR_RTMFP_MEMORY'],
  ['no answer', 'RTMP_ERR_PING_TIMEOUT'],
] as const)('fails when its session ends by a limit: %s', async (why, code) => {
  const { server, responder } = await connected()
  const failed = once(server, 'error')
  responder.breakOff(why)
  expect(await failed).toMatchObject([{ code, message: `the session is over: ${why}` }])
})

it('pictures after a gap are not given out before the next keyframe, or 10 s of media', async () => {
  const pair = await connected()
  const { client, server } = pair
  client.send(on(1, samples.keyframe(1)))
  await take(server, 1)
  await expect.poll(() => client.queuedBytes).toBe(0)
  pair.loss = 1
  client.send(on(1, samples.disposable(2)))
  await expect.poll(() => client.queuedBytes, { timeout: 5_000 }).toBe(0)
  pair.loss = 0
  for (const timestamp of [3, 9_999, 10_003]) client.send(on(1, samples.interframe(timestamp)))
  client.send(on(1, samples.keyframe(10_040)))
  client.send(on(1, samples.interframe(10_080)))
  expect((await take(server, 3)).map(({ timestamp }) => timestamp)).toEqual([10_003, 10_040, 10_080])
}, 30_000)

it('sound that is sent after the first picture comes after it, and does not wait for any other', async () => {
  const { client, server } = await connected()
  client.send(on(1, samples.audioHeader()))
  await take(server, 1)
  for (const timestamp of [0, 40]) {
    client.send(on(1, samples.keyframe(timestamp, 100_000)))
    client.send(on(1, samples.audio(timestamp + 20)))
  }
  expect((await take(server, 4)).map(({ timestamp }) => timestamp)).toEqual([0, 20, 60, 40])
})

it('what was sent before the end arrives, and then the end', async () => {
  const { client, server } = await connected()
  for (let index = 0; index < 20; index += 1) client.send(on(1, samples.keyframe(index)))
  client.end()
  expect(await take(server, 20)).toHaveLength(20)
  const ended = new Promise(resolve => server.once('end', resolve))
  server.resume()
  await ended
  server.end()
  client.resume()
  await Promise.all([closed(client), closed(server)])
  expect([client.errored, server.errored]).toEqual([null, null])
})

it('a far end that is destroyed is seen to be gone', async () => {
  const { client, server } = await connected()
  server.on('error', () => {})
  server.destroy(new Error('thrown out'))
  await new Promise(resolve => client.resume().once('close', resolve))
  expect(client.errored).toBeNull()
  client.send(command(0, 'late'))
  expect(client.queuedBytes).toBe(0)
})

it('the flows of a stream that is deleted are closed', async () => {
  const { client, server, flows } = await connected()
  client.send(on(1, samples.audio(1)))
  await take(server, 1)
  const over = new Promise<boolean>(resolve => {
    const { onEnd } = flows[2] as ReceiveFlow
    ;(flows[2] as ReceiveFlow).onEnd = finished => {
      onEnd(finished)
      resolve(finished)
    }
  })
  client.send(command(0, 'deleteStream', null, 1))
  expect(await over).toBe(true)
})

it.each([
  ['deleteStream', command(0, 'deleteStream', null, 1)],
  ['FCUnpublish', command(0, 'FCUnpublish', null, 'name')],
])('%s that overtakes the last media waits for it', async (_, ending) => {
  const { server, initiator } = await connected()
  const media = (priority: 0 | 1) =>
    initiator.openFlow({
      metadata: flowMetadata({ streamId: 1, isUnordered: false }),
      association: 2,
      priority,
    })
  const control = initiator.openFlow({
    metadata: flowMetadata({ streamId: 0, isUnordered: false }),
    association: 2,
    priority: 7,
  })
  const [audio, video] = [media(1), media(0)]
  audio.write([Buffer.of(8, 0, 0, 0, 0), samples.audio(0).payload])
  video.write([Buffer.of(9, 0, 0, 0, 0), samples.keyframe(0).payload])
  await take(server, 2)
  const given = take(server, 3)
  control.write([Buffer.of(20, 0, 0, 0, 0), ending.payload])
  audio.write([Buffer.of(8, 0, 0, 0, 1), samples.audio(1).payload])
  video.write([Buffer.of(9, 0, 0, 0, 2), samples.keyframe(2).payload])
  audio.close()
  video.close()
  expect((await given).map(({ messageTypeId }) => messageTypeId)).toEqual([8, 9, 20])
})

it('a deleteStream does not wait for ever for flows that nobody closes', async () => {
  const { client, server, initiator } = await connected()
  const audio = initiator.openFlow({
    metadata: flowMetadata({ streamId: 1, isUnordered: false }),
    association: 2,
    priority: 1,
  })
  audio.write([Buffer.of(8, 0, 0, 0, 1), samples.audio(1).payload])
  await take(server, 1)
  client.send(command(0, 'deleteStream', null, 1))
  expect(await take(server, 1)).toMatchObject([{ messageTypeId: 20 }])
})

it('a writer that waits goes on when its stream is deleted', async () => {
  const { client, server } = await connected()
  let written = 0
  for (let index = 0; index < 40; index += 1) server.write(on(1, samples.keyframe(index, 50_000)), () => (written += 1))
  await new Promise<void>(resolve => client.once('readable', resolve))
  expect(written).toBeLessThan(40)
  client.send(command(0, 'deleteStream', null, 1))
  server.write(command(2, 'onStatus'))
  const told = new Promise<void>(resolve =>
    client.on('data', ({ messageStreamId }) => messageStreamId === 2 && resolve()),
  )
  await told
  expect(written).toBe(40)
})

it.each([
  ['sent', false],
  ['written', true],
] as const)(
  'a picture that is longer than the far end takes: others go on behind it, when they are %s',
  async (_, isKept) => {
    const { client, server } = await connected()
    const send = (message: RtmpMessage) => void (isKept ? client.write(on(1, message)) : client.send(on(1, message)))
    send(samples.videoHeader(0))
    send(samples.keyframe(1))
    await take(server, 2)
    const given: RtmpMessage[] = []
    server.on('data', message => given.push(message))
    send(samples.keyframe(2, 8 * 1024 * 1024 + 1))
    // Looked for often: what comes next has to come soon after.
    await expect.poll(() => client.dropped, { timeout: 20_000, interval: 1 }).toBe(1)
    for (const timestamp of [3, 400]) send(samples.keyframe(timestamp))
    send(samples.interframe(600))
    expect(client.dropped).toBe(4)
    send(samples.keyframe(601))
    send(samples.interframe(602))
    await expect.poll(() => given.map(({ timestamp }) => timestamp), { timeout: 5_000 }).toEqual([0, 601, 602])
    expect(given[0]?.payload).toEqual(samples.videoHeader(0).payload)
  },
  60_000,
)

it('a picture of 8 MiB arrives', async () => {
  const { client, server } = await connected()
  const picture = samples.keyframe(1, 8 * 1024 * 1024 - 1_000)
  client.write(on(1, picture))
  const [received] = await take(server, 1)
  expect(received?.payload.equals(picture.payload)).toBe(true)
}, 60_000)

it('32 streams of a connection play at once', async () => {
  const { client, server } = await connected()
  const streams = Array.from({ length: 32 }, (_, index) => index + 1)
  for (const stream of streams)
    for (const message of [command(stream, 'onStatus'), samples.audio(1), samples.keyframe(1)])
      server.send(on(stream, message))
  const received = await take(client, 96)
  expect(new Set(received.map(({ messageStreamId }) => messageStreamId)).size).toBe(32)
  expect(client.destroyed).toBe(false)
})

it('a client whose command is refused does not wait for its answer', async () => {
  const { client, server, responder } = await connected()
  const { onFlow } = responder
  responder.onFlow = flow => flow.metadata.at(-1) !== 9 && onFlow(flow)
  client.send(on(9, samples.metadata()))
  const failed = once(client, 'error')
  client.send(command(8, 'play', null, 'name'))
  await take(server, 1)
  client.send(command(9, 'play', null, 'name'))
  expect(await failed).toMatchObject([
    { code: 'RTMP_ERR_RTMFP_FLOWS', message: expect.stringContaining('fewer streams') },
  ])
})

it('what is said of a stream that is over needs no flow that stays', async () => {
  const { client, server, responder } = await connected()
  client.send(command(0, 'createStream'))
  server.send(on(1, samples.audio(1)))
  await take(client, 1)
  client.send(command(0, 'deleteStream', null, 1))
  await take(server, 2)
  await expect.poll(() => responder.flowCount).toBe(2)
  server.send(on(1, samples.audio(2)))
  server.send(command(1, 'onStatus'))
  expect(await take(client, 1)).toMatchObject([{ messageTypeId: 20, messageStreamId: 1 }])
  await expect.poll(() => responder.flowCount).toBe(2)
})

it.each(['initiator', 'responder'] as const)(
  'a session that is over keeps nothing of its connection: %s',
  async closes => {
    const pair = await connected()
    const { initiator, responder } = pair
    const weak = (() => {
      const { client, server } = pair
      // Something is on its way that never arrives.
      pair.loss = 1
      for (const connection of [client, server]) connection.send(on(1, samples.keyframe(1)))
      return [new WeakRef(client), new WeakRef(server)]
    })()
    await expect.poll(() => responder.bytesSent).toBeGreaterThan(1_000)
    pair.loss = 0
    // The far end hears of it, and its answer is lost.
    const [near, far] = closes === 'initiator' ? [initiator, responder] : [responder, initiator]
    const { receive } = near
    near.receive = () => false
    near.close()
    await expect.poll(() => far.isOpen).toBe(false)
    near.receive = receive
    open.length = 0
    pair.flows.length = 0
    delete (pair as Partial<typeof pair>).client
    delete (pair as Partial<typeof pair>).server
    const isGone = () => {
      collectGarbage()
      return weak.map(ref => ref.deref() === undefined)
    }
    await expect.poll(isGone).toEqual([true, true])
    expect([near.isUnheard, far.isUnheard]).toEqual([true, false])
  },
)
