import { authmod } from '@rtmpipe/plugins/auth'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import {
  type AddressInfo,
  createConnection,
  createServer as createTcpServer,
  type Server as NetServer,
  type Socket,
} from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  attemptsText,
  type ConnectEvent,
  connect,
  createServer,
  deny,
  FallbackError,
  httpTunnel,
  type Listener,
  type Plugin,
  type RtmpClient,
  tcp,
} from '../src/index.ts'
import { AllSchemes, schemes } from './support/all-schemes.ts'

class Doorbook implements Plugin {
  readonly name = 'doorbook'
  readonly events: ConnectEvent[] = []

  onConnect(event: ConnectEvent): void {
    this.events.push(event)
  }

  /** Who came to an application, each by its transport and what it has told of itself. */
  of(app: string): readonly (readonly [transport: string, tcUrl: string])[] {
    return this.events
      .filter(event => event.app.split('?', 1)[0] === app)
      .map(({ connection }) => [connection.transport, connection.tcUrl] as const)
  }
}

/** Takes connections and what they send, and does not say a word: a firewall that drops has no other effect. */
class Silence implements AsyncDisposable {
  readonly #server: NetServer
  readonly received: Buffer[] = []
  readonly open = new Set<Socket>()
  connections = 0

  private constructor(server: NetServer) {
    this.#server = server
    server.on('connection', socket => {
      this.connections += 1
      this.open.add(socket)
      socket.on('data', bytes => this.received.push(bytes))
      socket.on('error', () => {})
      socket.on('close', () => this.open.delete(socket))
    })
  }

