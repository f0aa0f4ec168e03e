import { RtmpClient } from '@rtmpipe/session'
import { duplexPair, MemoryTransport, messagePair, samples, sampleStream, take, VirtualClock } from '@rtmpipe/testing'
import {
  connect,
  createServer,
  deny,
  httpTunnel,
  HOST,
  type Host,
  LOGGER,
  type Logger,
  type Plugin,
  type PublishEvent,
  SERVER,
  type Server,
  type ServerView,
  type ServerOptions,
  tcp,
  tls,
  type Transport,
} from '../src/index.ts'
// After ours, which brings the polyfill that tsyringe wants.
import { inject, type InjectionToken } from 'tsyringe'
import { describe, expect, it } from 'vitest'
import { closed } from './support/closed.ts'
import { AllSchemes, schemes } from './support/all-schemes.ts'
import { essence, statusCodes } from './support/messages.ts'

interface KeyStore {
  isValid(key: string): boolean
}
const KEY_STORE: InjectionToken<KeyStore> = Symbol('KeyStore')

/** Lets those in who have a key, and counts what becomes of it. */
class KeyAuth implements Plugin {
  static made: KeyAuth[] = []
  readonly name = 'key-auth'
  readonly #keys: KeyStore
  asked = 0
  closed = 0
  disposed = 0

  constructor(@inject(KEY_STORE) keys: KeyStore) {
    this.#keys = keys
    KeyAuth.made.push(this)
  }

  onPublish({ query }: PublishEvent) {
    this.asked += 1
    return this.#keys.isValid(query.get('key') ?? '') ? undefined : deny('NetStream.Publish.Denied', 'wrong key')
  }

  onClose(): void {
    this.closed += 1
  }

  dispose(): void {
    this.disposed += 1
  }
}

const keys = (...valid: string[]): KeyStore => ({ isValid: key => valid.includes(key) })

describe('a denial', () => {
  it.each(schemes)('over %s reaches the publisher with our reason, and never a start', async scheme => {
    const onPublish = ({ query }: PublishEvent) =>
      query.get('key') === 'right' ? undefined : deny('NetStream.Publish.Denied', 'wrong key')
    await using server = await AllSchemes.listen({ plugins: [{ name: 'keys', onPublish }] })
    const intruder = await connect(server.urls[scheme], { ca: server.ca })
    const codes = statusCodes(intruder)
    const gone = closed(intruder.messages)
    const refusal = { code: 'RTMP_ERR_STATUS', statusCode: 'NetStream.Publish.Denied', description: 'wrong key' }
    await expect(intruder.publish('name?key=wrong')).rejects.toMatchObject(refusal)
    await gone
    expect(codes).toEqual(['NetStream.Publish.Denied'])

    await using owner = await connect(server.urls[scheme], { ca: server.ca })
    const granted = statusCodes(owner)
    await owner.publish('name?key=right')
    expect(granted).toEqual(['NetStream.Publish.Start'])
  })
})

