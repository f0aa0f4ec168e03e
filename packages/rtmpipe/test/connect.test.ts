import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net'
import { ChunkConnection } from '@rtmpipe/chunk-stream'
import { RtmpClient } from '@rtmpipe/session'
import { duplexPair, MemoryTransport, samples, take } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  connect,
  type ConnectEvent,
  createSelfSignedCertificate,
  createServer,
  deny,
  type Plugin,
  splitStreamUrl,
  tcp,
} from '../src/index.ts'
import { closed } from './support/closed.ts'
import { AllSchemes, schemes } from './support/all-schemes.ts'

/** Refuses the application `closed`, and keeps whoever wants `patience` waiting for ever. */
class Doorkeeper implements Plugin {
  readonly name = 'doorkeeper'
  #waiting: () => void = () => {}

  onConnect({ query, signal }: ConnectEvent) {
    if (query.has('closed')) return deny('NetConnection.Connect.Rejected', 'closed for today')
    if (!query.has('patience')) return undefined
    this.#waiting()
    return new Promise<undefined>(resolve => signal.addEventListener('abort', () => resolve(undefined)))
  }

  /** Resolves when the next one is kept waiting. */
  keepsWaiting(): Promise<void> {
    return new Promise(resolve => {
      this.#waiting = resolve
    })
  }
}

const doorkeeper = new Doorkeeper()
let server: AllSchemes
beforeAll(async () => {
  server = await AllSchemes.listen({ plugins: [doorkeeper] })
})
afterAll(() => server[Symbol.asyncDispose]())

describe('URLs', () => {
  it.each(['', 'nonsense', '//127.0.0.1/live', 'rtmp:live', 'rtmp://', 'rtmp:///live'])('refuses %j', async url => {
    await expect(connect(url)).rejects.toMatchObject({ name: 'UsageError', code: 'RTMP_ERR_URL' })
  })

  const known = 'rtmp, rtmpe, rtmps, rtmpt, rtmpte, rtmpts'

  it.each(['http', 'rtmpse', 'file'])('does not know %s://, and says what it knows', async scheme => {
    const error = { name: 'UsageError', code: 'RTMP_ERR_URL', message: expect.stringContaining(known) }
    await expect(connect(`${scheme}://127.0.0.1/live`)).rejects.toMatchObject(error)
  })

  it('knows only what the transports given know', async () => {
    await expect(connect(server.urls.rtmpt, { transports: [tcp()] })).rejects.toThrow(
      /rtmpt:.*expected one of rtmp, rtmpe$/,
    )
  })

  it('tells the server application, instance, query and tcUrl', async () => {
    const seen: ConnectEvent[] = []
    const onConnect = (event: ConnectEvent) => void seen.push(event)
    await using curious = await AllSchemes.listen({ plugins: [{ name: 'curious', onConnect }] })
    const url = curious.urls.rtmp.replace(/live$/, 'one/two?key=a%20b')
    await using _client = await connect(url, { properties: { pageUrl: 'here' } })
    expect(seen[0]).toMatchObject({ app: 'one/two', commandObject: { tcUrl: url, pageUrl: 'here' } })
    expect(seen[0]?.query.get('key')).toBe('a b')
  })
})

describe('names', () => {
  it('go out as they were typed, and arrive so', async () => {
    const seen: string[][] = []
    const plugin: Plugin = {
      name: 'curious',
      onConnect: ({ app, connection, commandObject }) =>
        void seen.push([app, connection.tcUrl, commandObject['app'] as string]),
      onPublish: ({ streamName, query }) => void seen.push([streamName, query.get('t') ?? '']),
    }
    await using curious = await AllSchemes.listen({ plugins: [plugin] })
    const origin = curious.urls.rtmp.replace(/\/live$/, '')
    const { appUrl, streamName } = splitStreamUrl(`${origin}/ein Saal/die Bühne%20名?t=a%2Fb c`)
    await using client = await connect(appUrl.replace('://', '://user:secret@'))
    await client.publish(streamName)
    expect(seen).toEqual([
      ['ein Saal', `${origin}/ein Saal`, 'ein Saal'],
      ['die Bühne%20名', 'a/b c'],
    ])
  })
})

describe('a server that goes', () => {
  it('sends its clients to another, over sockets, and what they publish goes on there', async () => {
    const [from, to] = [
      createServer({ transports: [tcp({ port: 0 })] }),
      createServer({ transports: [tcp({ port: 0 })] }),
    ]
    const [[first], [second]] = [await from.listen(), await to.listen()]
    const url = (port: number | undefined) => `rtmp://127.0.0.1:${port}/live`
    const client = await connect(url(first?.address.port))
    try {
      const stream = await client.publish('name')
      const moved = once(client, 'reconnect')
      const closing = from.close({ reconnectTo: url(second?.address.port) })
      expect(await moved).toEqual([url(second?.address.port)])
      await closing
      const player = await (await connect(url(second?.address.port))).play('name')
      stream.write(samples.audio(40))
      expect(await take(player, 1)).toMatchObject([{ timestamp: 40 }])
      const ended = once(player.resume(), 'end')
      stream.end()
      await ended
    } finally {
      await client.close()
      await to.close()
      await from.close()
    }
  })

  it('does not move clients that don’t want to', async () => {
    const server = createServer({ transports: [tcp({ port: 0 })] })
    const [listener] = await server.listen()
    const client = await connect(`rtmp://127.0.0.1:${listener?.address.port}/live`, { reconnect: false })
    const over = once(client.messages, 'close').catch(String)
    client.messages.on('error', () => {})
    await server.close({ reconnectTo: '' })
    await over
    expect(client.state).toBe('closed')
  })
})