  static async listen(): Promise<Silence> {
    const server = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Silence(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.open) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** A web server that knows nothing of tunnels. */
class Web implements AsyncDisposable {
  readonly #server: HttpServer

  private constructor(server: HttpServer) {
    this.#server = server
  }

  static async listen(): Promise<Web> {
    const server = createHttpServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Web(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  await using silence = await Silence.listen()
  return silence.port
}

const doorbook = new Doorbook()
let server: AllSchemes
let ports: Record<(typeof schemes)[number], number>

beforeAll(async () => {
  server = await AllSchemes.listen({ plugins: [doorbook] })
  ports = Object.fromEntries(schemes.map(scheme => [scheme, Number(new URL(server.urls[scheme]).port)])) as typeof ports
})
afterAll(() => server[Symbol.asyncDispose]())

const plain = (port: number, app: string) => `rtmp://127.0.0.1:${port}/${app}`
const entries = (...names: readonly (typeof schemes)[number][]) => names.map(name => `${name}:${ports[name]}`)
const reasons = ({ attempts }: Pick<RtmpClient, 'attempts'>) => attempts.map(({ error }) => error?.message)

describe('connect with fallback', () => {
  it('takes the URL itself where that answers', async () => {
    await using client = await connect(`${server.urls.rtmp}-itself`, { fallback: entries('rtmpt') })
    expect(client.transport).toBe('rtmp')
    expect(client.attempts).toEqual([{ url: `rtmp://127.0.0.1:${ports.rtmp}` }])
    expect(doorbook.of('live-itself')).toHaveLength(1)
  })

  it.each(['rtmps', 'rtmpt', 'rtmpts'] as const)('comes by %s where nobody listens at the URL', async scheme => {
    const app = `by-${scheme}`
    const url = plain(await closedPort(), app)
    await using client = await connect(url, { fallback: entries(scheme), ca: server.ca })
    expect(client.transport).toBe(scheme)
    expect(attemptsText(client.attempts)).toMatch(
      new RegExp(`^${scheme}://127.0.0.1:${ports[scheme]} \\(rtmp: connect ECONNREFUSED 127.0.0.1:\\d+\\)$`),
    )
    // The server hears of the application as the user named it, whichever way was taken.
    expect(doorbook.of(app)).toEqual([[scheme, url]])
    const stream = await client.publish('name')
    expect(server.server.streams.get(app, 'name')?.isPublishing).toBe(true)
    stream.destroy()
  })

  it('takes whole addresses, in the order of the list', async () => {
    const list = schemes.slice(1).map(scheme => server.urls[scheme].replace(/live$/, ''))
    await using client = await connect(plain(await closedPort(), 'addresses'), { fallback: list, insecure: true })
    expect(client.transport).toBe('rtmps')
  })

  it('does not wait for ever for who says nothing, and leaves nothing behind there', async () => {
    await using silence = await Silence.listen()
    const fallback = [`rtmps:${silence.port}`, `rtmpts:${silence.port}`, ...entries('rtmpt')]
    const began = performance.now()
    await using client = await connect(plain(silence.port, 'silence?token=s3cret'), { fallback })
    expect(performance.now() - began).toBeGreaterThan(890)
    expect(client.transport).toBe('rtmpt')
    const told = reasons(client)
    expect(told).toEqual([expect.stringMatching(/^no answer in \d+ ms$/), told[1], told[2], undefined])
    expect(told.slice(0, 3).map(text => Number(/\d+/.exec(text ?? '')?.[0]) > 290)).toEqual([true, true, true])
    await vi.waitFor(() => expect(silence.open.size).toBe(0), 5_000)
    expect(silence.connections).toBe(3)
    // Before an answer nobody is told anything: C0, C1 and the hello of TLS.
    expect(Buffer.concat(silence.received).toString('latin1')).not.toMatch(/silence|s3cret|connect/)
    expect(doorbook.of('silence')).toHaveLength(1)
  })

  it('leaves no session behind in a tunnel that was too slow', async () => {
    const book = new Doorbook()
    const slow = createServer({ transports: [httpTunnel({ port: 0 })], plugins: [book] })
    const [{ address }] = (await slow.listen()) as [Listener]
    const gate = createTcpServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(gate, 'listening')
    // The answer to /open passes, what comes after it waits until the other way has won.
    let release: () => void = () => {}
    const released = new Promise<void>(resolve => (release = resolve))
    gate.on('connection', near => {
      const far = createConnection({ port: address.port, host: '127.0.0.1', allowHalfOpen: true })
      near.on('error', () => far.destroy())
      far.on('error', () => near.destroy())
      far.pipe(near)
      let isFirst = true
      near.on('data', bytes => {
        const wait = isFirst ? Promise.resolve() : released
        isFirst = false
        void wait.then(() => far.write(bytes))
      })
      near.on('end', () => void released.then(() => far.end()))
    })
    const { port } = gate.address() as AddressInfo
    await using client = await connect(`rtmpt://127.0.0.1:${port}/slow`, { fallback: entries('rtmp') })
    expect([client.transport, reasons(client)[0]]).toEqual(['rtmp', expect.stringContaining('no answer')])
    release()
    await vi.waitFor(() => expect([...slow.connections]).toEqual([]))
    // It ends only if no session is left.
    await slow.close()
    expect(book.events).toEqual([])
    gate.close()
  })

  it('says what is wrong with each way', async () => {
    await using web = await Web.listen()
    // HTTP answers RTMP's handshake with a 400.
    const attempt = connect(plain(web.port, 'reasons'), { fallback: [`rtmpt:${web.port}`, ...entries('rtmps')] })
    const failure = (await failureOf(attempt)) as FallbackError
    expect(reasons(failure)).toEqual([
      expect.stringContaining('version 72'),
      'server answered 404',
      'self-signed certificate',
    ])
  })

  it('remembers what led to a server, for the next time', async () => {
    await using silence = await Silence.listen()
    const url = plain(silence.port, 'again')
    await using first = await connect(url, { fallback: entries('rtmpt') })
    expect([first.transport, silence.connections]).toEqual(['rtmpt', 1])
    await using second = await connect(url, { fallback: entries('rtmpt') })
    expect(reasons(second)).toEqual([undefined])
    expect(silence.connections).toBe(1)
    // Not for those who have not got it on their list.
    await using third = await connect(url, { fallback: entries('rtmps'), ca: server.ca })
    expect([third.transport, silence.connections]).toEqual(['rtmps', 2])
  })

  it('goes on when what it remembers does not answer any more', async () => {
    const moving = createServer({ transports: [tcp({ port: 0 })] })
    const [{ address }] = (await moving.listen()) as [Listener]
    const url = plain(await closedPort(), 'moved')
    const fallback = [`rtmp:${address.port}`, ...entries('rtmpt')]
    const first = await connect(url, { fallback })
    expect(first.attempts.at(-1)?.url).toBe(`rtmp://127.0.0.1:${address.port}`)
    await first.close()
    await moving.close()
    await using second = await connect(url, { fallback })
    expect(second.attempts.map(({ url: way }) => Number(new URL(way).port))).toEqual([
      address.port,
      Number(new URL(url).port),
      ports.rtmpt,
    ])
  })

  it('reconnects the same way, and tells of it', async () => {
    await using silence = await Silence.listen()
    await using client = await connect(plain(silence.port, 'reconnects'), { fallback: entries('rtmpt') })
    const before = client.attempts
    const again = once(client, 'reconnect')
    const { connection } = doorbook.events.at(-1) as ConnectEvent
    expect(connection.requestReconnect()).toBe(true)
    await again
    expect(doorbook.of('reconnects').map(([transport]) => transport)).toEqual(['rtmpt', 'rtmpt'])
    expect([before.length, client.attempts.length, silence.connections]).toEqual([2, 1, 1])
  })

  it('goes where a server sends it, the same ways', async () => {
    const url = plain(await closedPort(), 'redirected')
    const moved = () => deny('NetConnection.Connect.Rejected', 'moved', { ex: { code: 302, redirect: url } })
    await using old = await AllSchemes.listen({ plugins: [{ name: 'guard', onConnect: moved }] })
    await using client = await connect(old.urls.rtmp, { fallback: entries('rtmpt'), followRedirects: true })
    expect(doorbook.of('redirected')).toEqual([['rtmpt', url]])
    expect(client.transport).toBe('rtmpt')
  })

  it('logs in where the server wants that, with one way tried in vain', async () => {
    const users = { studio: 's3cret' }
    const guarded = createServer({ transports: [httpTunnel({ port: 0 })], plugins: [authmod({ users })] })
    const [{ address }] = (await guarded.listen()) as [Listener]
    await using silence = await Silence.listen()
    const url = `rtmp://studio:s3cret@127.0.0.1:${silence.port}/live`
    const client = await connect(url, { fallback: [`rtmpt:${address.port}`] })
    expect([client.state, client.transport, silence.connections]).toEqual(['connected', 'rtmpt', 1])
    expect(Buffer.concat(silence.received).toString('latin1')).not.toMatch(/studio|s3cret/)
    await client.close()
    await guarded.close()
  })

  it('keeps what RTMPE hides in the tunnel too', async () => {
    const url = `rtmpe://127.0.0.1:${await closedPort()}/hidden`
    await using client = await connect(url, { fallback: [...entries('rtmpt'), `rtmpte:${ports.rtmpt}`] })
    expect(client.transport).toBe('rtmpte')
    expect(reasons(client).at(-1)).toBe('not tried, it is less encrypted than rtmpe')
  })

  it('a refusal by the server is no reason to try others', async () => {
    const refuse = () => deny('NetConnection.Connect.Rejected', 'closed for today')
    await using closed = await AllSchemes.listen({ plugins: [{ name: 'guard', onConnect: refuse }] })
    const before = doorbook.events.length
    const rejected = expect(connect(closed.urls.rtmp, { fallback: entries('rtmpt') })).rejects
    await rejected.toMatchObject({ code: 'RTMP_ERR_STATUS', description: 'closed for today' })
    expect(doorbook.events).toHaveLength(before)
  })
})

describe('encryption that was asked for', () => {
  it.each(['rtmps', 'rtmpts'])('stays: %s comes by no plain way, whatever the list says', async scheme => {
    const app = `encrypted-${scheme}`
    const url = `${scheme}://127.0.0.1:${await closedPort()}/${app}`
    const failure = await failureOf(connect(url, { fallback: entries('rtmp', 'rtmpt'), ca: server.ca }))
    expect(failure).toBeInstanceOf(FallbackError)
    expect(failure).toMatchObject({ code: 'RTMP_ERR_FALLBACK' })
    expect(reasons(failure as FallbackError).slice(1)).toEqual(
      ['', ''].map(() => `not tried, it is less encrypted than ${scheme}`),
    )
    await using client = await connect(url, { fallback: entries('rtmp', 'rtmpt', 'rtmpts'), ca: server.ca })
    expect(client.transport).toBe('rtmpts')
    expect(doorbook.of(app).map(([transport]) => transport)).toEqual(['rtmpts'])
  })

  it('is not undone by what plain connections have learnt', async () => {
    const port = await closedPort()
    await using first = await connect(plain(port, 'learnt'), { fallback: entries('rtmpt') })
    expect(first.transport).toBe('rtmpt')
    const failure = await failureOf(connect(`rtmps://127.0.0.1:${port}/learnt`, { fallback: entries('rtmpt') }))
    expect(failure).toMatchObject({ code: 'RTMP_ERR_FALLBACK' })
    expect(doorbook.of('learnt')).toHaveLength(1)
  })

  it('is proved as ever: a certificate that nobody trusts is no way', async () => {
    const url = `rtmps://127.0.0.1:${ports.rtmps}/untrusted`
    const failure = await failureOf(connect(url, { fallback: entries('rtmpts') }))
    expect(reasons(failure as FallbackError)).toEqual(['self-signed certificate', 'self-signed certificate'])
    expect(doorbook.of('untrusted')).toEqual([])
  })
})

describe('connect with fallback that leads nowhere', () => {
  it('has one error with the reason of each way, and without secrets', async () => {
    const [one, two] = [await closedPort(), await closedPort()]
    const url = `rtmp://name:s3cret@127.0.0.1:${one}/live?key=s3cret`
    const failure = (await failureOf(connect(url, { fallback: [`rtmpt:${two}`] }))) as FallbackError
    expect(failure).toMatchObject({ name: 'FallbackError', code: 'RTMP_ERR_FALLBACK' })
    expect(failure.errors).toMatchObject([{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }])
    expect(failure.attempts.map(attempt => attempt.url)).toEqual([
      `rtmp://127.0.0.1:${one}`,
      `rtmpt://127.0.0.1:${two}`,
    ])
    expect(failure.message).toContain(`rtmp://127.0.0.1:${one}: connect ECONNREFUSED`)
    expect(failure.message).not.toContain('s3cret')
  })

  it('has so much time for all of them together, and says what they did until then', async () => {
    await using silence = await Silence.listen()
    const fallback = [`rtmps:${silence.port}`, `rtmpt:${silence.port}`]
    const began = performance.now()
    const failure = await failureOf(connect(plain(silence.port, 'late'), { fallback, timeout: 500 }))
    expect(performance.now() - began).toBeLessThan(1_500)
    expect(failure).toMatchObject({ code: 'RTMP_ERR_FALLBACK', cause: { name: 'TimeoutError' } })
    expect(reasons(failure as FallbackError)).toEqual(
      ['', ''].map(() => expect.stringMatching(/^no answer in \d+ ms$/)),
    )
    await vi.waitFor(() => expect(silence.open.size).toBe(0), 5_000)
  })

  it('ends when it is aborted, with that reason', async () => {
    await using silence = await Silence.listen()
    const abort = new AbortController()
    const fallback = [`rtmpt:${silence.port}`]
    const failure = failureOf(connect(plain(silence.port, 'aborted'), { fallback, signal: abort.signal }))
    await vi.waitFor(() => expect(silence.connections).toBe(2))
    abort.abort(new Error('enough'))
    expect(await failure).toMatchObject({ message: 'enough' })
    await vi.waitFor(() => expect(silence.open.size).toBe(0), 5_000)
  })

  it('an open connection still ends with its signal', async () => {
    const abort = new AbortController()
    const url = plain(await closedPort(), 'ends')
    const client = await connect(url, { fallback: entries('rtmpt'), signal: abort.signal })
    const gone = once(client.messages, 'close')
    abort.abort()
    await gone
  })

  it.each(['http://127.0.0.1/live', 'nonsense'])('does not fall back from %s', async url => {
    await expect(connect(url, { fallback: true })).rejects.toMatchObject({ code: 'RTMP_ERR_URL' })
  })

  it('does not begin with a list that makes no sense', async () => {
    await expect(connect(server.urls.rtmp, { fallback: ['443'] })).rejects.toMatchObject({
      name: 'UsageError',
      code: 'RTMP_ERR_FALLBACK_LIST',
    })
  })
})

async function failureOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    () => expect.unreachable('it connected'),
    (error: unknown) => error,
  )
}
