import { PassThrough, Readable, Transform } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ConnectionInfo, deny, type Plugin } from '@rtmpipe/session'
import { pluginCompliance } from '../src/plugin-compliance.ts'
import { samples } from '../src/samples.ts'
import { deadline } from '../src/within.ts'

const pass = () => new PassThrough({ objectMode: true })

/** Plugins that do everything they may, and nothing else. */
const good: [name: string, create: () => Plugin, path?: string][] = [
  ['does nothing', () => ({ name: 'none' })],
  ['refuses everybody', () => ({ name: 'closed', onConnect: () => deny('NetConnection.Connect.Rejected', 'no') })],
  [
    'wants a token',
    () => {
      const check = ({ query }: { query: URLSearchParams }) =>
        query.get('token') === 'x/y' ? undefined : deny('NetStream.Publish.Denied', 'no')
      return { name: 'token', onPublish: check, onPlay: check }
    },
    'live/name?token=x/y',
  ],
  [
    'answers and binds everything',
    () => ({
      name: 'all',
      onConnect: async () => ({ response: { a: 1 } }),
      onPublish: ({ streamName }) => ({ streamName: `${streamName}!` }),
      onPlay: async ({ streamName }) => ({ streamName: `${streamName}!` }),
      bindPublish: pass,
      bindPlay: pass,
      onCall: ({ method }) => method,
    }),
  ],
  [
    'refuses writes to shared objects',
    () => ({
      name: 'read-only',
      onSharedObject: ({ access }) => (access === 'write' ? deny('SharedObject.NoWriteAccess', 'no') : undefined),
    }),
  ],
  [
    'plays a file, and fails its calls',
    () => ({
      name: 'file',
      sourcePlay: () => Readable.from([samples.keyframe(0)]),
      onCall: () => {
        throw new Error('no such method')
      },
    }),
  ],
  [
    'relays',
    () => ({
      name: 'relay',
      sourcePlay: () => ({ kind: 'shared', open: () => new Readable({ objectMode: true, read() {} }) }),
    }),
  ],
  [
    'counts publishers while they are there',
    () => {
      let publishers = 0
      return {
        name: 'one',
        onPublishAccepted: () => {
          if (publishers > 0) return deny('NetStream.Publish.Denied', 'full')
          publishers += 1
          return () => void (publishers -= 1)
        },
        onPublishEnd: () => void (publishers -= 1),
      }
    },
  ],
  [
    'has methods of its own',
    () =>
      new (class Own {
        readonly name = 'own'
        onRecorded(): void {}
        onPublishStart(): void {}
        play(): void {}
      })(),
  ],
  [
    'keeps time while servers run',
    () => {
      const timers: NodeJS.Timeout[] = []
      return {
        name: 'clock',
        onListen: () => void timers.push(setInterval(() => {}, 1_000)),
        onClose: () => clearInterval(timers.pop()),
      }
    },
  ],
]

describe.each(good)('a plugin that %s', (_name, create, path) => {
  it.each(pluginCompliance)('$name', one => one.run(() => ({ plugin: create(), ...(path !== undefined && { path }) })))
})