describe('class plugins', () => {
  it('are given what they ask for, are made once, and are disposed once', async () => {
    KeyAuth.made = []
    const transport = new MemoryTransport()
    const server = createServer({ transports: [transport] })
    server.provide(KEY_STORE, keys('right')).use(KeyAuth)
    const url = await listen(server)
    for (let round = 0; round < 2; round++) {
      const intruder = await connect(url, { transports: [transport] })
      await expect(intruder.publish('name?key=wrong')).rejects.toMatchObject({ description: 'wrong key' })
    }
    await using owner = await connect(url, { transports: [transport] })
    const gone = closed(await owner.publish('name?key=right'))
    await server.close()
    await server.close()
    await gone
    expect(KeyAuth.made).toMatchObject([{ asked: 3, closed: 1, disposed: 1 }])
  })

  it('go on when the plugins of a running server are replaced, and are made when they are new', async () => {
    KeyAuth.made = []
    const transport = new MemoryTransport()
    await using server = createServer({ transports: [transport] })
    server.provide(KEY_STORE, keys('right'))
    const url = await listen(server)
    await server.replacePlugins([KeyAuth])
    await server.replacePlugins([{ name: 'beside' }, KeyAuth])
    await using client = await connect(url, { transports: [transport] })
    await expect(client.publish('name?key=wrong')).rejects.toMatchObject({ description: 'wrong key' })
    expect(KeyAuth.made).toMatchObject([{ asked: 1, closed: 0 }])
    await server.replacePlugins([])
    await using newcomer = await connect(url, { transports: [transport] })
    await newcomer.publish('name?key=wrong')
  })

  it('can ask for the logger of the server', async () => {
    const lines: string[] = []
    const log: Logger = {
      debug() {},
      info: (_fields: object, message?: string) => void lines.push(message ?? ''),
      warn() {},
      error() {},
      child: () => log,
    }
    class Talkative implements Plugin {
      readonly name = 'talkative'
      constructor(@inject(LOGGER) log: Logger) {
        log.info({}, 'here I am')
      }
    }
    await using server = createServer({ transports: [new MemoryTransport()], log })
    server.use(Talkative)
    await server.listen()
    expect(lines).toContain('here I am')
  })

  it('are given the server, whose view is empty until it has started, and live from then on', async () => {
    const seen: [size: number, server: ServerView][] = []
    const counts = ({ traffic, dropped, isDraining }: ServerView) => [traffic.size, dropped.lag.video, isDraining]
    class Curious implements Plugin {
      readonly name = 'curious'
      constructor(@inject(SERVER) server: ServerView) {
        seen.push([server.connections.size + server.streams.size + server.players.size, server])
        expect(counts(server)).toEqual([0, 0, false])
      }
    }
    const transports = [new MemoryTransport(), new MemoryTransport()]
    await using one = createServer({ transports: [transports[0]!] })
    await using other = createServer({ transports: [transports[1]!] })
    for (const server of [one, other]) server.use(Curious)
    await using client = await connect(await listen(one), { transports: [transports[0]!] })
    await listen(other)
    await client.play('name')
    expect(seen.map(([size]) => size)).toEqual([0, 0])
    expect(seen.map(([, { connections, players }]) => [connections.size, players.size])).toEqual([
      [1, 1],
      [0, 0],
    ])
    expect(seen[0]?.[1].connections).toBe(one.connections)
    expect([...(seen[0]?.[1].streams ?? [])]).toEqual([one.streams.get('live', 'name')])
    expect([...(seen[0]?.[1].players ?? [])]).toEqual([...one.players])
    expect(seen.map(([, server]) => counts(server))).toEqual([
      [1, 0, false],
      [0, 0, false],
    ])
    expect(one.traffic.get('memory')?.accepted).toBe(1)
    expect(seen[0]?.[1].dropped).toBe(one.dropped)
    await client.close()
    await one.close()
    expect([seen[0]?.[1].isDraining, one.isDraining, other.isDraining]).toEqual([true, true, false])
  })

  it('can keep their host from the constructor on: log, server, and a signal for each time in use', async () => {
    const lines: [plugin: unknown, message: string][] = []
    const logOf = (fields: Record<string, unknown>): Logger => ({
      debug() {},
      info: (own: object, message?: string) => void lines.push([{ ...fields, ...own }.plugin, message ?? '']),
      warn() {},
      error() {},
      child: more => logOf({ ...fields, ...more }),
    })
    const hosts: Host[] = []
    class Hosted implements Plugin {
      readonly name = 'hosted'
      readonly #log: Logger
      constructor(@inject(HOST) host: Host) {
        hosts.push(host)
        this.#log = host.log
        this.#log.info({}, 'made')
      }

      setup({ server, signal }: Host): void {
        const [host] = hosts
        expect([host?.server.streams, host?.signal.aborted]).toEqual([server.streams, false])
        signal.addEventListener('abort', () => expect(host?.signal.aborted).toBe(true))
        this.#log.info({}, 'set up')
      }

      onClose(): void {
        this.#log.info({}, 'closed')
      }
    }
    await using server = createServer({ transports: [new MemoryTransport()], log: logOf({}), plugins: [Hosted] })
    await server.listen()
    const [host] = hosts
    expect(host?.server.streams).toBe(server.streams)
    const first = host?.signal
    await server.replacePlugins([])
    expect(first?.aborted).toBe(true)
    await server.replacePlugins([Hosted])
    const second = host?.signal
    expect(second?.aborted).toBe(false)
    await server.close()
    expect(second?.aborted).toBe(true)
    expect(hosts).toHaveLength(1)
    expect(lines.filter(([plugin]) => plugin !== undefined)).toEqual([
      ['Hosted', 'made'],
      ['hosted', 'set up'],
      ['hosted', 'closed'],
      ['hosted', 'set up'],
      ['hosted', 'closed'],
    ])
  })

  it('are not made, and nothing is bound, when a dependency is missing', async () => {
    const server = createServer({ transports: [tcp({ port: 0 })] })
    server.use(KeyAuth)
    await expect(server.listen()).rejects.toThrow(/"keys" at position #0 of "KeyAuth".*\n.*Symbol\(KeyStore\)/)
    expect(server.listeners).toEqual([])
  })

  it('are asked in the order of use, after those in the options', async () => {
    const order: string[] = []
    const named = (name: string): Plugin => ({ name, onConnect: () => void order.push(name) })
    class Third implements Plugin {
      readonly name = 'third'
      onConnect = () => void order.push(this.name)
    }
    const transport = new MemoryTransport()
    await using server = createServer({ transports: [transport], plugins: [named('first')] })
    server.use(named('second')).use(Third).use(named('fourth'))
    await using _client = await connect(await listen(server), { transports: [transport] })
    expect(order).toEqual(['first', 'second', 'third', 'fourth'])
  })
})

describe('a server', () => {
  it('takes no plugin once it listens or has accepted a connection', async () => {
    const late = { name: 'late' }
    const refusal = expect.objectContaining({ name: 'UsageError', code: 'RTMP_ERR_USAGE' })
    await using listening = createServer({ transports: [new MemoryTransport()] })
    await listening.listen()
    expect(() => listening.use(late)).toThrow(refusal)
    await expect(listening.listen()).rejects.toEqual(refusal)

    await using accepting = createServer({ transports: [] })
    const [near, far] = duplexPair()
    accepting.accept({ stream: far, transport: 'memory', secure: true, remote: { address: 'memory', port: 0 } })
    expect(() => accepting.use(late)).toThrow(refusal)
    near.destroy()
  })

  it('shares nothing with another one in the process', async () => {
    KeyAuth.made = []
    const transports = [new MemoryTransport(), new MemoryTransport()]
    const servers = transports.map(transport => createServer({ transports: [transport], mergeWindow: 0 }))
    const [one, other] = await Promise.all(
      servers.map(async (server, index) => {
        server.provide(KEY_STORE, keys(`key-${index}`)).use(KeyAuth)
        return connect(await listen(server), { transports: [transports[index] as MemoryTransport] })
      }),
    )
    if (one === undefined || other === undefined) throw new Error('two servers, two clients')
    const players = [await one.play('name'), await other.play('name')] as const
    const publishers = [await one.publish('name?key=key-0'), await other.publish('name?key=key-1')] as const
    const sent = [sampleStream(3), sampleStream(4).reverse()] as const
    for (const index of [0, 1] as const) {
      for (const message of sent[index]) publishers[index].write(message)
      expect(essence(await take(players[index], sent[index].length))).toEqual(essence(sent[index]))
    }
    expect(KeyAuth.made).toMatchObject([{ asked: 1 }, { asked: 1 }])

    const gone = [one.messages, players[0].resume(), publishers[0]].map(closed)
    await servers[0]?.close()
    await Promise.all(gone)
    publishers[1].write(samples.keyframe(1_000))
    expect(await take(players[1], 1)).toHaveLength(1)
    expect(KeyAuth.made).toMatchObject([
      { closed: 1, disposed: 1 },
      { closed: 0, disposed: 0 },
    ])
    await other.close()
    await servers[1]?.close()
  })

  it('frees what it has bound when a port is taken', async () => {
    await using taken = createServer({ transports: [tcp({ port: 0 })] })
    const [listener] = await taken.listen()
    const port = listener?.address.port ?? 0
    const memory = new MemoryTransport()
    await using server = createServer({ transports: [memory, tcp({ port })] })
    await expect(server.listen()).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    await expect(connect('memory://anywhere:1/live', { transports: [memory] })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  it('tells everybody when it closes, and has let go of all when close() resolves', async () => {
    const closing = await AllSchemes.listen()
    const seats = schemes.map(async scheme => {
      const client = await connect(closing.urls[scheme], { ca: closing.ca })
      const codes = statusCodes(client)
      const player = await client.play('closing')
      const publisher = await client.publish(`closing-${scheme}`)
      return { client, codes, gone: Promise.all([client.messages, player.resume(), publisher].map(closed)) }
    })
    const clients = await Promise.all(seats)
    await Promise.all([closing.server.close(), closing.server.close()])
    await Promise.all(clients.map(({ gone }) => gone))
    for (const { client, codes } of clients) {
      expect(codes).toContain('NetConnection.Connect.AppShutdown')
      expect(client.state).toBe('closed')
    }
    for (const scheme of schemes) {
      await expect(connect(closing.urls[scheme], { ca: closing.ca })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }
    expect(closing.server.streams.size).toBe(0)
  })

  it('may be closed before it was started', async () => {
    await createServer({ transports: [tcp({ port: 0 })] }).close()
  })
})

describe('without RTMP', () => {
  const who = { transport: 'test', remote: { address: 'here', port: 0 } }

  it('plays and publishes through the gates, and drains until both have left', async () => {
    const keyAuth = { name: 'key', onPublish: ({ query }: PublishEvent) => deniedWithout(query.get('key')) }
    const server = createServer({ transports: [], plugins: [keyAuth] })
    await expect(server.publish('live', 'name', who)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
    const publisher = await server.publish('live', 'name?key=right', who)
    const player = await server.play('live', 'name', who)
    const draining = server.drain()
    const sent = sampleStream(5)
    for (const message of sent) publisher.write(message)
    publisher.end()
    expect(essence(await player.toArray())).toEqual(essence(sent))
    await draining
    await expect(server.play('live', 'name', who)).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
    })
  })

  it('serves carriers of messages', async () => {
    await using server = createServer({ transports: [] })
    const [near, far] = messagePair()
    server.serve(far, { ...who, secure: true })
    const client = new RtmpClient(near)
    await client.connect({ app: 'live', tcUrl: 'test://here/live' })
    await client.play('name')
    expect(server.streams.size).toBe(1)
    await client.close()
  })
})

function deniedWithout(key: string | null) {
  return key === 'right' ? undefined : deny('NetStream.Publish.Denied', 'wrong key')
}

/** The URL of the application `live` on a server whose only transport is in memory. */
async function listen(server: Server): Promise<string> {
  const [listener] = await server.listen()
  return `memory://anywhere:${listener?.address.port}/live`
}

describe('a slip', () => {
  const transports = [new MemoryTransport()]
  const record = (): Plugin => ({ name: 'record' })
  const slips: [string, () => unknown, string][] = [
    [
      'a factory that was not called',
      () => createServer({ transports, plugins: [record as unknown as Plugin] }),
      'record is a function, not a plugin: call it: record({ … })',
    ],
    [
      'the same in use()',
      () => createServer({ transports }).use(record as unknown as Plugin),
      'call it: record({ … })',
    ],
    [
      'a misspelt hook',
      () => createServer({ transports }).use({ name: 'a', onPublsh() {} } as Plugin),
      'did you mean onPublish?',
    ],
    ['a plugin without a name', () => createServer({ transports, plugins: [{} as Plugin] }), 'needs a name'],
    [
      'a misspelt option',
      () => createServer({ transports, mergeWindo: 5 } as ServerOptions),
      'createServer(): there is no option mergeWindo, did you mean mergeWindow?',
    ],
    ['an option like no other', () => createServer({ transports, x: 5 } as ServerOptions), 'there is no option x'],
    ['no transports', () => createServer({} as ServerOptions), 'transports should be a list, for example [tcp()]'],
    [
      'a transport that was not called',
      () => createServer({ transports: [tcp] as unknown as Transport[] }),
      'transports: tcp is a function: call it',
    ],
    ['a plugin in place of a list', () => createServer({ transports, plugins: {} as Plugin[] }), 'should be a list'],
    ['a policy', () => createServer({ transports, whenSlow: 'dorp' as 'drop' }), 'expected drop, backpressure, fail'],
    ['a negative time', () => createServer({ transports, publishWait: -1 }), 'publishWait'],
    ['a time that is none', () => createServer({ transports, mergeWindow: NaN }), 'mergeWindow'],
    ['a limit of the cache', () => createServer({ transports, gopCache: { maxBytes: -1 } }), 'gopCache.maxBytes'],
    [
      'an option of shared objects',
      () => createServer({ transports, sharedObjects: { saveDelya: 5 } as object }),
      'sharedObjects: there is no option saveDelya, did you mean saveDelay?',
    ],
    [
      'a negative number of tcp',
      () => tcp({ maxConnections: -1 }),
      'tcp(): maxConnections should be a number from 0 up',
    ],
    ['a negative limit', () => createServer({ transports, limits: { maxConnections: -1 } }), 'limits.maxConnections'],
    ['an option of tcp', () => tcp({ prot: 1935 } as object), 'tcp(): there is no option prot, did you mean port?'],
    [
      'an option of tls',
      () => tls({ certficate: {} } as object),
      'tls(): there is no option certficate, did you mean certificate?',
    ],
    [
      'an option of the tunnel',
      () => httpTunnel({ maxSession: 5 } as object),
      'httpTunnel(): there is no option maxSession, did you mean maxSessions?',
    ],
    [
      'an option of its TLS',
      () => httpTunnel({ tls: { cert: 5 } as object }),
      'httpTunnel().tls: there is no option cert',
    ],
  ]

  it.each(slips)('is an error that says what was meant: %s', (_what, slip, message) => {
    expect(slip).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE', message: expect.stringContaining(message) }))
  })

  it('in a list of plugins for a server that runs changes nothing', async () => {
    const told: string[] = []
    await using server = createServer({ transports, plugins: [{ name: 'a', onClose: () => void told.push('a') }] })
    const plugins = [{ name: 'b', onDisconect() {} } as Plugin]
    await expect(server.replacePlugins(plugins)).rejects.toThrow('did you mean onDisconnect?')
    expect(told).toEqual([])
  })
})

describe('the end of a server', () => {
  it('waits no longer than it may for what a class plugin disposes of', async () => {
    class Stuck implements Plugin {
      readonly name = 'stuck'
      dispose(): Promise<void> {
        return new Promise(() => {})
      }
    }
    using clock = new VirtualClock()
    const server = createServer({
      transports: [new MemoryTransport()],
      plugins: [Stuck],
      limits: { closeTimeout: 100 },
    })
    await server.listen()
    let isClosed = false
    void server.close().then(() => (isClosed = true))
    await clock.advance(99)
    expect(isClosed).toBe(false)
    await clock.advance(1)
    expect(isClosed).toBe(true)
  })
})
