import { cluster, MemoryFabric, MemoryHub } from '@rtmpipe/cluster'
import { http } from '@rtmpipe/http'
import { samples, take } from '@rtmpipe/testing'
import { ExchangeColleagues } from '@rtmpipe/transport-http-tunnel/server'
import { once } from 'node:events'
import { connect, createServer, type PlayStream, type PublishStream, type RtmpMessage } from 'rtmpipe'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { playWithFfmpeg, publishWithFfmpeg } from '../support/clients.ts'
import { tinyRecipe, makeMedia } from '../support/media.ts'
import { NatsServers } from '../support/nats-server.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'
import { RoundRobin } from '../support/round-robin.ts'
import { ServerProcess } from '../support/server-process.ts'

function kept<T extends AsyncDisposable>(one: T): T {
  onTestFinished(() => one[Symbol.asyncDispose]())
  return one
}

/** Servers in this process, at one hub. @returns their URLs of RTMPT */
async function inMemory(count: number): Promise<string[]> {
  const hub = new MemoryHub()
  const urls: string[] = []
  for (let index = 0; index < count; index++) {
    const fabric = new MemoryFabric(hub)
    const web = http({ port: 0 })
    const colleagues = new ExchangeColleagues(fabric.exchange)
    const transports = [web.tunnel({ name: `n${index}`, colleagues })]
    const server = createServer({ transports, plugins: [cluster(fabric), web] })
    const [listener] = await server.listen()
    onTestFinished(() => server.close())
    urls.push(`rtmpt://127.0.0.1:${listener?.address.port}`)
  }
  return urls
}

async function machine(nats: NatsServers, args: readonly string[] = []): Promise<ServerProcess> {
  return kept(await ServerProcess.start({ args: ['--cluster', nats.urls.join(','), ...args] }))
}

interface Clients {
  readonly publisher: PublishStream
  readonly plays: readonly PlayStream[]
}

/** A publisher and players, all of whose requests come to one server after the other. */
async function clientsOf(url: string): Promise<Clients> {
  const clients = await Promise.all(Array.from({ length: 4 }, () => connect(`${url}/live`)))
  onTestFinished(() => {
    for (const { messages } of clients) messages.destroy()
  })
  const [first, ...players] = clients
  const publisher = (await first?.publish('show')) as PublishStream
  publisher.on('error', () => {}).write(samples.keyframe(0))
  const plays = await Promise.all(players.map(player => player.play('show')))
  await Promise.all(
    plays.map(play =>
      take(
        play.on('error', () => {}),
        1,
      ),
    ),
  )
  return { publisher, plays }
}

function pictures(from: number, count: number, length = 2_000): RtmpMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    ...samples.interframe(from + index + 1),
    payload: Buffer.concat([samples.interframe(0).payload, Buffer.alloc(length, from + index)]),
  }))
}

async function expectExact({ publisher, plays }: Clients, sent: readonly RtmpMessage[]): Promise<void> {
  const received = Promise.all(plays.map(play => take(play, sent.length)))
  for (const message of sent) if (publisher.write(message) === false) await once(publisher, 'drain')
  for (const messages of await received)
    expect(messages.map(({ payload }) => Buffer.from(payload))).toEqual(sent.map(({ payload }) => payload))
}

/** What is published through the proxy is played through it, bit for bit. */
async function expectExactWithFfmpeg(url: string): Promise<void> {
  const media = await makeMedia(tinyRecipe)
  await using player = playWithFfmpeg('ffmpeg', `${url}/live/film`)
  await player.playing()
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${url}/live/film`, {
    args: ['-rtmp_flush_interval', '1'],
  })
  const received = player.finish()
  await publisher.finish()
  expectRelayed(await received, media, { fromStart: true })
}

// Two real machines and NATS take long to start where much else runs.
vi.setConfig({ testTimeout: 90_000 })

describe('requests by tunnel that come to one of two servers after the other', () => {
  test('are exact with servers of one MemoryFabric', async () => {
    const proxy = kept(await RoundRobin.start(await inMemory(2)))
    await expectExact(await clientsOf(proxy.url), [...pictures(0, 150), ...pictures(150, 1, 400_000)])
    expect([...proxy.names].toSorted()).toEqual(['n0', 'n1'])
  })

  test('are exact with servers of one MemoryFabric, from ffmpeg too', async context => {
    await requireClient(context, 'ffmpeg')
    const proxy = kept(await RoundRobin.start(await inMemory(2)))
    await expectExactWithFfmpeg(proxy.url)
  })

  test.for(['rtmpt', 'rtmpts'] as const)('are exact with rtmpipe serve --cluster, by %s', async (scheme, context) => {
    const nats = kept(await NatsServers.start(context))
    const machines = await Promise.all([machine(nats), machine(nats, ['--workers', '2'])])
    const proxy = kept(await RoundRobin.start(machines.map(({ urls }) => urls[scheme])))
    await expectExact(await clientsOf(proxy.url), [...pictures(0, 150), ...pictures(150, 1, 400_000)])
    expect(proxy.names.size).toBeGreaterThan(1)
  })

  test('are exact at one port for everything', async context => {
    const nats = kept(await NatsServers.start(context))
    const start = async () =>
      kept(await ServerProcess.start({ onePort: true, args: ['--cluster', nats.urls.join(',')] }))
    const machines = await Promise.all([start(), start()])
    const proxy = kept(await RoundRobin.start(machines.map(({ urls }) => urls.rtmpt)))
    await expectExact(await clientsOf(proxy.url), pictures(0, 50))
  })

  test('are exact over a second without NATS', async context => {
    const nats = kept(await NatsServers.start(context))
    const [here, there] = await Promise.all([machine(nats), machine(nats)])
    const proxy = kept(await RoundRobin.start([here.urls.rtmpt, there.urls.rtmpt]))
    const tunnelled = await connect(`${proxy.url}/live`)
    const publisher = await tunnelled.publish('show')
    expect([...proxy.names]).toEqual([nameIn(await open(here))])
    const local = await connect(`${here.urls.rtmp}/live`)
    onTestFinished(() => {
      for (const { messages } of [tunnelled, local]) messages.destroy()
    })
    publisher.write(samples.keyframe(0))
    const plays = [await local.play('show')]
    await take(plays[0] as PlayStream, 1)
    await expectExact({ publisher, plays }, pictures(0, 20))
    await nats.one.freeze()
    setTimeout(() => nats.one.thaw(), 1_000)
    await expectExact({ publisher, plays }, pictures(20, 40))
  })

  test('are told that their session is gone when its machine has died', async context => {
    const nats = kept(await NatsServers.start(context))
    const [here, there] = await Promise.all([machine(nats), machine(nats)])
    const id = await open(here)
    expect((await post(there, `/send/${id}/0`)).status).toBe(200)
    process.kill(here.pid, 'SIGKILL')
    await here.program.exited
    expect((await post(there, `/send/${id}/1`)).status).toBe(404)
  })
})

function post({ urls }: ServerProcess, path: string): Promise<Response> {
  return fetch(`${urls.rtmpt.replace('rtmpt', 'http')}${path}`, { method: 'POST', body: '\0' })
}

/** @returns the id of a session at that machine */
async function open(server: ServerProcess): Promise<string> {
  return (await (await post(server, '/open/1')).text()).trimEnd()
}

function nameIn(id: string): string {
  return id.slice(0, -51)
}
