import { once } from 'node:events'
import { isCodedVideo, isKeyframe } from '@rtmpipe/flv'
import { samples, sampleStream, take } from '@rtmpipe/testing'
import {
  connect,
  createServer,
  MessageType,
  PaceStage,
  type PlayStream,
  type PublishStream,
  rtmfp,
  type RtmpMessage,
  type Server,
  tcp,
} from 'rtmpipe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeMedia, liveRecipe } from '../support/media.ts'
import { type PacketList, packetsOf } from '../support/packets.ts'
import { expectRelayed } from '../support/relayed.ts'
import { command } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { TwoHosts } from '../support/two-hosts.ts'
import { UdpRelay } from '../support/udp-relay.ts'
import { words } from '../support/words.ts'

const badLine = { lost: 50, late: { share: 50, from: 4, to: 34 } }

let server: Server
let ports: { readonly tcp: number; readonly udp: number }
beforeAll(async () => {
  server = createServer({
    transports: [tcp({ port: 0 }), rtmfp({ port: 0 })],
    plugins: [{ name: 'echo', onCall: ({ args }) => args[0] }],
  })
  const [first, second] = await server.listen()
  ports = { tcp: first?.address.port ?? 0, udp: second?.address.port ?? 0 }
})
afterAll(() => server?.close())

describe.concurrent('on a line that loses 5 % and turns 5 % round', () => {
  test('commands and sound come whole, and of the pictures only ends of groups are missing', {
    timeout: 60_000,
  }, async () => {
    await using line = await UdpRelay.start(ports.udp, 17, badLine)
    await using playing = await connect(`rtmfp://127.0.0.1:${line.port}/live`)
    await using publishing = await connect(`rtmp://127.0.0.1:${ports.tcp}/live`)
    const player = await playing.play('bad')
    const publisher = await publishing.publish('bad')
    // Larger pictures than a packet, in 8 seconds of media.
    const sent = pictures(200, 10)
    const pace = new PaceStage()
    pace.pipe(publisher)
    for (const message of sent) pace.write(message)
    const answers = asked(80, n => playing.call('echo', n))
    pace.end()
    const got = await all(player)
    expect(await answers).toEqual(Array.from({ length: 80 }, (_, n) => n))
    expect(line.lost, 'datagrams that were lost').toBeGreaterThan(50)
    expect(line.late, 'datagrams that came late').toBeGreaterThan(50)
    expect(timesOf(MessageType.Audio, got)).toEqual(timesOf(MessageType.Audio, sent))
    expectDecodable(got, sent)
    const [came, all_] = [got, sent].map(list => list.filter(isPicture).length) as [number, number]
    console.log(`${came} of ${all_} pictures, ${line.lost} of ${line.passed} datagrams were lost, ${line.late} late`)
    expect(came).toBeGreaterThan(all_ / 2)
  })

  test('the same holds for what is published by it', { timeout: 60_000 }, async () => {
    await using line = await UdpRelay.start(ports.udp, 4, badLine)
    await using publishing = await connect(`rtmfp://127.0.0.1:${line.port}/live`)
    await using playing = await connect(`rtmp://127.0.0.1:${ports.tcp}/live`)
    const player = await playing.play('bad-publisher')
    const publisher = await publishing.publish('bad-publisher')
    const sent = pictures(100, 10)
    const pace = new PaceStage()
    pace.pipe(publisher)
    for (const message of sent) pace.write(message)
    pace.end()
    const got = await all(player)
    expect(line.lost, 'datagrams that were lost').toBeGreaterThan(20)
    expect(timesOf(MessageType.Audio, got)).toEqual(timesOf(MessageType.Audio, sent))
    expectDecodable(got, sent)
    expect(got.filter(isPicture).length).toBeGreaterThan(50)
  })
})