describe('a plugin that breaks the contract fails the case about it', () => {
  const patience = deadline.milliseconds
  const leaks: NodeJS.Timeout[] = []
  beforeAll(() => void (deadline.milliseconds = 150))
  afterAll(() => void (deadline.milliseconds = patience))
  afterEach(() => leaks.splice(0).forEach(timer => clearTimeout(timer)))

  const busy = new Set<string>()
  const mutants: [fault: string, name: string, says: string, create: () => object][] = [
    ['has no name', 'has a name', 'no name', () => ({ name: '' })],
    ['has a hook that is none', 'has a name', 'onPlay is no function', () => ({ name: 'x', onPlay: true })],
    [
      'misspells a hook',
      'has a name',
      'onPublich is no hook, so nobody calls it: is onPublish meant?',
      () =>
        new (class Misspelt {
          readonly name = 'x'
          onPublich() {}
        })(),
    ],
    [
      'answers with true',
      'with nothing or',
      'onPublish answered boolean',
      () => ({ name: 'x', onPublish: () => true }),
    ],
    [
      'answers with a half denial',
      'with nothing or',
      'neither a denial',
      () => ({ name: 'x', onPlay: () => ({ denied: true }) }),
    ],
    [
      'answers a shared object with a name',
      'with nothing or',
      'onSharedObject answered object, neither a denial',
      () => ({ name: 'x', onSharedObject: () => ({ streamName: 'x' }) }),
    ],
    ['supplies no source', 'with nothing or', 'no source', () => ({ name: 'x', sourcePlay: () => ({}) })],
    ['binds no Transform', 'with nothing or', 'no Transform', () => ({ name: 'x', bindPlay: () => ({ on() {} }) })],
    [
      'throws',
      'with nothing or',
      'onPublish: Error: boom',
      () => ({
        name: 'x',
        onPublish: () => {
          throw new Error('boom')
        },
      }),
    ],
    [
      'rejects a notice',
      'with nothing or',
      'onPlayStart: Error: boom',
      () => ({ name: 'x', onPlayStart: () => Promise.reject(new Error('boom')) }),
    ],
    [
      'throws at a drain',
      'that drains',
      'onDrain: Error: boom',
      () => ({
        name: 'x',
        onDrain: () => {
          throw new Error('boom')
        },
      }),
    ],
    [
      'never answers',
      'with nothing or',
      'in vain for publish',
      () => ({ name: 'x', onPublish: () => new Promise(() => {}) }),
    ],
    [
      'decodes names',
      'odd names',
      'onPublish: URIError',
      () => ({ name: 'x', onPublish: ({ streamName }: { streamName: string }) => void decodeURIComponent(streamName) }),
    ],
    [
      'looks names up in an object',
      'odd names',
      'onPlay: TypeError',
      () => {
        const streams: Record<string, { add(): void }> = {}
        return { name: 'x', onPlay: ({ streamName }: { streamName: string }) => streams[streamName]?.add() }
      },
    ],
    [
      'trusts the command object',
      'odd values',
      'onConnect: TypeError',
      () => ({
        name: 'x',
        onConnect: ({ commandObject }: { commandObject: Record<string, string> }) =>
          void commandObject['flashVer']?.trim(),
      }),
    ],
    [
      'keeps the end to itself',
      'the end of a publish',
      'the end to reach the player',
      () => ({
        name: 'x',
        bindPublish: () =>
          new Transform({ objectMode: true, transform: (message, _encoding, done) => done(null, message), flush() {} }),
      }),
    ],
    [
      'breaks its Transform',
      'the end of a publish',
      'a bindPublish stage failed: PluginError: plugin x, bindPublish: its Transform failed: boom',
      () => ({
        name: 'x',
        bindPublish: () =>
          new Transform({ objectMode: true, transform: (_message, _encoding, done) => done(new Error('boom')) }),
      }),
    ],
    [
      'keeps its Transform',
      'lets go',
      'in vain for a stream to close',
      () => ({
        name: 'x',
        bindPlay: () => {
          const transform = pass()
          transform.destroy = () => transform
          return transform
        },
      }),
    ],
    [
      'has a source that fails',
      'the end of a publish',
      'the source failed: Error: boom',
      () => ({
        name: 'x',
        sourcePlay: () =>
          new Readable({
            objectMode: true,
            read() {
              this.destroy(new Error('boom'))
            },
          }),
      }),
    ],
    [
      'ends with its first server',
      'two servers',
      'missed by the other',
      () => {
        let isOpen = true
        return {
          name: 'x',
          onClose: () => void (isOpen = false),
          onPublish: () => (isOpen ? undefined : deny('NetStream.Publish.Denied', 'closed')),
        }
      },
    ],
    [
      'never forgets',
      'forgets clients',
      'answered differently',
      () => {
        const counts = { publishers: 0 }
        return {
          name: 'x',
          onPublish: () => ((counts.publishers += 1) > 2 ? deny('NetStream.Publish.Denied', 'full') : undefined),
        }
      },
    ],
    [
      'takes nothing back',
      'another plugin refuses',
      'answered differently afterwards',
      () => {
        let publishers = 0
        return {
          name: 'x',
          onPublishAccepted: () => (publishers > 0 ? deny('NetStream.Publish.Denied', 'full') : void (publishers += 1)),
          onPublishEnd: () => void (publishers -= 1),
        }
      },
    ],
    [
      'accepts with true',
      'with nothing or',
      'onPublishAccepted answered boolean',
      () => ({ name: 'x', onPublishAccepted: () => true }),
    ],
    [
      'remembers connections that ended',
      'two servers',
      'served in another way',
      () => {
        busy.clear()
        return {
          name: 'x',
          onPublish: ({ streamName }: { streamName: string; connection: ConnectionInfo }) =>
            busy.has(streamName) ? deny('NetStream.Publish.BadName', 'busy') : void busy.add(streamName),
        }
      },
    ],
    [
      'leaves a timer',
      'leaves no socket',
      'Timeout',
      () => ({ name: 'x', onConnect: () => void leaks.push(setTimeout(() => {}, 60_000)) }),
    ],
    [
      'never closes',
      'leaves no socket',
      'every server to close',
      () => ({ name: 'x', onClose: () => new Promise(() => {}) }),
    ],
  ]

  it.each(mutants)('one that %s: %s', async (_fault, name, says, create) => {
    const cases = pluginCompliance.filter(one => one.name.includes(name))
    expect(cases).toHaveLength(1)
    await expect(cases[0]?.run(() => ({ plugin: create() as Plugin }))).rejects.toThrow(says)
  })
})

describe('cleaning up', () => {
  it.each(['passed', 'failed'])('is done after a case that %s', async how => {
    let disposed = 0
    const plugin: Plugin = how === 'passed' ? { name: 'x' } : { name: '' }
    await pluginCompliance[0]?.run(() => ({ plugin, dispose: () => void (disposed += 1) })).catch(() => {})
    expect(disposed).toBe(1)
  })
})
