import { writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { samples, send, take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import {
  connect,
  createSelfSignedCertificate,
  createServer,
  type Listener,
  type PlayStream,
  type PublishStream,
  type RtmpClient,
  type RtmpMessage,
  tcp,
} from '../../src/index.ts'

interface LogLine {
  readonly msg: string
  readonly changed?: readonly string[]
  readonly problems?: readonly string[]
  readonly settings?: readonly string[]
}

/** `rtmpipe serve` with a configuration file that changes. */
class ConfiguredServer implements AsyncDisposable {
  readonly process: ServerProcess
  readonly folder: TemporaryFolder
  readonly #file: string
  readonly #clients: RtmpClient[] = []
  #reloads = 0

  private constructor(process: ServerProcess, folder: TemporaryFolder, file: string) {
    this.process = process
    this.folder = folder
    this.#file = file
  }

  static async start(name: string, text: string, args: readonly string[] = []): Promise<ConfiguredServer> {
    const folder = await TemporaryFolder.create()
    const file = folder.file(name)
    await writeFile(file, text)
    return new ConfiguredServer(await ServerProcess.start({ args: ['--config', file, ...args] }), folder, file)
  }

  async connect(): Promise<RtmpClient> {
    const client = await connect(`${this.process.urls.rtmp}/live`)
    this.#clients.push(client)
    return client
  }

  async mayPublish(name: string): Promise<boolean> {
    const client = await this.connect()
    try {
      await client.publish(name)
      return true
    } catch (error) {
      expect(error).toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
      return false
    } finally {
      await client.close()
    }
  }

  /** Writes another configuration; resolves with what the server says to it. */
  async reload(text?: string): Promise<LogLine> {
    if (text !== undefined) await writeFile(this.#file, text)
    this.#reloads += 1
    let seen = 0
    this.process.program.kill('SIGHUP')
    // Of the primary: workers tell what happened in them as well.
    const pattern =
      /^\{(?!.*"worker":).*"msg":"(?:configuration read again|the configuration (?:can not be|is) taken over).*\}$/
    const [line] = await this.process.program.waitForLine(pattern, () => ++seen === this.#reloads)
    return JSON.parse(line) as LogLine
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(client => client.close()))
    await this.process[Symbol.asyncDispose]()
    await this.folder[Symbol.asyncDispose]()
  }
}

/** A publisher and a player, and whether what one sends has all reached the other. */
class Pair {
  readonly publisher: PublishStream
  readonly player: PlayStream
  #time = 0

  private constructor(publisher: PublishStream, player: PlayStream) {
    this.publisher = publisher
    this.player = player
  }

  static async at(server: ConfiguredServer, name: string): Promise<Pair> {
    const player = await (await server.connect()).play(name.replace(/\?.*/, ''))
    const pair = new Pair(await (await server.connect()).publish(name), player)
    // From then on they are joined, in whichever processes they are.
    await pair.relay(1)
    return pair
  }

  /** Sends pictures, and wants every one of them. */
  async relay(count: number): Promise<void> {
    const sent = Array.from({ length: count }, () => samples.keyframe((this.#time += 40)))
    await send(this.publisher, sent)
    const came = await take(this.player, count)
    expect(came.map(({ timestamp }: RtmpMessage) => timestamp)).toEqual(sent.map(({ timestamp }) => timestamp))
  }
}

function withKeys(keys: readonly string[], more = ''): string {
  return `import { defineConfig } from 'rtmpipe/config'
export default defineConfig({
  auth: { publishKeys: { keys: ${JSON.stringify(keys)} } },
  ${more}
})`
}

describe.concurrent('SIGHUP', () => {
  it('brings a new key for newcomers, and loses no message of those who are there', async () => {
    await using server = await ConfiguredServer.start('rtmpipe.config.ts', withKeys(['one']))
    const pair = await Pair.at(server, 'name?key=one')
    await pair.relay(20)

    expect(await server.reload(withKeys(['two'], "record: { dir: 'x', format: 'avi' },"))).toMatchObject({
      level: 50,
      problems: [expect.stringMatching(/rtmpipe\.config\.ts: record\.format: expected flv or mp4, got "avi"$/)],
    })
    expect(await server.mayPublish('other?key=one')).toBe(true)
    await pair.relay(20)

    const told = server.reload(withKeys(['two']))
    await pair.relay(20)
    expect(await told).toMatchObject({ level: 30, changed: ['auth.publishKeys'] })
    await pair.relay(20)
    expect(await server.mayPublish('other?key=one')).toBe(false)
    expect(await server.mayPublish('other?key=two')).toBe(true)

    expect(await server.reload('export default {')).toMatchObject({
      problems: [expect.stringMatching(/\.ts:1:17: Unexpected/)],
    })
    expect(await server.mayPublish('other?key=two')).toBe(true)
    await pair.relay(20)
  })

  it('takes plugins of one’s own anew, for newcomers', async () => {
    const version = (number: number) =>
      `export default { plugins: [class { name = 'version'; onCall() { return ${number} } }] }`
    await using server = await ConfiguredServer.start('c.mjs', version(1))
    const client = await server.connect()
    expect(await client.call('version')).toBe(1)
    expect(await server.reload(version(2))).toMatchObject({ changed: ['plugins'] })
    expect(await client.call('version')).toBe(1)
    expect(await (await server.connect()).call('version')).toBe(2)
  })

  it('that fails has no effect: quotas go on counting', async () => {
    const config = (viewersPerStream: number, hook: string) =>
      `export default { quotas: { viewersPerStream: ${viewersPerStream} }, plugins: [{ name: 'own', ${hook}() {} }] }`
    await using server = await ConfiguredServer.start('c.mjs', config(1, 'onPlay'))
    await (await server.connect()).play('name')
    const second = async () => (await server.connect()).play('name')
    await expect(second()).rejects.toMatchObject({ statusCode: expect.any(String) })
    expect(await server.reload(config(2, 'onPley'))).toMatchObject({
      problems: ['plugin own: there is no hook onPley, did you mean onPlay?'],
    })
    await expect(second()).rejects.toMatchObject({ statusCode: expect.any(String) })
    expect(await server.reload(config(1, 'onPlay'))).toMatchObject({ changed: ['plugins'] })
    await expect(second()).rejects.toMatchObject({ statusCode: expect.any(String) })
  })

  it('leaves a push alone whose section is as it was', async () => {
    const publishes: string[] = []
    await using there = createServer({
      transports: [tcp({ port: 0 })],
      plugins: [{ name: 'count', onPublishStart: ({ streamName }) => void publishes.push(streamName) }],
    })
    const [{ address }] = (await there.listen()) as [Listener]
    const to = `rtmp://127.0.0.1:${address.port}/copy`
    const config = (bitrate: number) => JSON.stringify({ relay: { push: { to: [to] } }, quotas: { bitrate } })
    await using server = await ConfiguredServer.start('c.json', config(50_000_000))
    const far = await connect(to)
    const copy = await far.play('name')
    const publisher = await (await server.connect()).publish('name')
    await send(publisher, [samples.keyframe(0)])
    await take(copy, 1)
    expect(await server.reload(config(60_000_000))).toMatchObject({ changed: ['quotas'] })
    await send(publisher, [samples.keyframe(40), samples.keyframe(80)])
    expect((await take(copy, 2)).map(({ timestamp }) => timestamp)).toEqual([40, 80])
    expect(publishes).toEqual(['name'])
    await far.close()
  })

  it('changes log level and certificate at once, and says what needs a restart', async () => {
    await using files = await TemporaryFolder.create()
    const { cert, key } = await createSelfSignedCertificate()
    await writeFile(files.file('cert.pem'), cert)
    await writeFile(files.file('key.pem'), key)
    const certificate = { cert: files.file('cert.pem'), key: files.file('key.pem') }
    await using server = await ConfiguredServer.start('c.json', '{}')
    const { program, urls } = server.process
    const rtmps = Number(new URL(urls.rtmps).port)
    const before = await certificateAt(rtmps)
    const changed = { certificate, logLevel: 'debug', mergeWindow: 0, host: '::1', rtmp: 1935 }
    expect(await server.reload(JSON.stringify(changed))).toMatchObject({ changed: ['logLevel', 'certificate'] })
    // What the command line says has not changed.
    const [line] = await program.waitForLine(/^\{.*takes effect after a restart.*\}$/)
    expect(JSON.parse(line)).toMatchObject({ level: 40, settings: ['host', 'mergeWindow'] })
    expect(await certificateAt(rtmps)).not.toBe(before)
    await (await server.connect()).close()
    await program.waitForLine(/^\{"level":20,/)

    await writeFile(files.file('key.pem'), 'no key')
    expect(await server.reload()).toMatchObject({
      problems: [expect.stringContaining('expected a private key in PEM format')],
    })
    expect(await server.reload('{}')).toMatchObject({ changed: ['logLevel', 'certificate'] })
    expect(await certificateAt(rtmps)).toBe(before)
  })

  it('reaches all workers', async () => {
    await using server = await ConfiguredServer.start('c.ts', withKeys(['one']), ['--workers', '2'])
    const pair = await Pair.at(server, 'name?key=one')
    await pair.relay(10)
    expect(await server.reload(withKeys(['two'], "plugins: [{ name: 'own', onCall: () => 'here' }],"))).toMatchObject({
      changed: ['auth.publishKeys', 'plugins'],
    })
    await pair.relay(10)
    for (let client = 0; client < 4; client++) {
      expect(await server.mayPublish(`other${client}?key=one`)).toBe(false)
      expect(await server.mayPublish(`other${client}?key=two`)).toBe(true)
      expect(await (await server.connect()).call('anything')).toBe('here')
    }
  })

  it.each([1, 2])('says that it has not taken over what can not be made; workers: %i', async workers => {
    await using server = await ConfiguredServer.start('c.ts', withKeys(['one']), ['--workers', String(workers)])
    const broken = "plugins: [class { name = 'own'; constructor() { throw new Error('no database') } }],"
    expect(await server.reload(withKeys(['two'], broken))).toMatchObject({ level: 50, problems: ['no database'] })
    expect(await server.mayPublish('name?key=one')).toBe(true)
    expect(await server.reload(withKeys(['two']))).toMatchObject({ level: 30, changed: ['auth.publishKeys'] })
    expect(await server.mayPublish('name?key=two')).toBe(true)
  })

  it('keeps what it has when the new can not be had with the workers that there are', async () => {
    await using server = await ConfiguredServer.start('c.ts', withKeys(['one'], 'workers: 2,'))
    const problem = 'publisherReturn.policy: takeover works in one process only: set workers to 1, or policy to refuse'
    const takeover = "publisherReturn: { policy: 'takeover' },"
    const refused = await server.reload(withKeys(['two'], `workers: 2, ${takeover}`))
    expect(refused).toMatchObject({ level: 50, problems: [expect.stringContaining(problem)] })
    // It would be right after a restart.
    expect(await server.reload(withKeys(['two'], `workers: 1, ${takeover}`))).toMatchObject({ problems: [problem] })
    expect(await server.mayPublish('name?key=one')).toBe(true)
    expect(await server.mayPublish('name?key=two')).toBe(false)
  })

  it('says so when some of the workers have not taken it over', async () => {
    await using server = await ConfiguredServer.start('c.ts', withKeys(['one']), ['--workers', '2'])
    const broken = `plugins: [class {
      name = 'own'
      constructor() { if (process.env.RTMPIPE_WORKER_SLOT === '1') throw new Error('no database') }
    }],`
    expect(await server.reload(withKeys(['two'], broken))).toMatchObject({
      level: 50,
      msg: expect.stringContaining('taken over in part'),
      problems: ['1 of 2 workers stays as it was: no database'],
    })
    expect(await server.reload(withKeys(['two']))).toMatchObject({ level: 30, changed: ['auth.publishKeys'] })
    for (let client = 0; client < 4; client++) {
      expect(await server.mayPublish(`name${client}?key=one`)).toBe(false)
      expect(await server.mayPublish(`name${client}?key=two`)).toBe(true)
    }
  })

  it('does nothing, and no harm, where there is no file', async () => {
    await using server = await ServerProcess.start({ env: { RTMPIPE_MERGE_WINDOW: '0' } })
    const client = await connect(`${server.urls.rtmp}/live`)
    server.program.kill('SIGHUP')
    const [line] = await server.program.waitForLine(/^\{.*configuration read again.*\}$/)
    expect(JSON.parse(line)).toMatchObject({ changed: [] })
    await client.publish('name')
    await client.close()
    await server.stop()
  })
})

async function certificateAt(port: number): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}
