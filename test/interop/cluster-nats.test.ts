import { writeFile } from 'node:fs/promises'
import {
  connect,
  type PlayStream,
  type PublishStream,
  type RtmpClient,
  type RtmpMessage,
  type StatusError,
} from 'rtmpipe'
import { samples, sampleStream, take } from '@rtmpipe/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { isForSeveral, natsBinaries, NatsServers } from '../support/nats-server.ts'
import { RunningProgram } from '../support/running-program.ts'
import { command, ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { WorkerServer } from '../workers/support/worker-server.ts'

const headers = [samples.metadata(), samples.audioHeader(), samples.videoHeader()]
const media = sampleStream(100).slice(3)

const open: AsyncDisposable[] = []
const clients: RtmpClient[] = []
afterEach(async () => {
  for (const { messages } of clients.splice(0)) messages.destroy()
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

function kept<T extends AsyncDisposable>(one: T): T {
  open.push(one)
  return one
}

async function machine(servers: readonly string[], args: readonly string[] = []): Promise<ServerProcess> {
  return kept(await ServerProcess.start({ args: ['--cluster', servers.join(','), ...args] }))
}

async function client({ urls }: ServerProcess): Promise<RtmpClient> {
  const made = await connect(`${urls.rtmp}/live`)
  clients.push(made)
  return made
}

async function play(server: ServerProcess, name: string): Promise<PlayStream> {
  return (await (await client(server)).play(name, { follow: true })).on('error', () => {})
}

async function publish(server: ServerProcess, name: string): Promise<PublishStream> {
  return (await (await client(server)).publish(name)).on('error', () => {})
}

function write(publisher: PublishStream, messages: readonly RtmpMessage[]): void {
  for (const message of messages) publisher.write(message)
}

const essence = (messages: readonly { timestamp: number; payload: Buffer }[]): unknown =>
  messages.map(({ payload }) => payload.toString('base64'))

/** What the command says about wrong settings, and its exit code. */
async function refusal(args: readonly string[]): Promise<string> {
  await using program = new RunningProgram({ file: process.execPath, args: [command, 'serve', ...args] })
  const { code, stderr } = await program.exited
  expect(code).toBe(2)
  return stderr.join('\n')
}

describe('rtmpipe serve --cluster', () => {
  test('makes one set of streams of two machines', async context => {
    const nats = kept(await NatsServers.start(context))
    const [here, there] = [await machine(nats.urls), await machine(nats.urls)]
    const waiting = await play(there, 'show')
    const publisher = await publish(here, 'show')
    write(publisher, headers)
    expect(essence(await take(waiting, 3))).toEqual(essence(headers))
    write(publisher, media)
    expect(essence(await take(waiting, media.length))).toEqual(essence(media))
    const late = await play(there, 'show')
    expect(essence((await take(late, 23)).slice(3))).toEqual(essence(media.slice(-20)))
    const refused = (await publish(there, 'show').catch((error: unknown) => error)) as StatusError
    expect(refused.statusCode).toBe('NetStream.Publish.BadName')
    publisher.end()
    await here.program.waitForLine(/"stream":"show".*"publish ended"/)
    write(await publish(there, 'show'), headers)
    expect(essence(await take(waiting, 3))).toEqual(essence(headers))
  })

  test('goes on when the machine of the publisher dies, with what is published elsewhere', async context => {
    const nats = kept(await NatsServers.start(context))
    const [here, there] = [await machine(nats.urls), await machine(nats.urls)]
    const player = await play(there, 'show')
    write(await publish(here, 'show'), headers)
    await take(player, 3)
    process.kill(here.pid, 'SIGKILL')
    await here.program.exited
    const began = performance.now()
    write(await publish(there, 'show'), headers)
    await take(player, 3)
    // At once, where nothing else runs.
    expect(performance.now() - began).toBeLessThan(4_000)
  })

  test('starts without NATS, says so without the password, and joins the others when it is there', async context => {
    const nats = kept(await NatsServers.start(context, { config: 'authorization { user: node, password: hunter2 }\n' }))
    await nats.one.kill()
    const urls = [`nats://node:hunter2@127.0.0.1:${nats.one.port}`]
    const [here, there] = await Promise.all([machine(urls), machine(urls)])
    await here.program.waitForLine(new RegExp(`"127.0.0.1:${nats.one.port}".*can not connect to the NATS server`))
    await here.program.waitForLine(/NATS is not there yet/)
    await nats.one.start()
    const player = await play(there, 'show')
    await expect
      .poll(() => publish(here, 'show').then(made => write(made, headers)), { timeout: 10_000 })
      .toBe(undefined)
    expect(await take(player, 3)).toHaveLength(3)
    // Its second line is the command's.
    const said = [here, there].map(({ program }) => program.failure().message.split('\n').slice(2).join('\n'))
    for (const text of said) expect(text).not.toContain('hunter2')
  })

  test('has its streams back when NATS was away', async context => {
    const nats = kept(await NatsServers.start(context))
    const [here, there] = [await machine(nats.urls), await machine(nats.urls)]
    const [player, local] = [await play(there, 'show'), await play(here, 'show')]
    const publisher = await publish(here, 'show')
    write(publisher, headers)
    await Promise.all([take(player, 3), take(local, 3)])
    await nats.one.kill()
    await here.program.waitForLine(/connection to the NATS server is lost/)
    write(publisher, media.slice(0, 40))
    // Who watches at the same machine does not notice.
    expect(await take(local, 40)).toHaveLength(40)
    await nats.one.start()
    const began = performance.now()
    const again = take(player, 1)
    const going = setInterval(() => publisher.write(samples.keyframe(10_000)), 100)
    try {
      expect(await again).toHaveLength(1)
      expect(performance.now() - began).toBeLessThan(6_000)
    } finally {
      clearInterval(going)
    }
  })

  test('goes together with --workers: a stream comes to a machine once, and to all its workers', async context => {
    const nats = kept(await NatsServers.start(context))
    const here = await machine(nats.urls)
    const there = kept(await WorkerServer.start(2, { args: ['--cluster', nats.urls.join(',')] }))
    const players = [await there.playOn(0, 'show'), await there.playOn(1, 'show')]
    const publisher = await publish(here, 'show')
    write(publisher, headers)
    for (const player of players) expect(essence(await take(player, 3))).toEqual(essence(headers))
    write(publisher, media)
    for (const player of players) expect(essence(await take(player, media.length))).toEqual(essence(media))
    const back = await play(here, 'back')
    write(await there.publishOn(1, 'back'), headers)
    expect(await take(back, 3)).toHaveLength(3)
    await expect(publish(here, 'back')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
  })

  test('refuses what can not be meant, and says what to do', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('rtmpipe.config.json')
    const cluster = { nats: { servers: ['nats://127.0.0.1'] } }
    await writeFile(file, JSON.stringify({ cluster, publisherReturn: { policy: 'takeover' } }))
    const asked = [
      refusal(['--cluster', 'nats://nats.example:4222']),
      refusal(['--cluster', 'http://me:hunter2@127.0.0.1']),
      refusal(['--config', file]),
    ]
    const [secret, address, takeover] = (await Promise.all(asked)) as [string, string, string]
    expect(secret).toContain('give the cluster a secret, the same for all nodes')
    expect(address).toContain('no address like nats://host:4222')
    expect(address).not.toContain('hunter2')
    expect(takeover).toContain('leave cluster out, or set policy to refuse')
  })

  test('refuses servers that are too old to keep names together', async context => {
    const binary = natsBinaries().find(each => !isForSeveral(each))
    if (binary === undefined) return context.skip('there is no nats-server before 2.10')
    const nats = kept(await NatsServers.start(context, { count: 3, binary }))
    const port = await freePort()
    const said = await refusal(['--cluster', nats.urls.join(','), '--port', String(port)])
    expect(said).toMatch(/is 2\.9\.\d+, and servers before 2\.10 .* update all of them/)
  })
})
