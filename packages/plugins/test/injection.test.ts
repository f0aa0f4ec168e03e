import { once } from 'node:events'
import { type Plugin, silentLogger } from '@rtmpipe/session'
import { sampleStream, take, TestServer } from '@rtmpipe/testing'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { InjectionToken } from 'tsyringe'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as auth from '../src/auth/index.ts'
import { LOGGER, type PluginClass, PluginContainer } from '../src/index.ts'
import * as quotas from '../src/quotas/index.ts'
import * as publisherReturn from '../src/publisher-return/index.ts'
import * as record from '../src/record/index.ts'
import * as relay from '../src/relay/index.ts'
import * as vod from '../src/vod/index.ts'
import { CallbackServer } from './auth/support/callback-server.ts'
import { filesBelow, temporaryFolder } from './record/support/folder.ts'
import { connectTo } from './relay/support/connect-to.ts'

/** A plugin as a class with what it is given, and the same from its factory. */
interface Subject {
  readonly plugin: PluginClass
  readonly given: readonly (readonly [token: InjectionToken<never>, value: unknown])[]
  readonly made: () => Plugin
  /** What is to be seen of it. */
  readonly seen: (server: TestServer) => Promise<unknown>
  readonly expected: unknown
}

function given<T>(token: InjectionToken<T>, value: T): readonly [InjectionToken<never>, unknown] {
  return [token as InjectionToken<never>, value]
}

/** The status of who is refused, or `in`. */
async function outcomes(...attempts: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const results = await Promise.allSettled(attempts)
  return results.map(result =>
    result.status === 'fulfilled' ? 'in' : (result.reason as { statusCode: string }).statusCode,
  )
}

const denied = 'NetStream.Publish.Denied'
const users = { studio: 'secret' }

async function login(server: TestServer): Promise<unknown> {
  let parameters: string | undefined = ''
  for (let attempt = 1; attempt <= 3 && parameters !== undefined; attempt += 1) {
    try {
      await server.connect(`live?${parameters}`)
      return `in, at attempt ${attempt}`
    } catch (error) {
      const { description } = error as { description: string }
      parameters = auth.answerAuthmod(description, { user: 'studio', password: 'secret' }, 'live')
    }
  }
  return 'not in'
}