describe.concurrent('over a line', () => {
  test('where nothing gets through for 2.5 s, what comes afterwards can be decoded', { timeout: 60_000 }, async () => {
    await using line = await UdpRelay.start(ports.udp, 5)
    await using playing = await connect(`rtmfp://127.0.0.1:${line.port}/live`)
    await using publishing = await connect(`rtmp://127.0.0.1:${ports.tcp}/live`)
    const player = await playing.play('jam')
    const publisher = await publishing.publish('jam')
    const sent = pictures(150, 25)
    const pace = new PaceStage()
    pace.pipe(publisher)
    pace.on('data', ({ timestamp }: RtmpMessage) => {
      const isJam = timestamp > 1_500 && timestamp < 4_000
      line.faults = isJam ? { lost: 1_000 } : {}
    })
    for (const message of sent) pace.write(message)
    const answer = playing.call('echo', 'all the same')
    pace.end()
    const got = await all(player)
    expect(await answer).toBe('all the same')
    const [came, all_] = [got, sent].map(list => list.filter(isPicture)) as [RtmpMessage[], RtmpMessage[]]
    expect(came.length, 'pictures').toBeLessThan(all_.length)
    expect(came.at(-1)?.timestamp).toBe(all_.at(-1)?.timestamp)
    expectDecodable(got, sent)
  })

  test('that is too slow, sound comes whole, and pictures that can be decoded', { timeout: 60_000 }, async () => {
    await using line = await UdpRelay.start(ports.udp, 6, { bytesPerSecond: 125_000 })
    await using playing = await connect(`rtmfp://127.0.0.1:${line.port}/live`)
    await using publishing = await connect(`rtmp://127.0.0.1:${ports.tcp}/live`)
    const player = await playing.play('slow')
    const publisher = await publishing.publish('slow')
    // About 2.5 Mbit/s, and the line has 1.
    const sent = pictures(200, 25).map(message =>
      isPicture(message) ? { ...message, payload: Buffer.concat([message.payload, Buffer.alloc(9_000)]) } : message,
    )
    const pace = new PaceStage()
    pace.pipe(publisher)
    for (const message of sent) pace.write(message)
    pace.end()
    const got = await all(player)
    const [came, all_] = [got, sent].map(list => list.filter(isPicture).length) as [number, number]
    console.log(`${came} of ${all_} pictures over a line of 1 Mbit/s`)
    expect(came).toBeLessThan(all_)
    expect(came).toBeGreaterThan(all_ / 10)
    expect(timesOf(MessageType.Audio, got)).toEqual(timesOf(MessageType.Audio, sent))
    expectDecodable(got, sent)
  })
})

describe.concurrent('when addresses change under way', () => {
  test('a player goes on within a second', async () => {
    await using line = await UdpRelay.start(ports.udp, 1)
    await using playing = await connect(`rtmfp://127.0.0.1:${line.port}/live`)
    await using publishing = await connect(`rtmp://127.0.0.1:${ports.tcp}/live`)
    const player = await playing.play('moving')
    const publisher = await publishing.publish('moving')
    await using _media = endless(publisher)
    await take(player, 20)
    line.changeAddresses()
    const changed = performance.now()
    const fresh = await firstAfter(player, () => performance.now() > changed + 100)
    console.log(`it went on after ${Math.round(fresh - changed)} ms`)
    expect(fresh - changed).toBeLessThan(1_000)
    expect(await playing.call('echo', 1)).toBe(1)
  })

  test('a publisher goes on within a second', async () => {
    await using line = await UdpRelay.start(ports.udp, 1)
    await using publishing = await connect(`rtmfp://127.0.0.1:${line.port}/live`)
    await using playing = await connect(`rtmp://127.0.0.1:${ports.tcp}/live`)
    const player = await playing.play('moving-publisher')
    const publisher = await publishing.publish('moving-publisher')
    await using _media = endless(publisher)
    await take(player, 20)
    line.changeAddresses()
    const changed = performance.now()
    const fresh = await firstAfter(player, () => performance.now() > changed + 100)
    console.log(`it went on after ${Math.round(fresh - changed)} ms`)
    expect(fresh - changed).toBeLessThan(1_000)
  })
})

