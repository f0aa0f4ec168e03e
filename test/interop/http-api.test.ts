import { readdir } from 'node:fs/promises'
import { api, type HttpPlugin, http } from 'rtmpipe/http'
import { apiClient, type ApiClient, type ServerEvent } from 'rtmpipe/api-client'
import { record } from '@rtmpipe/plugins/record'
import { relayPush } from '@rtmpipe/plugins/relay'
import { connect, createServer, deny, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, test, type TestContext, vi } from 'vitest'
import { MarkdownFile } from '../docs/markdown.ts'
import { playWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { command } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

const token = 'the-token-of-the-test'

/** A server with everything that can be asked for, and ffmpeg that publishes to it. */
class Broadcast implements AsyncDisposable {
  readonly folder: TemporaryFolder
  readonly server: Server
  readonly rtmp: string
  readonly url: string
  readonly client: ApiClient
  readonly #publisher: AsyncDisposable

  static async start(context: TestContext): Promise<Broadcast> {
    await requireClient(context, 'ffmpeg')
    const media = await makeMedia(liveRecipe)
    const folder = await TemporaryFolder.create()
    const gate: Plugin = {
      name: 'gate',
      onPlay: ({ streamName }) => (streamName === 'private' ? deny('NetStream.Play.Failed', 'not for you') : undefined),
    }
    const web = http({
      port: 0,
      token,
      mount: [api()],
      drain: async options => server.drain(options),
      reload: async () => {},
      configuration: () => ({ record: { dir: '…' } }),
    })
    const plugins = [gate, record({ dir: folder.path, when: 'asked' }), relayPush({ connect }), web]
    const server: Server = createServer({ transports: [tcp({ port: 0 })], plugins })
    const [listener] = await server.listen()
    const rtmp = `rtmp://127.0.0.1:${listener?.address.port}`
    const args = words`-nostdin -v error -re -stream_loop -1 -i ${media.file} -c copy -f flv ${rtmp}/live/cam`
    const publisher = new RunningProgram({ name: 'ffmpeg as publisher', file: 'ffmpeg', args })
    const broadcast = new Broadcast(folder, server, rtmp, web, publisher)
    await broadcast.until(async client => (await client.streams({ isLive: true }))[0]?.codecs.length === 2)
    return broadcast
  }

  private constructor(
    folder: TemporaryFolder,
    server: Server,
    rtmp: string,
    web: HttpPlugin,
    publisher: AsyncDisposable,
  ) {
    this.folder = folder
    this.server = server
    this.rtmp = rtmp
    this.url = `http://127.0.0.1:${web.address?.port}`
    this.client = apiClient({ url: this.url, token })
    this.#publisher = publisher
  }

  /** Resolves when the server tells what is waited for. */
  async until(isTrue: (client: ApiClient) => Promise<boolean>): Promise<void> {
    await vi.waitFor(async () => expect(await isTrue(this.client), String(isTrue)).toBe(true), {
      timeout: 20_000,
      interval: 50,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#publisher[Symbol.asyncDispose]()
    await this.server.close()
    await this.folder[Symbol.asyncDispose]()
  }
}

/** Events as they come, with what is waited for. */
class Story implements Disposable {
  readonly events: ServerEvent[] = []
  readonly #abort = new AbortController()

  constructor(client: ApiClient) {
    void this.#read(client)
  }

  async until(...types: readonly ServerEvent['type'][]): Promise<void> {
    await vi.waitFor(() => expect(this.events.map(({ type }) => type)).toEqual(expect.arrayContaining([...types])), {
      timeout: 20_000,
    })
  }

  [Symbol.dispose](): void {
    this.#abort.abort()
  }

  async #read(client: ApiClient): Promise<void> {
    for await (const event of client.events({ signal: this.#abort.signal })) this.events.push(event)
  }
}

test('everything that the API reads and does, with ffmpeg as publisher and as player', async context => {
  await using broadcast = await Broadcast.start(context)
  await using far = createServer({ transports: [tcp({ port: 0 })] })
  const [{ address }] = (await far.listen()) as [Listener]
  const there = `rtmp://127.0.0.1:${address.port}`
  const { client, rtmp, folder, server } = broadcast
  await client.server()
  using story = new Story(client)
  await using _player = playWithFfmpeg('ffmpeg', `${rtmp}/live/cam?key=hunter2`)
  await broadcast.until(async client => (await client.players({ stream: 'live/cam' })).some(({ sent }) => sent > 0))

  expect(await client.server()).toMatchObject({ connections: 2, publishers: 1, players: 1, streams: 1 })
  const [stream] = await client.streams({ isLive: true })
  expect(stream).toMatchObject({
    id: 'live/cam',
    isPublishing: true,
    origin: 'publisher',
    viewers: 1,
    codecs: expect.arrayContaining([expect.objectContaining({ kind: 'video', codec: 'avc1' })]),
  })
  expect(await client.stream('live/cam')).toMatchObject({ publisher: stream?.publisher })
  const [play] = await client.players()
  expect(await client.player(play?.id ?? '')).toMatchObject({ app: 'live', name: 'cam', dropped: 0, isSlow: false })
  const publisher = await client.connection(stream?.publisher ?? '')
  expect(publisher).toMatchObject({ app: 'live', transport: 'rtmp', publishes: ['live/cam'], plays: [] })
  expect(await client.configuration()).toEqual({ record: { dir: '…' } })

  const refused = playWithFfmpeg('ffmpeg', `${rtmp}/live/private`)
  await refused.program.exited
  const [refusal] = await client.refusals({ what: 'play' })
  expect(refusal).toMatchObject({
    name: 'private',
    plugin: 'gate',
    code: 'NetStream.Play.Failed',
    reason: 'not for you',
  })

  const recording = await client.startRecording('live/cam')
  await broadcast.until(async client => ((await client.recordings())[0]?.bytes ?? 0) > 0)
  expect(await client.recordings({ stream: 'live/cam' })).toMatchObject([{ id: recording, by: 'record' }])
  await client.endRecording(recording ?? '')
  await broadcast.until(async client => (await client.recordings()).length === 0)
  expect(await readdir(folder.path, { recursive: true })).toContainEqual(expect.stringMatching(/cam-.*\.flv$/))

  const relay = await client.startRelay('live/cam', `${there}/copy/secret-key`)
  await broadcast.until(async client => (await client.relays({ state: 'running' })).length === 1)
  const [shown] = await client.relays()
  expect(shown).toMatchObject({ id: relay, stream: 'live/cam', direction: 'push' })
  expect(shown?.url).not.toContain('secret-key')
  await expect.poll(() => far.streams.get('copy', 'secret-key')?.isLive).toBe(true)
  await client.changeRelay(relay ?? '', `${there}/elsewhere/secret-key`)
  await vi.waitFor(() => expect(far.streams.get('elsewhere', 'secret-key')?.isLive).toBe(true), { timeout: 20_000 })
  const [changed] = await client.relays()
  await client.endRelay(changed?.id ?? '')
  await broadcast.until(async client => (await client.relays()).length === 0)

  await client.reload()
  await client.endPlayer(play?.id ?? '', { code: 'NetStream.Play.Stop', description: 'enough seen' })
  await broadcast.until(async client => (await client.players()).length === 0)
  await client.endStream('live/cam', { code: 'NetStream.Publish.Denied', description: 'the show is over' })
  await broadcast.until(async client => (await client.streams({ app: 'live', isPublishing: true })).length === 0)
  const idle = await connect(`${rtmp}/idle`)
  const [other] = await client.connections({ app: 'idle' })
  await client.endConnection(other?.id ?? '')
  await broadcast.until(async client => (await client.connections({ app: 'idle' })).length === 0)
  await idle.close()

  await story.until(
    'play.start',
    'refusal',
    'recording.start',
    'recording.end',
    'relay.change',
    'play.end',
    'publish.end',
  )
  expect(JSON.stringify([story.events, await client.players(), await client.connections()])).not.toMatch(
    /hunter2|secret-key/,
  )
  const ids = story.events.map(({ id }) => id)
  expect(ids).toEqual([...ids].sort((one, other) => one - other))
  await client.drain({ timeout: 1_000 })
  await expect.poll(() => server.isDraining).toBe(true)
})

test('the curl examples of docs/http-api.md', async context => {
  await requireCurl(context)
  await using broadcast = await Broadcast.start(context)
  const env = { URL: broadcast.url, TOKEN: token }
  const blocks = new MarkdownFile('docs/http-api.md').codeBlocks.filter(({ info }) => info.join(' ') === 'sh run')
  // What ends the stream and the server comes last.
  const [look, act, follow] = blocks.map(({ code }) => code)
  expect(blocks).toHaveLength(3)

  const seen = await run('bash', ['-ec', look ?? ''], { env })
  const answers = jsonTexts(seen.stdout)
  expect(answers).toMatchObject([
    { streams: 1 },
    { items: [{ id: 'live/cam' }], total: 1 },
    { id: 'live/cam' },
    { items: [], total: 0 },
  ])
  await run('bash', ['-ec', follow ?? ''], { env })
  const done = await run('bash', ['-ec', act ?? ''], { env })
  expect(jsonTexts(done.stdout)).toEqual([{ id: expect.any(String) }, { id: expect.any(String) }])
  await expect.poll(() => broadcast.server.isDraining).toBe(true)
})

test('rtmpipe status, kick and drain', async context => {
  await using broadcast = await Broadcast.start(context)
  const env = { RTMPIPE_URL: broadcast.url, RTMPIPE_ADMIN_TOKEN: token }
  const rtmpipe = async (...args: string[]) => (await run(process.execPath, [command, ...args], { env })).stdout
  const table = await rtmpipe('status')
  expect(table[0]).toMatch(/^rtmpipe \d+\.\d+\.\d+, up \d+\.\d s, 1 connection, 1 publisher, 0 viewers$/)
  expect(table.at(-1)).toMatch(/^live\/cam +\d+\.\d s +\d+(\.\d)? [kM]bit\/s +0 +0 +0 ms +0 +\d+p\d+ H\.264\+AAC$/)
  expect(await rtmpipe('kick', 'live/cam', '--description', 'good night')).toEqual(['stream live/cam has been ended'])
  // ffmpeg does not care for what it is told, so it has to go.
  await broadcast.until(async client => (await client.connections()).length === 0)
  expect(await rtmpipe('drain', '--timeout', '1s')).toEqual([
    expect.stringMatching(/^the server ends when all have left, in 1s at the latest: 0 connections now$/),
  ])
})

/** JSON values that stand one behind the other. */
function jsonTexts(lines: readonly string[]): unknown[] {
  return lines
    .join('\n')
    .replaceAll('}{', '}\n{')
    .split('\n')
    .filter(Boolean)
    .map(text => JSON.parse(text) as unknown)
}

async function requireCurl(context: TestContext): Promise<void> {
  const missing = await run('curl', ['--version']).then(
    () => undefined,
    (error: Error) => `curl is not available: ${error.message.split('\n')[0]}`,
  )
  if (missing === undefined) return
  if (process.env['CI'] !== undefined) throw new Error(missing)
  console.warn(`skipping ${context.task.name}: ${missing}`)
  context.skip(missing)
}