const subjects: Record<string, () => Subject | Promise<Subject>> = {
  publishKeys: () => ({
    plugin: auth.PublishKeys,
    given: [given(auth.PUBLISH_KEYS_OPTIONS, { keys: ['k'] })],
    made: () => auth.publishKeys({ keys: ['k'] }),
    seen: server => outcomes(server.publish('live/a'), server.publish('live/b?key=k')),
    expected: [denied, 'in'],
  }),
  signedUrls: () => {
    const url = auth.signUrl('rtmp://h/live/b', { key: 'k', action: 'publish', expires: new Date(2 ** 41) })
    return {
      plugin: auth.SignedUrls,
      given: [given(auth.SIGNED_URLS_OPTIONS, { keys: 'k' })],
      made: () => auth.signedUrls({ keys: 'k' }),
      seen: server => outcomes(server.publish('live/b'), server.publish(url.slice('rtmp://h/'.length))),
      expected: [denied, 'in'],
    }
  },
  ipFilter: () => ({
    plugin: auth.IpFilter,
    given: [given(auth.IP_FILTER_OPTIONS, { allow: ['10.0.0.0/8'] })],
    made: () => auth.ipFilter({ allow: ['10.0.0.0/8'] }),
    seen: server => outcomes(server.connect('live')),
    expected: ['NetConnection.Connect.Rejected'],
  }),
  authmod: () => ({
    plugin: auth.Authmod,
    given: [given(auth.AUTHMOD_USERS, users)],
    made: () => auth.authmod({ users }),
    seen: async server => [...(await outcomes(server.connect('live'))), await login(server)],
    expected: ['NetConnection.Connect.Rejected', 'in, at attempt 3'],
  }),
  jwtAuth: async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }]
    const claims = new SignJWT({ rtmp: { publish: 'live/*' } }).setProtectedHeader({ alg: 'ES256', kid: 'one' })
    const token = await claims.setExpirationTime('1h').sign(privateKey)
    const options: auth.JwtOptions = { key: { jwks: 'http://keys.example/jwks' } }
    const fetch = () => Promise.resolve(Response.json({ keys }))
    return {
      plugin: auth.JwtAuth,
      given: [given(auth.JWT_AUTH_OPTIONS, options), given(auth.JWT_AUTH_FETCH, fetch)],
      made: () => auth.jwtAuth(options, silentLogger, fetch),
      seen: server => outcomes(server.publish('live/a'), server.publish(`live/b?token=${token}`)),
      expected: [denied, 'in'],
    }
  },
  httpCallback: async () => {
    const web = await CallbackServer.start()
    onTestFinished(() => web[Symbol.asyncDispose]())
    web.answer = () => ({ status: 403 })
    const options: auth.HttpCallbackOptions = { url: { publish: web.url } }
    return {
      plugin: auth.HttpCallback,
      given: [given(auth.HTTP_CALLBACK_OPTIONS, options)],
      made: () => auth.httpCallback(options),
      seen: server => outcomes(server.publish('live/a'), server.play('live/a')),
      expected: [denied, 'in'],
    }
  },
  quotas: () => ({
    plugin: quotas.Quotas,
    given: [given(quotas.QUOTAS_OPTIONS, { viewersPerStream: 0 })],
    made: () => quotas.quotas({ viewersPerStream: 0 }),
    seen: server => outcomes(server.play('live/a'), server.publish('live/a')),
    expected: ['NetStream.Play.Failed', 'in'],
  }),
  publisherReturn: () => ({
    plugin: publisherReturn.PublisherReturn,
    given: [given(publisherReturn.PUBLISHER_RETURN_OPTIONS, { policy: 'takeover' })],
    made: () => publisherReturn.publisherReturn({ policy: 'takeover' }),
    seen: async server => {
      const first = await server.publish('live/a')
      first.on('error', () => {})
      const replaced = once(first, 'status')
      return [...(await outcomes(server.publish('live/a'))), (await replaced)[0]]
    },
    expected: ['in', expect.objectContaining({ code: 'NetStream.Publish.BadName' })],
  }),
  record: () => {
    const dir = temporaryFolder()
    return {
      plugin: record.Recorder,
      given: [given(record.RECORD_OPTIONS, { dir, name: '{stream}' })],
      made: () => record.record({ dir, name: '{stream}' }),
      seen: async server => {
        const publisher = await server.publish('live/a')
        for (const message of sampleStream(5)) publisher.write(message)
        publisher.end()
        await once(publisher, 'close')
        await server.server.close()
        return filesBelow(dir)
      },
      expected: expect.arrayContaining(['a.flv']),
    }
  },
  vod: () => {
    const dir = temporaryFolder()
    return {
      plugin: vod.Vod,
      given: [given(vod.VOD_OPTIONS, { dir })],
      made: () => vod.vod({ dir }),
      seen: server => outcomes(server.play('vod/film'), server.play('live/film')),
      expected: ['NetStream.Play.StreamNotFound', 'in'],
    }
  },
  relayPush: () => {
    const far = new TestServer()
    const connect = connectTo({ far })
    return {
      plugin: relay.RelayPush,
      given: [given(relay.RELAY_CONNECT, connect), given(relay.RELAY_PUSH_OPTIONS, { to: ['rtmp://far/live'] })],
      made: () => relay.relayPush({ connect, to: ['rtmp://far/live'] }),
      seen: async server => {
        const publisher = await server.publish('live/a')
        for (const message of sampleStream(3)) publisher.write(message)
        return (await take(await far.play('live/a'), 1)).length
      },
      expected: 1,
    }
  },
  relayPull: () => {
    const far = new TestServer()
    const connect = connectTo({ far })
    const from = () => 'rtmp://far/live/a'
    return {
      plugin: relay.RelayPull,
      given: [given(relay.RELAY_CONNECT, connect), given(relay.RELAY_PULL_OPTIONS, { from })],
      made: () => relay.relayPull({ connect, from }),
      seen: async server => {
        const publisher = await far.publish('live/a')
        for (const message of sampleStream(3)) publisher.write(message)
        const got = await take(await server.play('live/x'), 1)
        publisher.end()
        await once(publisher, 'close')
        return got.length
      },
      expected: 1,
    }
  },
}

describe.each(Object.entries(subjects))('%s', (_name, subject) => {
  it('as a class with injected options and services is what its factory makes', async () => {
    const { plugin, given, made, seen, expected } = await subject()
    await using container = new PluginContainer()
    container.provide(LOGGER, silentLogger)
    for (const [token, value] of given) container.provide(token as InjectionToken<unknown>, value)
    container.use(plugin)
    const [resolved = expect.unreachable()] = container.resolve()
    const factoryMade = made()
    expect(resolved).toBeInstanceOf(plugin)
    expect(factoryMade).toBeInstanceOf(plugin)
    expect(resolved.name).toBe(factoryMade.name)
    for (const each of [resolved, factoryMade]) {
      await using server = new TestServer({ plugins: [each] })
      expect(await seen(server)).toEqual(expected)
    }
  })

  it('says what it has not been given', async () => {
    const { plugin, given } = await subject()
    const container = new PluginContainer()
    for (const [token, value] of given.slice(1)) container.provide(token as InjectionToken<unknown>, value)
    container.use(plugin)
    expect(() => container.resolve()).toThrow(`of "${plugin.name}"`)
  })
})
