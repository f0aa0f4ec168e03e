import { type Duplex, PassThrough, Readable } from 'node:stream'
import type { AmfValue } from '@rtmpipe/amf'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { Context } from '../../src/contract/context.ts'
import { deny } from '../../src/contract/denial.ts'
import { Hooks } from '../../src/hooks/hooks.ts'
import type { ConnectionInfo } from '../../src/contract/connection-info.ts'
import type { PublishInfo } from '../../src/contract/info.ts'
import type { Awaitable, ConnectEvent, PlayEvent, Plugin, PublishEvent } from '../../src/contract/plugin.ts'
import { type AppTarget, parseStreamName, type StreamTarget } from '../../src/protocol/stream-target.ts'
import { VirtualClock } from '@rtmpipe/testing'
import { RecordingLog } from '../support/recording-log.ts'

class Client implements ConnectionInfo {
  readonly id = 'id'
  readonly transport = 'memory'
  readonly secure = true
  readonly remote = { address: 'memory', port: 0 }
  readonly since = new Date(0)
  readonly app = 'live'
  readonly tcUrl = ''
  readonly flashVer = ''
  readonly query = new URLSearchParams()
  readonly objectEncoding = 0
  readonly capabilities = {}
  readonly context = new Context()
  readonly principal = undefined
  readonly abort = new AbortController()
  get signal(): AbortSignal {
    return this.abort.signal
  }
  readonly bytesReceived = 0
  readonly bytesSent = 0
  readonly estimate = { roundTrip: undefined, sendRate: undefined, receiveRate: undefined, bytesInFlight: undefined }
  ping(): void {}
  call(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
  requestReconnect(): boolean {
    return false
  }
  end(): void {}
}

const query = new URLSearchParams()

function setUp(plugins: Plugin[], deadline = 10_000, closeTimeout = 30_000) {
  const log = new RecordingLog()
  const connection = new Client()
  const hooks = new Hooks(plugins, deadline, log, closeTimeout)
  const target = { app: 'live', instance: '', query }
  const stream = { ...target, rawQuery: '', ...parseStreamName('asked') }
  const publish = { connection, ...stream, publishingType: 'live' as const }
  const connect = { connection, ...target, commandObject: {}, args: [], response: {} }
  const play = { connection, ...stream, start: 'any' as const, duration: undefined, isLive: false }
  return { hooks, log, connection, publish, connect, play }
}

describe('gates', () => {
  it('are asked one after another, in list order', async () => {
    const seen: string[] = []
    const slow = async (name: string) => {
      seen.push(`${name} begins`)
      await new Promise(resolve => setImmediate(resolve))
      seen.push(`${name} ends`)
    }
    const { hooks, publish } = setUp(['a', 'b'].map(name => ({ name, onPublish: () => slow(name) })))
    expect(await hooks.gate('onPublish', publish)).toEqual({ event: publish })
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('let in whom nobody objects to', async () => {
    const { hooks, publish } = setUp([
      { name: 'none' },
      { name: 'silent', onPublish() {} },
      { name: 'null', onPublish: () => null as never },
    ])
    expect((await hooks.gate('onPublish', publish)).denial).toBeUndefined()
  })

  it.each(['now', 'later'])('stop at the first denial, answered %s', async when => {
    let asked = 0
    const denial = deny('NetStream.Publish.Denied', 'no')
    const { hooks, log, publish } = setUp([
      { name: 'first', onPublish: () => (when === 'now' ? denial : Promise.resolve(denial)) },
      { name: 'second', onPublish: () => void (asked += 1) },
    ])
    expect(await hooks.gate('onPublish', publish)).toEqual({ denial: { ...denial, plugin: 'first' } })
    expect(asked).toBe(0)
    // Whoever asks logs it, with all that it knows.
    expect(log.lines).toEqual([])
  })

  it.each(['onPublish', 'onPlay'] as const)('%s: a new name is what the next plugin and the server see', async hook => {
    const names: string[] = []
    const rename = (name: string) => ({
      name,
      [hook]: (event: PublishEvent | PlayEvent) => {
        names.push(event.streamName)
        return { streamName: `${event.streamName}/${name}` }
      },
    })
    const { hooks, publish, play } = setUp([rename('a'), rename('b')])
    const verdict = await hooks.gate(hook, hook === 'onPublish' ? publish : (play as never))
    expect(names).toEqual(['asked', 'asked/a'])
    expect(verdict).toMatchObject({ event: { streamName: 'asked/a/b', app: 'live' } })
  })

  it('add up response fields, the later wins', async () => {
    const { hooks, connect } = setUp([
      { name: 'a', onConnect: () => ({ response: { a: 1, both: 'a' } }) },
      { name: 'b', onConnect: () => ({ response: { b: 2, both: 'b' } }) },
    ])
    expect(await hooks.gate('onConnect', connect)).toMatchObject({ event: { response: { a: 1, b: 2, both: 'b' } } })
  })

  it('tell a new name apart for those asked later', async () => {
    const seen: unknown[] = []
    const { hooks, play } = setUp([
      { name: 'renames', onPlay: () => ({ streamName: 'mp4:a/b.mp4' }) },
      {
        name: 'spy',
        onPlay: ({ streamName, filePrefix, fileName }) => void seen.push(streamName, filePrefix, fileName),
      },
    ])
    await hooks.gate('onPlay', play)
    expect(seen).toEqual(['mp4:a/b.mp4', 'mp4', 'a/b.mp4'])
  })

  it('change nothing else of an event', async () => {
    const answer = {
      streamName: 'new',
      app: 'other',
      query: 'x',
      connection: {},
      publishingType: 'record',
      response: { a: 1 },
    }
    const { hooks, publish } = setUp([{ name: 'greedy', onPublish: () => answer }])
    expect(await hooks.gate('onPublish', publish)).toEqual({ event: { ...publish, ...parseStreamName('new') } })
  })

  it('give the plugin as this', async () => {
    class Auth implements Plugin {
      readonly name = 'auth'
      readonly #code = 'NetStream.Publish.Denied'
      onPublish() {
        return deny(this.#code, 'mine')
      }
    }
    const { hooks, publish } = setUp([new Auth()])
    expect(await hooks.gate('onPublish', publish)).toMatchObject({ denial: { description: 'mine' } })
  })

  const bug = new Error('boom')
  it.each<[string, () => unknown, unknown]>([
    [
      'throws',
      () => {
        throw bug
      },
      bug,
    ],
    ['throws later', () => Promise.reject(bug), bug],
    // oxlint-disable-next-line typescript/only-throw-error -- plugins do such things
    [
      'throws what is no error',
      () => {
        throw 'boom'
      },
      'boom',
    ],
    ['answers false', () => false, expect.any(TypeError)],
    ['answers true', () => true, expect.any(TypeError)],
    ['answers a string', () => 'other', expect.any(TypeError)],
    ['answers an empty name', () => ({ streamName: '' }), expect.any(TypeError)],
    ['answers a name that is none', () => ({ streamName: 7 }), expect.any(TypeError)],
    ['answers later with nonsense', () => Promise.resolve(0), expect.any(TypeError)],
  ])('refuse when a plugin %s, and log its name', async (_what, onPublish, err) => {
    let asked = 0
    const { hooks, log, publish } = setUp([
      { name: 'faulty', onPublish: onPublish as () => undefined },
      { name: 'next', onPublish: () => void (asked += 1) },
    ])
    expect(await hooks.gate('onPublish', publish)).toEqual({
      denial: { ...deny('NetStream.Failed', 'internal error'), plugin: 'faulty' },
    })
    expect(asked).toBe(0)
    expect(log.lines).toEqual([{ level: 'error', message: 'plugin failed', plugin: 'faulty', hook: 'onPublish', err }])
  })

  it.each([
    ['onConnect', 'NetConnection.Connect.Failed'],
    ['onPublish', 'NetStream.Failed'],
    ['onPlay', 'NetStream.Failed'],
  ] as const)('%s fails with %s', async (hook, code) => {
    const { hooks, connect, publish, play } = setUp([
      { name: 'faulty', [hook]: () => Promise.reject(new Error('secret')) },
    ])
    const event = { onConnect: connect, onPublish: publish, onPlay: play }[hook]
    expect(await hooks.gate(hook, event as never)).toEqual({
      denial: { ...deny(code, 'internal error'), plugin: 'faulty' },
    })
  })

  it('wait for promises of any make', async () => {
    const denial = deny('NetStream.Publish.Denied', 'no')
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    const thenable = { then: (resolve: (value: unknown) => void) => void setImmediate(() => resolve(denial)) }
    const { hooks, publish } = setUp([{ name: 'old', onPublish: () => thenable as never }])
    expect(await hooks.gate('onPublish', publish)).toEqual({ denial: { ...denial, plugin: 'old' } })
  })

  it('give them no more time than others', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    const { hooks, log, publish } = setUp([{ name: 'old', onPublish: () => ({ then() {} }) as never }], 5)
    expect(await hooks.gate('onPublish', publish)).toMatchObject({ denial: { code: 'NetStream.Failed' } })
    expect(log.at('error')).toMatchObject([{ plugin: 'old', err: { message: 'no answer within 5 ms' } }])
  })

  it('refuse when the deadline passes, and abort the signal then', async () => {
    let reason: unknown
    const { hooks, log, publish } = setUp(
      [
        {
          name: 'slow',
          onPublish: ({ signal }) =>
            new Promise(() => signal.addEventListener('abort', () => (reason = signal.reason))),
        },
      ],
      5,
    )
    expect(await hooks.gate('onPublish', publish)).toMatchObject({ denial: { code: 'NetStream.Failed' } })
    expect(reason).toMatchObject({ name: 'TimeoutError' })
    expect(log.at('error')).toMatchObject([{ plugin: 'slow', err: { message: 'no answer within 5 ms' } }])
  })

  it('give a signal that says so to a plugin that asks for it after its deadline', async () => {
    const events: PublishEvent[] = []
    const { hooks, publish } = setUp(
      [
        {
          name: 'slow',
          onPublish(event) {
            events.push(event)
            return new Promise(() => {})
          },
        },
      ],
      5,
    )
    await hooks.gate('onPublish', publish)
    expect(events[0]?.signal.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('ignore what a plugin answers after its deadline, even a rejection', async () => {
    const late = withResolvers()
    const { hooks, publish } = setUp([{ name: 'slow', onPublish: () => late.promise as Promise<undefined> }], 5)
    await hooks.gate('onPublish', publish)
    late.reject(new Error('too late'))
    await new Promise(resolve => setImmediate(resolve))
  })

  it('end when the client leaves: the signal is aborted, and no plugin is blamed', async () => {
    const asked = withResolvers()
    let aborted = false
    const { hooks, log, connection, publish } = setUp([
      {
        name: 'slow',
        onPublish({ signal }) {
          signal.addEventListener('abort', () => (aborted = true))
          asked.resolve(undefined)
          return new Promise(() => {})
        },
      },
      {
        name: 'next',
        onPublish: () => {
          throw new Error('asked for somebody who has left')
        },
      },
    ])
    const verdict = hooks.gate('onPublish', publish)
    await asked.promise
    connection.abort.abort()
    expect((await verdict).denial).toBeDefined()
    expect(aborted).toBe(true)
    expect(log.at('error')).toEqual([])
  })

  it('do not wait for a plugin that is asked after the client has left', async () => {
    const { hooks, log, connection, publish } = setUp([{ name: 'slow', onPublish: () => new Promise(() => {}) }])
    connection.abort.abort()
    expect((await hooks.gate('onPublish', publish)).denial).toBeDefined()
    expect(log.at('error')).toEqual([])
  })

  it('give a signal that lasts as long as the client', async () => {
    const signals: AbortSignal[] = []
    const { hooks, connection, publish } = setUp([
      { name: 'spy', onPublish: ({ signal }) => void signals.push(signal) },
    ])
    await hooks.gate('onPublish', publish)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    connection.abort.abort()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })
})

describe('sources', () => {
  it('the first that is supplied is taken, the rest are not asked', async () => {
    const messages = new Readable({ objectMode: true, read() {} })
    let asked = 0
    const { hooks, play } = setUp([
      { name: 'none', sourcePlay() {} },
      { name: 'null', sourcePlay: () => null as never },
      { name: 'file', sourcePlay: () => Promise.resolve({ kind: 'private' as const, messages }) },
      { name: 'never', sourcePlay: () => void (asked += 1) },
    ])
    expect(await hooks.source(play)).toEqual({ kind: 'private', messages })
    expect(asked).toBe(0)
  })

  it('a bare Readable is a private one', async () => {
    const messages = new Readable({ objectMode: true, read() {} })
    const { hooks, play } = setUp([{ name: 'file', sourcePlay: () => messages }])
    expect(await hooks.source(play)).toEqual({ kind: 'private', messages })
  })

  it('may be shared', async () => {
    const source = { kind: 'shared' as const, open: () => new Readable() }
    const { hooks, play } = setUp([{ name: 'relay', sourcePlay: () => source }])
    expect(await hooks.source(play)).toBe(source)
  })

  it('nobody has one', async () => {
    const { hooks, play } = setUp([{ name: 'none' }])
    expect(await hooks.source(play)).toBeUndefined()
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['overruns', () => new Promise(() => {})],
    ['answers nonsense', () => 'file.flv'],
  ])('a plugin that %s fails the play and is logged', async (_what, sourcePlay) => {
    const { hooks, log, play } = setUp([{ name: 'faulty', sourcePlay: sourcePlay as () => undefined }], 5)
    await expect(hooks.source(play)).rejects.toMatchObject({
      code: 'RTMP_ERR_PLUGIN',
      plugin: 'faulty',
      hook: 'sourcePlay',
    })
    expect(log.at('error')).toHaveLength(1)
  })
})

describe('binds', () => {
  const info = {} as PublishInfo

  it('give their Transforms in list order', () => {
    const [a, b] = [new PassThrough({ objectMode: true }), new PassThrough({ objectMode: true })]
    const { hooks } = setUp([
      { name: 'a', bindPublish: () => a },
      { name: 'none', bindPublish() {} },
      { name: 'b', bindPublish: () => b },
    ])
    expect(hooks.bind('bindPublish', info)).toEqual([a, b])
    expect(hooks.bind('bindPlay', info)).toEqual([])
  })

  it('when one throws the others are destroyed, and it is named', () => {
    const first = new PassThrough({ objectMode: true })
    const { hooks, log } = setUp([
      { name: 'a', bindPlay: () => first },
      {
        name: 'b',
        bindPlay: () => {
          throw new Error('boom')
        },
      },
    ])
    expect(() => hooks.bind('bindPlay', info)).toThrow(
      expect.objectContaining({ plugin: 'b', hook: 'bindPlay', code: 'RTMP_ERR_PLUGIN' }),
    )
    expect(first.destroyed).toBe(true)
    expect(log.at('error')).toMatchObject([{ plugin: 'b', hook: 'bindPlay' }])
  })

  it.each([
    ['is in byte mode', () => new PassThrough(), 'messages are objects: pass objectMode: true'],
    ['reads bytes', () => new PassThrough({ readableObjectMode: true }), 'pass objectMode: true'],
    ['is no Transform', () => ({}) as Duplex, 'answered object, which is no Transform; messageTransform('],
    ['is a promise', () => Promise.resolve() as unknown as Duplex, 'which is no Transform'],
  ])('are refused, by name and with advice, when one %s', (_what, make, advice) => {
    const transform = make()
    const { hooks, log } = setUp([{ name: 'bytes', bindPublish: () => transform }])
    expect(() => hooks.bind('bindPublish', info)).toThrow(
      expect.objectContaining({ plugin: 'bytes', hook: 'bindPublish', message: expect.stringContaining(advice) }),
    )
    expect(transform.destroyed ?? true).toBe(true)
    expect(log.at('error')).toMatchObject([{ plugin: 'bytes', hook: 'bindPublish' }])
  })
})

describe('calls', () => {
  const call = (plugins: Plugin[], deadline?: number) => {
    const { hooks, log, connection } = setUp(plugins, deadline)
    return { log, answer: hooks.call({ connection, method: 'sum', args: [1, 2] }) }
  }

  it('are answered by the first that has an answer; null is one', async () => {
    let asked = 0
    const { answer } = call([
      { name: 'no', onCall: () => undefined },
      { name: 'yes', onCall: () => null },
      { name: 'never', onCall: () => (asked += 1) },
    ])
    expect(await answer).toBeNull()
    expect(asked).toBe(0)
  })

  it('get method and arguments', async () => {
    expect(await call([{ name: 'sum', onCall: async ({ method, args }) => [method, ...args] }]).answer).toEqual([
      'sum',
      1,
      2,
    ])
  })

  it('stay unanswered when nobody knows the method', async () => {
    expect(await call([{ name: 'none' }, { name: 'no', onCall: () => undefined }]).answer).toBeUndefined()
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['overruns', () => new Promise(() => {})],
  ])('fail when the method %s', async (_what, onCall) => {
    const { answer, log } = call([{ name: 'faulty', onCall: onCall as () => null }], 5)
    await expect(answer).rejects.toMatchObject({ code: 'RTMP_ERR_PLUGIN', hook: 'onCall' })
    expect(log.at('error')).toHaveLength(1)
  })
})

describe('notices', () => {
  it('reach everyone at once, whoever fails, and wait for all', async () => {
    const told: string[] = []
    const later = withResolvers()
    const { hooks, log, connection } = setUp([
      {
        name: 'throws',
        onDisconnect: () => {
          throw new Error('one')
        },
      },
      { name: 'rejects', onDisconnect: () => Promise.reject(new Error('two')) },
      { name: 'none' },
      { name: 'slow', onDisconnect: () => later.promise.then(() => void told.push('slow')) },
      { name: 'last', onDisconnect: event => void told.push(`last ${event.connection.id}`) },
    ])
    const notice = hooks.notice('onDisconnect', { connection })
    expect(told).toEqual(['last id'])
    later.resolve(undefined)
    await notice
    expect(told).toEqual(['last id', 'slow'])
    expect(log.at('error')).toMatchObject([{ plugin: 'throws' }, { plugin: 'rejects' }])
  })

  it('of the end are not waited for without limit: who does not answer is named', async () => {
    using clock = new VirtualClock()
    const told: string[] = []
    const { hooks, log } = setUp(
      [
        { name: 'stuck', onClose: () => new Promise(() => {}) },
        {
          name: 'throws',
          onClose: () => {
            throw new Error('one')
          },
        },
        { name: 'quick', onClose: async () => void told.push('quick') },
      ],
      10_000,
      1_000,
    )
    let isClosed = false
    const closed = hooks.notice('onClose').then(() => (isClosed = true))
    await clock.advance(999)
    expect(told).toEqual(['quick'])
    expect(isClosed).toBe(false)
    await clock.advance(1)
    await closed
    expect(log.at('error')).toMatchObject([{ plugin: 'throws' }, { plugin: 'stuck', hook: 'onClose' }])
  })

  it('without an event', async () => {
    let closed = 0
    await setUp([{ name: 'a', onClose: () => void (closed += 1) }]).hooks.notice('onClose')
    expect(closed).toBe(1)
  })
})

function withResolvers() {
  let resolve: (value: unknown) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

describe('the types of hooks', () => {
  it('tell what is addressed, taken apart', () => {
    type Target = 'app' | 'instance' | 'query'
    expectTypeOf<Pick<ConnectEvent, Target>>().toEqualTypeOf<AppTarget>()
    expectTypeOf<Pick<PublishEvent, keyof StreamTarget>>().toEqualTypeOf<StreamTarget>()
    expectTypeOf<PlayEvent['start']>().toEqualTypeOf<number | 'live' | 'any'>()
    expectTypeOf<PlayEvent['duration']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<PlayEvent['filePrefix']>().toEqualTypeOf<'' | 'flv' | 'mp3' | 'mp4'>()
    expectTypeOf<PublishEvent['publishingType']>().toEqualTypeOf<'live' | 'record' | 'append'>()
    expectTypeOf<ConnectionInfo['objectEncoding']>().toEqualTypeOf<0 | 3>()
    expectTypeOf<ConnectionInfo['call']>().returns.toEqualTypeOf<Promise<AmfValue>>()
    expectTypeOf<Plugin['onCall']>().exclude<undefined>().returns.toEqualTypeOf<Awaitable<AmfValue>>()
  })
})
