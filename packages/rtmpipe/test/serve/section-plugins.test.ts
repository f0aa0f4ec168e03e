import { type PlayEvent, type Plugin, silentLogger } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { configChanges } from '../../src/serve/changes.ts'
import { SectionPlugins, sectionProblems } from '../../src/serve/section-plugins.ts'
import { type Config, pluginSections, schema, type ServeConfig } from '../../src/sections/index.ts'
import { pulledStream } from '../../src/sections/relay.ts'

function configOf(config: Config): ServeConfig {
  const ports = {
    rtmp: 1935,
    rtmps: 1936,
    rtmpt: 8080,
    rtmpts: 8443,
    rtmfp: 'off',
    websocket: 'on',
    port: 'off',
    tlsMax: '1.3',
    tlsCompat: false,
    web: false,
  } as const
  const defaults = { ...ports, workers: 1, mergeWindow: 20, publishWait: 30 }
  return { host: '127.0.0.1', ...defaults, data: '.rtmpipe', logLevel: 'info', ...config }
}

const everything: Config = {
  auth: {
    httpCallback: { url: { publish: ['http://127.0.0.1/'] } },
    jwt: { key: { secret: 'a' } },
    signedUrls: { keys: 'a' },
    publishKeys: { keys: ['a'] },
    authmod: { users: { a: 'b' } },
    ipFilter: { deny: ['192.0.2.0/24'] },
  },
  relay: { pull: { from: 'rtmp://127.0.0.1/{app}/{stream}' }, push: { to: ['rtmp://127.0.0.1/a'] } },
  vod: { dir: '.' },
  record: { dir: '.' },
  publisherReturn: { policy: 'resume' },
  quotas: { bitrate: 1 },
}

/** The plugins of a configuration that is in force now. */
async function taken(plugins: SectionPlugins, config: Config) {
  const prepared = await plugins.prepare(configOf(config))
  prepared.take()
  return prepared.all()
}

