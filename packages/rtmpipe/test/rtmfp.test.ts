import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { publishKeys } from '@rtmpipe/plugins/auth'
import { record } from '@rtmpipe/plugins/record'
import { relayPull, relayPush } from '@rtmpipe/plugins/relay'
import { vod } from '@rtmpipe/plugins/vod'
import { sampleStream, samples, take } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../test/support/free-port.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import {
  type ClientSharedObject,
  connect,
  type ConnectionInfo,
  createServer,
  MessageType,
  type PlayStream,
  type Plugin,
  rtmfp,
  type RtmpMessage,
  type Server,
  type ServerOptions,
  tcp,
} from '../src/index.ts'
import { readFlv, writeFlv } from './support/flv.ts'
import { essence } from './support/messages.ts'
import { Watch } from './support/watch.ts'

const schemes = ['rtmp', 'rtmfp'] as const

/** A server in this process that listens for both, and its URLs of the application `live`. */
async function listen(options: Partial<ServerOptions> = {}): Promise<{ server: Server; urls: Record<string, string> }> {
  const server = createServer({ mergeWindow: 0, ...options, transports: [tcp({ port: 0 }), rtmfp({ port: 0 })] })
  const listeners = await server.listen()
  const urls = listeners.map(({ scheme, address }) => [scheme, `${scheme}://127.0.0.1:${address.port}/live`])
  return { server, urls: Object.fromEntries(urls) as Record<string, string> }
}

/** Short enough to be read when it differs. */
function hashed(text: string): string {
  const [type, time, payload = ''] = text.split(' ')
  return `${type} ${time} ${createHash('md5').update(payload).digest('hex').slice(0, 8)}`
}

/** Audio, video and data go by flows of their own, each in its order; between them there is none. */
function byKind(messages: readonly RtmpMessage[]): Record<string, string[]> {
  const of = (type: number) => essence(messages.filter(({ messageTypeId }) => messageTypeId === type)).map(hashed)
  return { audio: of(MessageType.Audio), video: of(MessageType.Video), data: of(MessageType.DataAmf0) }
}

let server: Server
let urls: Record<string, string>
beforeAll(async () => void ({ server, urls } = await listen()))
afterAll(() => server?.close())

const ways = schemes.flatMap(from => schemes.map(to => ({ from, to })))

describe.each(ways)('from $from to $to', ({ from, to }) => {
  it('a stream comes bit for bit', async () => {
    await using publishing = await connect(urls[from] ?? '')
    await using playing = await connect(urls[to] ?? '')
    const name = `${from}-${to}`
    const player = await playing.play(name)
    const publisher = await publishing.publish(name)
    const sent = sampleStream(25, 10)
    for (const message of sent) publisher.write(message)
    expect(byKind(await take(player, sent.length))).toEqual(byKind(sent))
    publisher.end()
    await ended(player)
  })

  it('who comes late begins at a keyframe with the headers', async () => {
    await using publishing = await connect(urls[from] ?? '')
    await using playing = await connect(urls[to] ?? '')
    const name = `late-${from}-${to}`
    const player = await playing.play(name)
    const publisher = await publishing.publish(name)
    const sent = sampleStream(25, 10)
    // In real time: what is sent at once comes sound first.
    for (const message of sent) {
      publisher.write(message)
      expect(essence(await take(player, 1))).toEqual(essence([message]))
    }
    const late = await playing.play(name)
    const group = sent.filter(({ timestamp }) => timestamp >= 800)
    const expected = [samples.metadata(), samples.audioHeader(800), samples.videoHeader(800), ...group]
    expect(byKind(await take(late, expected.length))).toEqual(byKind(expected))

    const ends = [player, late].map(stream => ended(stream))
    publisher.end()
    await Promise.all(ends)
  })
})