describe.each(['rtmps', 'rtmpts'] as const)('certificates over %s', scheme => {
  it('are verified unless one asks for the opposite', async () => {
    const refusal = { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: expect.stringContaining('self-signed certificate') }
    await expect(connect(server.urls[scheme])).rejects.toMatchObject(refusal)
    await using insecure = await connect(server.urls[scheme], { insecure: true })
    await using trusting = await connect(server.urls[scheme], { ca: server.ca })
    expect([insecure.state, trusting.state]).toEqual(['connected', 'connected'])
  })

  it('must be one of those given', async () => {
    const { cert } = await createSelfSignedCertificate()
    await expect(connect(server.urls[scheme], { ca: cert })).rejects.toThrow(/certificate/)
  })
})

describe.each(schemes)('failing over %s', scheme => {
  it('because nobody listens', async () => {
    const gone = await AllSchemes.listen()
    await gone.server.close()
    await expect(connect(gone.urls[scheme])).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('because the server refuses, with its reason', async () => {
    await expect(connect(`${server.urls[scheme]}?closed`, { insecure: true })).rejects.toMatchObject({
      code: 'RTMP_ERR_STATUS',
      statusCode: 'NetConnection.Connect.Rejected',
      description: 'closed for today',
    })
  })

  it('because somebody listens who never says a word', async () => {
    await using mute = await MuteServer.listen()
    const url = `${scheme}://127.0.0.1:${mute.port}/live`
    const error = { name: 'TimeoutError', message: `127.0.0.1:${mute.port} has not answered within 50 ms` }
    await expect(connect(url, { timeout: 50 })).rejects.toMatchObject(error)
  })

  it('because it is given up before, and while waiting for the answer', async () => {
    const reason = new Error('changed my mind')
    const abort = new AbortController()
    const kept = doorkeeper.keepsWaiting()
    const connecting = connect(`${server.urls[scheme]}?patience`, { insecure: true, signal: abort.signal })
    const givingUp = expect(connecting).rejects.toBe(reason)
    await kept
    abort.abort(reason)
    await givingUp
    await expect(connect(server.urls[scheme], { insecure: true, signal: abort.signal })).rejects.toBe(reason)
  })
})

it('gives up when connect is not answered in time', async () => {
  const kept = doorkeeper.keepsWaiting()
  const connecting = connect(`${server.urls.rtmp}?patience`, { timeout: 500 })
  const failing = expect(connecting).rejects.toMatchObject({ name: 'TimeoutError' })
  await kept
  await failing
})

describe('once it stands', () => {
  it.each(schemes)('the connection over %s is closed by its signal', async scheme => {
    const abort = new AbortController()
    const client = await connect(server.urls[scheme], { insecure: true, signal: abort.signal })
    const player = await client.play('given-up')
    const gone = [client.messages, player.resume()].map(closed)
    abort.abort()
    await Promise.all(gone)
    expect(client.state).toBe('closed')
  })

  it.concurrent.each(schemes)('the connection over %s outlives the timeout of connecting', async scheme => {
    const timeout = 1_000
    await using client = await connect(server.urls[scheme], { insecure: true, timeout })
    await once(AbortSignal.timeout(timeout + 20), 'abort')
    const player = await client.play(`outlived-${scheme}`)
    const publisher = await client.publish(`outlived-${scheme}`)
    publisher.write(samples.audioHeader())
    expect(await take(player, 1)).toHaveLength(1)
  })
})

describe('transports of other kinds', () => {
  it('listen and dial as ours do', async () => {
    const memory = new MemoryTransport()
    await using inMemory = createServer({ transports: [memory], mergeWindow: 0 })
    const [listener] = await inMemory.listen()
    const url = `memory://anywhere:${listener?.address.port}/live`
    await using client = await connect(url, { transports: [memory] })
    const player = await client.play('remembered')
    const publisher = await client.publish('remembered')
    publisher.write(samples.audioHeader())
    expect(await take(player, 1)).toHaveLength(1)
  })

  it('are given to accept() when a connection was accepted elsewhere', async () => {
    const seen: ConnectEvent[] = []
    await using accepting = createServer({ transports: [], mergeWindow: 0 })
    accepting.use({ name: 'curious', onConnect: event => void seen.push(event) })
    const [near, far] = duplexPair()
    const remote = { address: '192.0.2.1', port: 4711 }
    accepting.accept({ stream: far, transport: 'pigeon', secure: true, remote })
    const client = new RtmpClient(new ChunkConnection(near, { role: 'client' }))
    await client.connect({ app: 'live', tcUrl: 'pigeon://somewhere/live' })
    expect(seen[0]?.connection).toMatchObject({ transport: 'pigeon', secure: true, remote })

    const player = await client.play('carried')
    const publisher = await client.publish('carried')
    publisher.write(samples.audioHeader())
    expect(await take(player, 1)).toHaveLength(1)
    expect(accepting.streams.get('live', 'carried')?.isPublishing).toBe(true)
    await client.close()
  })
})

/** Accepts TCP connections and says nothing. */
class MuteServer implements AsyncDisposable {
  readonly port: number
  readonly #server: TcpServer
  readonly #sockets = new Set<Socket>()

  private constructor(server: TcpServer) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => {
      this.#sockets.add(socket.on('error', () => {}).resume())
    })
  }

  static async listen(): Promise<MuteServer> {
    const server = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new MuteServer(server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}
