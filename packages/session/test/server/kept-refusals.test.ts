import { samples, send, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { RawServer } from '../support/raw-server.ts'

const kept = deny('NetStream.Play.Failed', 'for members only', {}, { keepsConnection: true })
const isSecret = ({ streamName }: { readonly streamName: string }) => (streamName === 'secret' ? kept : undefined)
const guard: Plugin = { name: 'guard', onPublish: isSecret, onPlay: isSecret }

describe.each(['onPlay', 'onPlayAccepted', 'onPublish', 'onPublishAccepted'] as const)(
  'a refusal by %s that keeps the connection',
  hook => {
    it('is told and logged, and the NetStream may be used again', async () => {
      await using server = new RawServer({ plugins: [{ name: 'guard', [hook]: isSecret }] })
      const peer = await server.peer().connect()
      const id = await peer.createStream()
      const what = hook.startsWith('onPlay') ? 'play' : 'publish'
      expect(await peer.command(id, what, 0, null, 'secret').replies()).toEqual([
        ['onStatus', id, 0, null, 'error NetStream.Play.Failed'],
      ])
      expect(server.log.lines).toContainEqual(expect.objectContaining({ message: `${what} refused`, plugin: 'guard' }))
      const replies = await peer.command(id, what, 0, null, 'open').replies()
      expect(replies.at(-1)).toEqual([
        'onStatus',
        id,
        0,
        null,
        `status NetStream.${what === 'play' ? 'Play' : 'Publish'}.Start`,
      ])
      expect([server.server.players.size, server.server.streams.get('live', 'secret')]).toEqual([
        what === 'play' ? 1 : 0,
        undefined,
      ])
    })
  },
)

it('a refused play2 that keeps the connection leaves what is played going on', async () => {
  await using server = new RawServer({ plugins: [guard] })
  const [publisher, peer] = [server.peer(), server.peer()]
  await publisher.publish('open')
  await peer.play('open')
  expect(await peer.command(1, 'play2', 0, null, { streamName: 'secret' }).replies()).toEqual([
    ['onStatus', 1, 0, null, 'error NetStream.Play.Failed'],
  ])
  await publisher.media(1, samples.keyframe(0)).replies()
  expect(await peer.replies()).toEqual([['video', 1, 0]])
})

describe('a client whose play is refused that way', () => {
  it('has a StatusError, and goes on with calls, shared objects and other streams', async () => {
    const onCall = ({ method }: { readonly method: string }) => method
    await using server = new TestServer({ plugins: [{ ...guard, onCall }] })
    const publisher = await server.publish('live/open')
    const client = await server.connect('live')
    const chat = await client.sharedObject('chat')
    const refused = { statusCode: 'NetStream.Play.Failed', description: 'for members only' }
    await expect(client.play('secret')).rejects.toMatchObject(refused)
    await expect(client.publish('secret')).rejects.toMatchObject(refused)
    expect(await client.call('hello')).toBe('hello')
    chat.set('key', 1)
    const player = await client.play('open')
    await send(publisher, [samples.keyframe(0)])
    expect(await take(player, 1)).toMatchObject([{ timestamp: 0 }])
    await expect(player.switchTo('secret')).rejects.toMatchObject(refused)
    await send(publisher, [samples.keyframe(40)])
    expect(await take(player, 1)).toMatchObject([{ timestamp: 40 }])
    expect(client.state).toBe('connected')
  })

  it('may do so as often as it may have NetStreams open, and more often', async () => {
    await using server = new TestServer({ plugins: [guard], limits: { maxNetStreams: 2 } })
    const client = await server.connect('live')
    for (let round = 0; round < 5; round += 1) await expect(client.play('secret')).rejects.toThrow('members')
    expect((await client.play('open')).destroyed).toBe(false)
  })

  it('and that plays in this process leaves no connection behind', async () => {
    await using server = new TestServer({ plugins: [guard] })
    const who = { transport: 'http', remote: { address: '192.0.2.1', port: 1 } }
    await expect(server.server.play('live', 'secret', who)).rejects.toMatchObject({ description: 'for members only' })
    await expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(0)
  })
})

it('a refusal without that ends the connection', async () => {
  const onPlay = () => deny('NetStream.Play.Failed', 'for members only')
  await using server = new TestServer({ plugins: [{ name: 'guard', onPlay }] })
  const client = await server.connect('live')
  await expect(client.play('secret')).rejects.toThrow('members')
  await expect.poll(() => client.state, { interval: 1 }).toBe('closed')
})

it('a refused connect ends it in any case', async () => {
  await using server = new RawServer({ plugins: [{ name: 'guard', onConnect: () => kept }] })
  const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
  expect(await peer.rest()).toEqual([['_error', 0, 1, null, 'error NetStream.Play.Failed']])
})

it('an option that does not exist is a slip', () => {
  expect(() => deny('App.No', 'no', {}, { keepConnection: true } as never)).toThrow('did you mean keepsConnection')
})