describe('between two machines', () => {
  test('the commands relay a file bit for bit, over RTMP and RTMFP', { timeout: 60_000 }, async context => {
    await using hosts = await TwoHosts.create().catch((error: Error) => {
      console.warn(`skipping ${context.task.name}: no network namespaces here: ${error.message.split('\n')[0]}`)
      return context.skip('no network namespaces here')
    })
    await using folder = await TemporaryFolder.create()
    const media = await makeMedia(liveRecipe)
    const run = (end: 'server' | 'client', ...args: readonly string[]) =>
      hosts.run(end, { name: `rtmpipe ${args[0]}`, file: process.execPath, args: [command, ...args], limit: 50_000 })
    await using server = run(
      'server',
      ...words`serve --host ${TwoHosts.serverAddress} --rtmps off --rtmpt off --rtmpts off --rtmfp --data ${folder.path}`,
    )
    await server.waitForLine(/^rtmpipe ready$/)
    const schemes = ['rtmp', 'rtmfp']
    const ways = schemes.flatMap(from => schemes.map(to => ({ from, to })))
    const relayed = async ({ from, to }: (typeof ways)[number]) => {
      const name = `${from}-${to}`
      const url = (scheme: string) => `${scheme}://${TwoHosts.serverAddress}/live/${name}`
      const copy = folder.file(`${name}.flv`)
      await using player = run('client', 'play', url(to), '-o', copy)
      await server.waitForLine(new RegExp(`"stream":"${name}".*"play started"`))
      await using publisher = run('client', 'publish', media.file, url(from))
      await publisher.finish(0)
      await player.finish(0)
      expectRelayed(await packetsOf(copy), media, { fromStart: true })
    }
    await Promise.all(ways.map(relayed))
    // As fast as it goes, a file comes whole too.
    const copy = folder.file('fast.flv')
    const url = `rtmfp://${TwoHosts.serverAddress}/live/fast`
    await using player = run('client', 'play', url, '-o', copy)
    await server.waitForLine(/"stream":"fast".*"play started"/)
    await using publisher = run('client', 'publish', media.file, url, '--no-realtime')
    await publisher.finish(0)
    await player.finish(0)
    expect(hashesOf(await packetsOf(copy))).toEqual(hashesOf(media))
  })
})

function hashesOf({ packets }: PacketList): Record<string, string[]> {
  const of = (kind: string) => packets.filter(({ media }) => media === kind).map(({ hash }) => hash)
  return { audio: of('audio'), video: of('video') }
}

/** Pictures 40 ms apart of up to 6 KB, with sound between them. */
function pictures(count: number, gop: number): RtmpMessage[] {
  return sampleStream(count, gop).map(message => {
    if (!isPicture(message)) return message
    const { timestamp, payload } = message
    return isKeyframe(payload) ? samples.keyframe(timestamp, 6_000) : samples.interframe(timestamp, 3_000)
  })
}

function isPicture({ messageTypeId, payload }: RtmpMessage): boolean {
  return messageTypeId === MessageType.Video && isCodedVideo(payload)
}

function timesOf(type: number, messages: readonly RtmpMessage[]): string[] {
  return messages
    .filter(({ messageTypeId }) => messageTypeId === type)
    .map(({ timestamp, payload }) => `${timestamp} ${payload.length}`)
}

/** No picture comes whose group has lost one before it. */
function expectDecodable(got: readonly RtmpMessage[], sent: readonly RtmpMessage[]): void {
  const order = sent.filter(isPicture).map(({ timestamp }) => timestamp)
  let expected = -1
  for (const { timestamp, payload } of got.filter(isPicture)) {
    const place = order.indexOf(timestamp)
    if (!isKeyframe(payload)) expect(place, `the picture of ${timestamp} ms needs the one before it`).toBe(expected)
    expected = place + 1
  }
}

async function all(player: PlayStream): Promise<RtmpMessage[]> {
  const got: RtmpMessage[] = []
  player.on('data', message => got.push(message))
  await once(player, 'end')
  return got
}

async function asked<T>(count: number, ask: (n: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = []
  for (let n = 0; n < count; n += 1) answers.push(await ask(n))
  return answers
}

/** When the first message came for which that holds. */
function firstAfter(player: PlayStream, isFresh: () => boolean): Promise<number> {
  return new Promise(resolve => {
    player.on('data', () => {
      if (isFresh()) resolve(performance.now())
    })
  })
}

/** Publishes pictures and sound in real time until it is disposed of. */
function endless(publisher: PublishStream): AsyncDisposable {
  let index = 0
  const timer = setInterval(() => {
    const timestamp = index * 20
    publisher.write(index % 25 === 0 ? samples.keyframe(timestamp) : samples.interframe(timestamp))
    publisher.write(samples.audio(timestamp))
    index += 1
  }, 20)
  return { [Symbol.asyncDispose]: async () => clearInterval(timer) }
}
