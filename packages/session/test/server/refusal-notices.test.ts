import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { PassThrough } from 'node:stream'
import { settled } from '@rtmpipe/testing'
import { expect, it, onTestFinished } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import type { RefusalEvent } from '../../src/contract/refusal-event.ts'
import { raw, use } from '../shared-object/support/body.ts'
import { RawServer } from '../support/raw-server.ts'

/** Writes down what it is told. */
function witness(): { readonly told: RefusalEvent[]; readonly plugin: Plugin } {
  const told: RefusalEvent[] = []
  return { told, plugin: { name: 'witness', onRefusal: event => void told.push(event) } }
}

/** What the channel gives. */
function heard(): unknown[] {
  const messages: unknown[] = []
  const hear = (message: unknown) => void messages.push(message)
  subscribe('rtmpipe:refusal', hear)
  onTestFinished(() => void unsubscribe('rtmpipe:refusal', hear))
  return messages
}

const denial = deny('App.No', 'wrong key')
const guard: Plugin = {
  name: 'guard',
  onConnect: ({ app }) => (app === 'closed' ? denial : undefined),
  onPublish: () => denial,
  onPlay: ({ streamName }) => (streamName === 'cam' ? denial : undefined),
  onSharedObject: () => deny('SharedObject.NoReadAccess', 'members only'),
}

it.each([
  ['connect', 'closed?key=s3cret', undefined],
  ['publish', 'live?key=s3cret', 'cam'],
  ['play', 'live?key=s3cret', 'cam'],
])('of %s tells who asked for what, and why not, without keys', async (what, app, streamName) => {
  const { told, plugin } = witness()
  const channel = heard()
  await using server = new RawServer({ plugins: [guard, plugin] })
  const peer = server.peer('192.0.2.7').command(0, 'connect', 1, { app, flashVer: 'OBS' })
  peer.command(0, 'createStream', 2, null)
  if (streamName !== undefined) peer.command(1, what, 0, null, `${streamName}?key=s3cret`)
  await peer.rest()
  const [event] = told
  const { connection, ...others } = event as RefusalEvent
  expect(others).toEqual({
    what,
    remote: { address: '192.0.2.7', port: 0 },
    transport: 'memory',
    app: app.replace(/\?.*/, ''),
    ...(streamName !== undefined && { streamName }),
    plugin: 'guard',
    code: 'App.No',
    reason: 'wrong key',
  })
  expect(connection).toMatchObject({ remote: { address: '192.0.2.7' }, flashVer: 'OBS' })
  expect(channel).toEqual([event])
  expect(channel[0]).toBe(event)
  expect(told).toHaveLength(1)
})

it('of play2 and of a shared object leaves the connection', async () => {
  const { told, plugin } = witness()
  await using server = new RawServer({ plugins: [guard, plugin] })
  const peer = server.peer()
  await peer.play('first')
  await peer.command(1, 'play2', 0, null, { streamName: '' }).replies()
  peer.send(raw('so', 0, 0, use))
  await peer.replies()
  expect(told).toMatchObject([
    { what: 'play2', streamName: '', code: 'NetStream.Play.Failed' },
    { what: 'shared object', sharedObject: 'so', plugin: 'guard', code: 'SharedObject.NoReadAccess' },
  ])
  expect(told[0]).not.toHaveProperty('plugin')
})

it('of too many shared objects is told too, which has another line of the log', async () => {
  const { told, plugin } = witness()
  await using server = new RawServer({
    plugins: [plugin],
    sharedObjects: { limits: { maxObjectsPerConnection: 1 } },
  })
  const peer = (await server.peer().connect()).send(raw('one', 0, 0, use)).send(raw('two', 0, 0, use))
  await peer.replies()
  expect(told).toMatchObject([
    { what: 'shared object', sharedObject: 'two', code: 'SharedObject.ObjectCreationFailed' },
  ])
})

it('of a busy name has no plugin', async () => {
  const { told, plugin } = witness()
  await using server = new RawServer({ plugins: [plugin] })
  await server.peer().publish('cam')
  const second = await server.peer().connect()
  await second.createStream()
  second.command(1, 'publish', 0, null, 'cam?key=s3cret')
  await second.rest()
  expect(told).toMatchObject([{ what: 'publish', streamName: 'cam', code: 'NetStream.Publish.BadName' }])
  expect(told[0]).not.toHaveProperty('plugin')
})

it('comes after the answer: a plugin may end the connection for it', async () => {
  const stern: Plugin = { name: 'stern', onRefusal: ({ connection }) => connection?.end() }
  await using server = new RawServer({ plugins: [guard, stern] })
  const peer = server.peer()
  await peer.play('first')
  peer.command(1, 'play2', 0, null, { streamName: '' })
  expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Play.Failed']])
})

it('is told of who is turned away before anything was read, who is no connection', async () => {
  const { told, plugin } = witness()
  await using server = new RawServer({ plugins: [plugin], limits: { maxConnections: 1 } })
  await server.peer().connect()
  const remote = { address: '192.0.2.8', port: 7 }
  server.server.accept({ stream: new PassThrough(), transport: 'rtmp', secure: false, remote })
  const viewer = server.server.play('live', 'cam', { transport: 'http', remote })
  await expect(viewer).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Rejected' })
  const refusal = { what: 'connect', connection: undefined, remote, app: '', code: 'NetConnection.Connect.Rejected' }
  const reason = 'there are 1 connections already'
  expect(told).toEqual([
    { ...refusal, transport: 'rtmp', reason },
    { ...refusal, transport: 'http', reason },
  ])
})

it('nobody is told when a client is let in', async () => {
  const { told, plugin } = witness()
  const channel = heard()
  await using server = new RawServer({ plugins: [plugin] })
  await server.peer().publish('cam')
  await server.peer().play('cam')
  await settled()
  expect([...told, ...channel]).toEqual([])
})