describe('a client', () => {
  it('calls the server, is called, and tells by which way it has come', async () => {
    let peer: ConnectionInfo | undefined
    const plugin: Plugin = {
      name: 'calls',
      onConnect: ({ connection }) => void (peer = connection),
      onCall: ({ method, args }) => (method === 'double' ? Number(args[0]) * 2 : undefined),
    }
    const { server, urls } = await listen({ plugins: [plugin] })
    await using client = await connect(urls['rtmfp'] ?? '', {
      onCall: (_method, [first]) => `hello ${first as string}`,
    })
    expect(await client.call('double', 21)).toBe(42)
    expect(await peer?.call('greet', 'server')).toBe('hello server')
    expect(client.transport).toBe('rtmfp')
    expect(client.attempts).toEqual([{ url: urls['rtmfp']?.replace('/live', '') }])
    expect(peer).toMatchObject({ transport: 'rtmfp', secure: true, app: 'live', tcUrl: urls['rtmfp'] })
    expect(peer?.remote).toMatchObject({ address: '127.0.0.1' })
    await client.close()
    await server.close()
  })

  it('shares objects with clients over RTMP', async () => {
    await using one = await connect(urls['rtmfp'] ?? '')
    await using other = await connect(urls['rtmp'] ?? '')
    const [here, there] = [await one.sharedObject('chat'), await other.sharedObject('chat')]
    here.set('topic', 'weather')
    await became(there, 'weather')
    there.set('topic', 'rain')
    await became(here, 'rain')
  })

  it('goes where a server that ends sends it, and what it publishes goes on there', async () => {
    const [from, to] = [await listen(), await listen()]
    const client = await connect(from.urls['rtmfp'] ?? '')
    const stream = await client.publish('name')
    const moved = once(client, 'reconnect')
    const closing = from.server.close({ reconnectTo: to.urls['rtmfp'] ?? '' })
    expect(await moved).toEqual([to.urls['rtmfp']])
    await closing
    await using playing = await connect(to.urls['rtmp'] ?? '')
    const player = await playing.play('name')
    stream.write(samples.audio(40))
    expect(await take(player, 1)).toMatchObject([{ timestamp: 40 }])
    await client.close()
    await to.server.close()
  })

  it('is told that nobody answers', async () => {
    const url = `rtmfp://127.0.0.1:${await freePort()}/live`
    const transports = [rtmfp({ connectTimeout: 50 })]
    await expect(connect(url, { transports })).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    await expect(connect(url, { timeout: 50 })).rejects.toThrow(/has not answered within 50 ms$/)
  })

  it('goes by no proxy: by one that it names it can not, and what the environment says is for TCP', async () => {
    const url = urls['rtmfp'] ?? ''
    await expect(connect(url, { proxy: 'socks5://127.0.0.1:1080' })).rejects.toMatchObject({
      name: 'UsageError',
      code: 'RTMP_ERR_PROXY_UDP',
    })
    await using _none = await connect(url, { proxy: false })
  })

  it('falls back to it and from it, but not to what is not encrypted', async () => {
    const closed = await freePort()
    const port = new URL(urls['rtmfp'] ?? '').port
    await using there = await connect(`rtmp://127.0.0.1:${closed}/live`, { fallback: [`rtmfp:${port}`] })
    expect(there.transport).toBe('rtmfp')
    await using back = await connect(`rtmfp://127.0.0.1:${closed}/live`, {
      fallback: [`rtmp:${new URL(urls['rtmp'] ?? '').port}`, `rtmpe:${new URL(urls['rtmp'] ?? '').port}`],
    })
    expect(back.transport).toBe('rtmpe')
    expect(back.attempts.at(-1)).toMatchObject({ error: { code: 'RTMP_ERR_FALLBACK_ENCRYPTION' } })
  })
})