describe('the plugins of sections', () => {
  it('are there only when their section is, those that decide before those that carry', async () => {
    const plugins = new SectionPlugins(silentLogger)
    const names = async (config: Config) => {
      const prepared = await plugins.prepare(configOf(config))
      return prepared.all([{ name: 'own' }], [{ name: 'shared' }]).map(({ name }) => name)
    }
    expect(await names({ auth: {}, relay: {} })).toEqual(['own', 'shared'])
    expect(await names(everything)).toEqual([
      'ip-filter',
      'authmod',
      'publish-keys',
      'signed-urls',
      'jwt-auth',
      'http-callback',
      'own',
      'quotas',
      'publisher-return',
      'shared',
      'relay-push',
      'record',
      'vod',
      'relay-pull',
    ])
  })

  it('are all those of the schema', () => {
    const { auth, relay } = schema.properties ?? {}
    const known = pluginSections.map(({ path }) => path.join('.'))
    expect(known).toEqual(expect.arrayContaining(Object.keys(auth?.properties ?? {}).map(name => `auth.${name}`)))
    expect(known).toEqual(expect.arrayContaining(Object.keys(relay?.properties ?? {}).map(name => `relay.${name}`)))
  })

  it('stay the same while their section does', async () => {
    const plugins = new SectionPlugins(silentLogger)
    const before = await taken(plugins, everything)
    const after = await taken(plugins, { ...structuredClone(everything), quotas: { bitrate: 2 } })
    const changed = after.filter(plugin => !before.includes(plugin))
    expect(changed.map(({ name }) => name)).toEqual(['quotas'])
    expect(await taken(plugins, {})).toEqual([])
  })

  it('all stay as they were when one of them can not be made', async () => {
    const plugins = new SectionPlugins(silentLogger)
    const config = { auth: { ipFilter: { deny: ['192.0.2.0/24'] } }, quotas: { viewersPerStream: 1 } }
    const before = await taken(plugins, config)
    const broken = { auth: { ipFilter: { deny: ['203.0.113.0/24'] } }, quotas: { viewersPerStream: -1 } }
    await expect(plugins.prepare(configOf(broken))).rejects.toThrow('viewersPerStream')
    expect(await taken(plugins, config)).toEqual(before)
    expect((await taken(plugins, config)).every((plugin, index) => plugin === before[index])).toBe(true)
  })

  it('stay as they were, counters and all, when the rest of the configuration can not be taken over', async () => {
    const plugins = new SectionPlugins(silentLogger)
    const [quotas] = await taken(plugins, { quotas: { viewersPerStream: 1 } })
    // Made, but something else fails: nobody takes it.
    const [other] = (await plugins.prepare(configOf({ quotas: { viewersPerStream: 2 } }))).all()
    expect(other).not.toBe(quotas)
    const [again] = await taken(plugins, { quotas: { viewersPerStream: 1 } })
    expect(again).toBe(quotas)
  })

  it('say what is wrong with it, and nothing secret', async () => {
    const config = configOf({
      auth: {
        ipFilter: { allow: ['10.0.0.0/33'] },
        jwt: { key: { publicKey: 'hush' } },
        httpCallback: { url: 'http://hush:hush' },
      },
      relay: { push: { to: ['rtmp://hush'], backoff: {} } },
      record: { dir: 'x', name: '../x' },
    })
    const problems = await sectionProblems(config, silentLogger)
    expect(problems.map(({ path }) => path.join('.'))).toEqual([
      'auth.ipFilter',
      'auth.jwt.key',
      'auth.httpCallback',
      'relay.push.to',
      'record',
    ])
    expect(JSON.stringify(problems)).not.toContain('hush')
  })

  it.each(['rtmp://h/{stream}', 'rtmp://h:99999/{app}/{stream}', 'rtmp://h/{app}/#{stream}'])(
    'refuse a template that can give no URL of a stream: %s',
    async from => {
      const config = { relay: { pull: { from } } } as ServeConfig
      expect(await sectionProblems(config, silentLogger)).toEqual([
        { path: ['relay', 'pull'], text: 'from: expected a URL like rtmp://host/{app}/{stream}' },
      ])
    },
  )

  it('fetch what names say, and no more', () => {
    const from = 'rtmp://origin.example/{app}/{stream}?key=1'
    const app = 'rtmp://origin.example/live'
    expect(pulledStream(from, 'live', 'mp4:a/b')).toEqual({ app, name: 'mp4:a/b?key=1' })
    expect(pulledStream(from, 'live', 'a/b')).toEqual({ app, name: 'a/b?key=1' })
    expect(pulledStream(from, 'live', '{app}$&')).toEqual({ app, name: '{app}$&?key=1' })
    for (const name of ['a?key=2', 'a#b', '?key=2']) expect(pulledStream(from, 'live', name)).toBeUndefined()
    const key = '?name=a&key=2'
    expect(pulledStream('rtmp://o/live/{stream}', 'live', key)).toEqual({ app: 'rtmp://o/live', name: key })
    expect(pulledStream('rtmp://o/live/?name={stream}', 'live', 'a&key=2')).toBe('rtmp://o/live/?name=a%26key%3D2')
    expect(pulledStream('rtmp://o/live/{app}-{stream}', 'a', 'b')).toBe('rtmp://o/live/a-b')
    expect(pulledStream('rtmp://o/{stream}', 'live', 'a/b')).toBe('rtmp://o/a/b')
  })

  it('ask a relay for it', async () => {
    const plugins = new SectionPlugins(silentLogger)
    const relay = { pull: { from: 'rtmp://127.0.0.1/{app}/{stream}', linger: 5 } }
    const [pull] = (await taken(plugins, { relay })) as readonly Plugin[]
    const event = { app: 'live', streamName: 'a', connection: {} } as unknown as PlayEvent
    expect(await pull?.sourcePlay?.(event)).toMatchObject({ kind: 'shared', linger: 5 })
    expect(await pull?.sourcePlay?.({ ...event, streamName: 'a?b' })).toBeUndefined()
  })
})

describe('what has changed', () => {
  it('takes effect, or does after a restart', () => {
    const before = configOf({ ...everything, sessionLimits: { maxConnections: 5 } })
    const { auth, sessionLimits: _limits, ...rest } = before
    const after = configOf({
      ...rest,
      auth: { ...auth, jwt: { key: { secret: 'b' } } },
      logLevel: 'debug',
      rtmp: 'off',
    })
    const { config, changed, afterRestart } = configChanges(before, after)
    expect(changed).toEqual(['logLevel', 'auth.jwt'])
    expect(afterRestart).toEqual(['rtmp', 'sessionLimits'])
    expect(config).toEqual({ ...after, rtmp: 1935, sessionLimits: { maxConnections: 5 } })
    expect(configChanges(before, structuredClone(before))).toMatchObject({ changed: [], afterRestart: [] })
  })

  it('is not forgotten until the restart', () => {
    const before = configOf({})
    const { config } = configChanges(before, configOf({ sessionLimits: { maxConnections: 5 } }))
    expect(config).toEqual(before)
    expect(configChanges(config, configOf({})).afterRestart).toEqual([])
  })

  it('is code, whenever there is some', () => {
    const plugins = () => [{ name: 'a' }]
    expect(configChanges(configOf({ plugins: plugins() }), configOf({ plugins: plugins() })).changed).toEqual([
      'plugins',
    ])
  })
})
