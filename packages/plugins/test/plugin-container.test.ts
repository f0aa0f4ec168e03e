import { deny, type Host, type Logger, LiveStreams, type Plugin, type ServerView, silentLogger } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { HOST, LOGGER, PLUGIN, PluginContainer, SERVER } from '../src/index.ts'
// After ours, which brings the polyfill that tsyringe wants.
import { container as root, inject, injectable, type InjectionToken, Lifecycle } from 'tsyringe'

const GREETING: InjectionToken<string> = Symbol('Greeting')

class Greeter implements Plugin {
  readonly name = 'greeter'
  readonly greeting: string
  readonly log: Logger
  disposed = 0

  constructor(@inject(GREETING) greeting: string, @inject(LOGGER) log: Logger) {
    this.greeting = greeting
    this.log = log
  }

  async dispose(): Promise<void> {
    await Promise.resolve()
    this.disposed += 1
  }
}

class Plain implements Plugin {
  readonly name = 'plain'
}

function greetable(greeting = 'hello', parent?: typeof root): PluginContainer {
  const plugins = new PluginContainer(parent)
  plugins.provide(GREETING, greeting)
  plugins.provide(LOGGER, silentLogger)
  return plugins
}

describe('PluginContainer', () => {
  it('has no plugins to begin with', () => {
    expect(new PluginContainer().resolve()).toEqual([])
  })

  it('keeps the order of use, of objects and classes alike', () => {
    const plugins = greetable()
    const first = { name: 'first', onPublish: () => deny('NetStream.Publish.Denied', 'no') }
    const last = { name: 'last' }
    for (const plugin of [first, Greeter, Plain, last]) plugins.use(plugin)
    const resolved = plugins.resolve()
    expect(resolved.map(({ name }) => name)).toEqual(['first', 'greeter', 'plain', 'last'])
    expect(resolved[0]).toBe(first)
    expect(resolved[3]).toBe(last)
  })

  it('makes a class once, with its dependencies, when it is asked for', () => {
    const plugins = new PluginContainer()
    plugins.use(Greeter)
    plugins.provide(GREETING, 'late, but in time')
    plugins.provide(LOGGER, silentLogger)
    const [greeter] = plugins.resolve()
    expect(greeter).toBeInstanceOf(Greeter)
    expect(greeter).toMatchObject({ greeting: 'late, but in time', log: silentLogger })
    expect(plugins.resolve()[0]).toBe(greeter)
  })

  it('has one instance of a class, whoever asks', () => {
    const plugins = greetable()
    const [early] = plugins.resolve([Greeter])
    plugins.use(Greeter)
    expect(plugins.resolve()).toEqual([early])
    expect(plugins.resolve()[0]).toBe(early)
    const plain = new Plain()
    expect(plugins.resolve([plain])[0]).toBe(plain)
  })

  it('takes classes that are decorated already', () => {
    @injectable()
    class Decorated implements Plugin {
      readonly name: string
      constructor(@inject(GREETING) greeting: string) {
        this.name = greeting
      }
    }
    const plugins = greetable('decorated')
    plugins.use(Decorated)
    expect(plugins.resolve()).toMatchObject([{ name: 'decorated' }])
  })

  it('looks for dependencies in its parent, and prefers its own', () => {
    const parent = root.createChildContainer()
    parent.register(GREETING, { useValue: 'from the parent' })
    parent.register(LOGGER, { useValue: silentLogger })
    const heir = new PluginContainer(parent)
    const own = greetable('of my own', parent)
    for (const plugins of [heir, own]) plugins.use(Greeter)
    expect(heir.resolve()).toMatchObject([{ greeting: 'from the parent' }])
    expect(own.resolve()).toMatchObject([{ greeting: 'of my own' }])
  })

  it('shares neither values nor plugins with another container', () => {
    const [one, other] = [greetable('one'), greetable('other')]
    for (const plugins of [one, other]) plugins.use(Greeter)
    one.use({ name: 'only here' })
    expect(one.resolve()).toMatchObject([{ greeting: 'one' }, { name: 'only here' }])
    expect(other.resolve()).toMatchObject([{ greeting: 'other' }])
    expect(one.resolve()[0]).not.toBe(other.resolve()[0])
    expect(root.isRegistered(PLUGIN)).toBe(false)
    expect(root.isRegistered(GREETING)).toBe(false)
  })

  it('says which dependency of which plugin is missing', () => {
    const plugins = new PluginContainer()
    plugins.provide(LOGGER, silentLogger)
    plugins.use(Greeter)
    expect(() => plugins.resolve()).toThrow(/"greeting" at position #0 of "Greeter".*\n.*Symbol\(Greeting\)/)
  })

  it('names a plugin whose constructor does not say what it wants', () => {
    class Unmarked implements Plugin {
      readonly name: string
      constructor(greeting: string) {
        this.name = greeting
      }
    }
    const plugins = greetable()
    plugins.use(Unmarked)
    expect(() => plugins.resolve()).toThrow(/"Unmarked"/)
  })

  it('gives a class the one host of its own, and no host to those that do not ask', () => {
    class Hosted implements Plugin {
      readonly name = 'hosted'
      readonly host: Host
      constructor(@inject(HOST) host: Host) {
        this.host = host
      }
    }
    class AlsoHosted extends Hosted {
      constructor(@inject(HOST) host: Host) {
        super(host)
      }
    }
    const plugins = greetable()
    const none = { audio: 0, video: 0, data: 0 }
    const server: ServerView = {
      connections: new Set(),
      streams: new LiveStreams(),
      players: new Set(),
      traffic: new Map(),
      dropped: { lag: none, keyframe: none },
      isDraining: false,
      abilities: { record: undefined, relay: undefined, openFile: undefined },
      mayPlay: async () => false,
    }
    plugins.provide(SERVER, server)
    for (const plugin of [Greeter, Hosted, AlsoHosted]) plugins.use(plugin)
    const [greeter, host, hosted, otherHost, other] = plugins.resolve()
    expect(greeter).toBeInstanceOf(Greeter)
    expect((hosted as Hosted).host).toBe(host)
    expect((other as Hosted).host).toBe(otherHost)
    expect(host).not.toBe(otherHost)
    expect(host?.name).toBe('hosted')
    expect(plugins.resolve([Hosted])).toEqual([host, hosted])
  })

  it('lets a class offer something from its constructor on', async () => {
    class Offering implements Plugin {
      readonly name = 'offering'
      constructor(@inject(HOST) host: Host) {
        host.offer('record', () => ({ by: 'offering', since: new Date(), bytes: 0, end() {} }))
      }
    }
    const plugins = greetable()
    plugins.provide(SERVER, { abilities: { record: undefined, relay: undefined, openFile: undefined } } as ServerView)
    plugins.use(Offering)
    await using test = new TestServer({ plugins: plugins.resolve() })
    await test.publish('live/a')
    const recording = await test.server.abilities.record?.(test.server.streams.open('live', 'a'))
    expect(recording).toMatchObject({ by: 'offering' })
  })

  it('makes the others when one could not be made', () => {
    const plugins = new PluginContainer()
    expect(() => plugins.resolve([Greeter])).toThrow(/"Greeter"/)
    expect(plugins.resolve([Plain])).toMatchObject([{ name: 'plain' }])
  })

  describe('disposed', () => {
    it('disposes what it made, once, and waits for it', async () => {
      const plugins = greetable()
      plugins.use(Greeter)
      const [greeter] = plugins.resolve() as [Greeter]
      const disposing = [plugins[Symbol.asyncDispose](), plugins[Symbol.asyncDispose]()]
      await Promise.all(disposing)
      expect(greeter.disposed).toBe(1)
    })

    it('leaves alone what it was given', async () => {
      const parent = root.createChildContainer()
      parent.register(Greeter, { useClass: Greeter }, { lifecycle: Lifecycle.Singleton })
      parent.register(GREETING, { useValue: 'shared' })
      parent.register(LOGGER, { useValue: silentLogger })
      injectable()(Greeter)
      const shared = parent.resolve(Greeter)
      const given = new Greeter('given', silentLogger)
      {
        await using plugins = new PluginContainer(parent)
        plugins.use(given)
        plugins.resolve()
      }
      expect([shared.disposed, given.disposed]).toEqual([0, 0])
      expect(parent.resolve(Greeter)).toBe(shared)
    })

    it('tells why a plugin could not be disposed', async () => {
      class Stubborn implements Plugin {
        readonly name = 'stubborn'
        async dispose(): Promise<void> {
          throw new Error('not today')
        }
      }
      const plugins = new PluginContainer()
      plugins.use(Stubborn)
      plugins.resolve()
      await expect(plugins[Symbol.asyncDispose]()).rejects.toThrow('not today')
    })
  })
})

describe('tokens', () => {
  it('are the same for every copy of the package in a process', () => {
    expect([PLUGIN, LOGGER]).toEqual([Symbol.for('rtmpipe.Plugin'), Symbol.for('rtmpipe.Logger')])
  })

  it('let a parent container bring plugins for servers that have none of their own', () => {
    const parent = root.createChildContainer()
    const common = { name: 'common' }
    parent.register(PLUGIN, { useValue: common })
    const [without, withOwn] = [new PluginContainer(parent), new PluginContainer(parent)]
    withOwn.use(Plain)
    expect(without.resolve()).toEqual([common])
    expect(withOwn.resolve().map(({ name }) => name)).toEqual(['plain'])
  })
})