describe('a server', () => {
  it('asks its gates, records, and counts bytes and what is refused', async () => {
    await using folder = await TemporaryFolder.create()
    const gates = [publishKeys({ keys: ['right'] }), record({ dir: folder.path })]
    const { server, urls } = await listen({ plugins: gates })
    const stranger = await connect(urls['rtmfp'] ?? '')
    await expect(stranger.publish('cam?key=wrong')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
    await stranger.close()
    const client = await connect(urls['rtmfp'] ?? '')
    const stream = await client.publish('cam?key=right')
    const viewer = await connect(urls['rtmp'] ?? '')
    const player = await viewer.play('cam')
    const sent = sampleStream(50, 10)
    for (const message of sent) {
      stream.write(message)
      await take(player, 1)
    }
    const [connection] = server.connections
    stream.end()
    await viewer.close()
    await client.close()
    expect(connection?.bytesReceived).toBeGreaterThan(sent.reduce((sum, { payload }) => sum + payload.length, 0))
    expect(connection?.bytesSent).toBeGreaterThan(500)
    await server.close()
    expect(server.traffic.get('rtmfp')).toMatchObject({ accepted: 2 })
    expect(server.traffic.get('rtmfp')?.received).toBeGreaterThan(connection?.bytesReceived ?? Infinity)
    const [file = ''] = await readdir(folder.file('live'))
    const recorded = (await readFlv(folder.file(`live/${file}`))).filter(
      ({ messageTypeId }) => messageTypeId !== MessageType.DataAmf0,
    )
    expect(byKind(recorded)).toEqual({ ...byKind(sent), data: [] })
  })

  it('takes so many of an address, and no more', async () => {
    const { server, urls } = await listen({ limits: { maxConnectionsPerAddress: 2 } })
    const clients = [await connect(urls['rtmfp'] ?? ''), await connect(urls['rtmp'] ?? '')]
    await expect(connect(urls['rtmfp'] ?? '')).rejects.toThrow()
    expect(server.connections.size).toBe(2)
    for (const client of clients) await client.close()
    await server.close()
  })

  it('ends a connection, and says why', async () => {
    const { server, urls } = await listen()
    const client = await connect(urls['rtmfp'] ?? '')
    const stream = await client.publish('cam')
    const told = once(stream, 'status')
    const gone = once(client.messages, 'close')
    stream.on('error', () => {})
    const [connection] = server.connections
    connection?.end({ level: 'error', code: 'NetConnection.Connect.Closed', description: 'kicked' })
    expect(await Promise.race([told, gone])).toBeDefined()
    await gone
    expect(server.connections.size).toBe(0)
    await server.close()
  })

  it('plays files whole, however much is sent at once', async () => {
    await using folder = await TemporaryFolder.create()
    const sent = sampleStream(250, 10)
    await writeFlv(folder.file('film.flv'), sent)
    const { server, urls } = await listen({ plugins: [vod({ dir: folder.path })] })
    const client = await connect((urls['rtmfp'] ?? '').replace(/live$/, 'vod'))
    const player = await client.play('film.flv', { start: 0, bufferLength: 60_000 })
    const got: RtmpMessage[] = []
    player.on('data', message => got.push(message))
    await once(player, 'end')
    const { audio, video } = byKind(sent)
    expect(byKind(got)).toMatchObject({ audio, video })
    await client.close()
    await server.close()
  })

  it('pushes and pulls over it', async () => {
    const watch = new Watch()
    const origin = await listen({ plugins: [watch] })
    const url = origin.urls['rtmfp'] ?? ''
    const edge = await listen({
      plugins: [
        relayPush({ to: [url], connect }),
        relayPull({ connect, from: ({ streamName }) => (streamName === 'pulled' ? `${url}/pulled` : undefined) }),
      ],
    })
    const encoder = await connect(edge.urls['rtmp'] ?? '')
    const viewer = await connect(origin.urls['rtmp'] ?? '')
    const pushed = await viewer.play('pushed')
    const publisher = await encoder.publish('pushed')
    expect((await watch.published('pushed')).connection.transport).toBe('rtmfp')
    const sent = sampleStream(10)
    for (const message of sent) publisher.write(message)
    expect(byKind(await take(pushed, sent.length)).video).toEqual(byKind(sent).video)

    const source = await viewer.publish('pulled')
    const playing = watch.played('pulled')
    const pulled = await encoder.play('pulled')
    expect((await playing).connection.transport).toBe('rtmfp')
    for (const message of sent) source.write(message)
    expect(byKind(await take(pulled, sent.length)).video).toEqual(byKind(sent).video)
    for (const client of [encoder, viewer]) await client.close()
    await edge.server.close()
    await origin.server.close()
  })
})

/** Resolves when the topic is that. */
async function became(object: ClientSharedObject, topic: string): Promise<void> {
  while (object.data.get('topic') !== topic) await once(object, 'sync')
}

async function ended(stream: PlayStream): Promise<void> {
  await once(stream.resume(), 'end')
}
