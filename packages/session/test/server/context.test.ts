import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Context, contextKey } from '../../src/contract/context.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { PRINCIPAL } from '../../src/contract/principal.ts'
import { RecordingLog } from '../support/recording-log.ts'
import { TestServer } from '@rtmpipe/testing'

const USER = contextKey<{ plan: string }>('user')

describe('a context', () => {
  it('gives what was set under the key itself, not under one of the same name', () => {
    const context = new Context()
    expect(context.get(USER)).toBeUndefined()
    context.set(USER, { plan: 'free' })
    context.set(USER, { plan: 'paid' })
    expect(context.get(USER)).toEqual({ plan: 'paid' })
    expect(context.get(contextKey('user'))).toBeUndefined()
  })

  it('has the values of its parent, also those that come later, unless it has its own', () => {
    const parent = new Context()
    const context = new Context(parent)
    parent.set(USER, { plan: 'free' })
    expect(context.get(USER)).toEqual({ plan: 'free' })
    context.set(USER, { plan: 'paid' })
    expect([context, parent].map(each => each.get(USER)?.plan)).toEqual(['paid', 'free'])
    const maybe = contextKey<string | undefined>('maybe')
    parent.set(maybe, 'set')
    context.set(maybe, undefined)
    expect(context.get(maybe)).toBeUndefined()
  })
})

describe('what gates found out', () => {
  /** Writes down which context each hook was given, and what stands in it. */
  function watching(): { plugin: Plugin; seen: Map<string, Context>; plans: Record<string, string | undefined> } {
    const seen = new Map<string, Context>()
    const plans: Record<string, string | undefined> = {}
    const note = (hook: string, context: Context) => {
      seen.set(hook, context)
      plans[hook] = context.get(USER)?.plan
    }
    const pass = () => new PassThrough({ objectMode: true })
    const plugin: Plugin = {
      name: 'watching',
      onConnect: ({ context }) => note('onConnect', context),
      onConnectAccepted: ({ context }) => note('onConnectAccepted', context),
      onCall({ context }) {
        note('onCall', context)
        return null
      },
      onSharedObject: ({ context }) => note('onSharedObject', context),
      onDisconnect: ({ connection }) => note('onDisconnect', connection.context),
      onPublish: ({ context }) => note('onPublish', context),
      onPublishAccepted: ({ context }) => note('onPublishAccepted', context),
      bindPublish({ context }) {
        note('bindPublish', context)
        return pass()
      },
      onPublishStart: ({ context }) => note('onPublishStart', context),
      onPublishEnd: ({ context }) => note('onPublishEnd', context),
      onPlay: ({ context }) => note('onPlay', context),
      onPlayAccepted: ({ context }) => note('onPlayAccepted', context),
      sourcePlay: ({ context }) => note('sourcePlay', context),
      bindPlay({ context }) {
        note('bindPlay', context)
        return pass()
      },
      onPlayStart: ({ context }) => note('onPlayStart', context),
      onPlayEnd: ({ context }) => note('onPlayEnd', context),
    }
    return { plugin, seen, plans }
  }

  it('of a publish or a play reaches every later hook of it, and no other one', async () => {
    const { plugin, seen, plans } = watching()
    const auth: Plugin = {
      name: 'auth',
      onPublish: ({ context }) => context.set(USER, { plan: 'publisher' }),
      onPlay: ({ context }) => context.set(USER, { plan: 'player' }),
    }
    await using server = new TestServer({ plugins: [auth, plugin] })
    const client = await server.connect('live')
    const publisher = await client.publish('name')
    const player = await client.play('name')
    player.destroy()
    publisher.end()
    await client.close()
    while (!seen.has('onDisconnect')) await new Promise(resolve => setImmediate(resolve))
    const ofPublish = ['onPublish', 'onPublishAccepted', 'bindPublish', 'onPublishStart', 'onPublishEnd']
    const ofPlay = ['onPlay', 'onPlayAccepted', 'sourcePlay', 'bindPlay', 'onPlayStart', 'onPlayEnd']
    expect(new Set(ofPublish.map(hook => seen.get(hook))).size).toBe(1)
    expect(new Set(ofPlay.map(hook => seen.get(hook))).size).toBe(1)
    expect(ofPublish.map(hook => plans[hook])).toEqual(ofPublish.map(() => 'publisher'))
    expect(ofPlay.map(hook => plans[hook])).toEqual(ofPlay.map(() => 'player'))
    expect([plans['onConnect'], plans['onDisconnect']]).toEqual([undefined, undefined])
  })

  it('of a connection reaches all of its hooks, publishes and plays', async () => {
    const { plugin, seen, plans } = watching()
    const login: Plugin = { name: 'login', onConnect: ({ context }) => context.set(USER, { plan: 'paid' }) }
    await using server = new TestServer({ plugins: [login, plugin] })
    const client = await server.connect('live')
    await client.call('anything')
    await client.sharedObject('chat')
    await client.publish('name')
    await client.play('name')
    await client.close()
    while (seen.size < 16) await new Promise(resolve => setImmediate(resolve))
    expect(new Set(Object.values(plans))).toEqual(new Set(['paid']))
    const hooks = ['onConnect', 'onConnectAccepted', 'onCall', 'onSharedObject', 'onDisconnect']
    expect(new Set(hooks.map(hook => seen.get(hook))).size).toBe(1)
  })
})

describe('the principal', () => {
  it('is that of the publish or play, or else of the connection, and stands in the log', async () => {
    const log = new RecordingLog()
    const told: unknown[] = []
    const auth: Plugin = {
      name: 'auth',
      onConnect: ({ context }) => context.set(PRINCIPAL, { id: 'alice', by: 'auth' }),
      onPublish: ({ context }) => context.set(PRINCIPAL, { id: 'studio key', by: 'auth' }),
      onPublishStart: ({ principal, connection }) => void told.push(principal?.id, connection.principal?.id),
      onPlayStart: ({ principal }) => void told.push(principal?.id),
    }
    await using server = new TestServer({ plugins: [auth], log })
    const client = await server.connect('live')
    await client.publish('name')
    await client.play('name')
    expect(told).toEqual(['studio key', 'alice', 'alice'])
    expect(log.at('info')).toMatchObject([
      { message: 'connected', principal: 'alice' },
      { message: 'publish started', principal: 'studio key' },
      { message: 'play started', principal: 'alice' },
    ])
  })

  it('of somebody who has proved nothing is not there', async () => {
    const log = new RecordingLog()
    let principals = 0
    await using server = new TestServer({
      plugins: [{ name: 'spy', onPublishStart: info => void (principals += info.principal === undefined ? 0 : 1) }],
      log,
    })
    await server.publish('live/name?key=claimed')
    expect(principals).toBe(0)
    expect(log.at('info').filter(line => 'principal' in line)).toEqual([])
  })
})
