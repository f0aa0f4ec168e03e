import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { MemoryTransport, sampleStream, take, TestServer, VirtualClock } from '@rtmpipe/testing'
import { RtmpServer } from '../../src/server/rtmp-server.ts'

/** Writes down what it is told. */
function witness(name: string, told: string[]): Plugin {
  const say = (what: string) => void told.push(`${name} ${what}`)
  return {
    name,
    onConnect: () => say('connect'),
    onPublish: () => say('publish'),
    onPublishEnd: () => say('publish end'),
    onDisconnect: () => say('disconnect'),
    onListen: () => say('listen'),
    onClose: () => say('close'),
  }
}

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

describe('replacePlugins', () => {
  it('is for who comes from now on: who is there keeps the plugins it came with', async () => {
    const told: string[] = []
    await using server = new TestServer({ plugins: [witness('old', told)] })
    const early = await server.connect('live')
    await server.server.replacePlugins([witness('new', told)])
    await early.publish('early')
    await server.publish('live/late')
    expect(told).toEqual(['old listen', 'old connect', 'new listen', 'old publish', 'new connect', 'new publish'])
  })

  it('tells the replaced of their last connection before their end', async () => {
    const told: string[] = []
    await using server = new TestServer({ plugins: [witness('old', told)] })
    const one = await server.connect('live')
    const other = await server.connect('live')
    await server.server.replacePlugins([])
    await one.close()
    expect(told).not.toContain('old close')
    await other.publish('name')
    await other.close()
    await expect.poll(() => told.at(-1), { interval: 1 }).toBe('old close')
    expect(told.slice(3)).toEqual(['old disconnect', 'old publish', 'old publish end', 'old disconnect', 'old close'])
  })

  it('ends what nobody knows at once, and only that', async () => {
    const told: string[] = []
    const stays = witness('stays', told)
    await using server = new TestServer({ plugins: [witness('goes', told), stays] })
    await server.server.replacePlugins([stays])
    await turn()
    expect(told).toEqual(['goes close'])
  })

  it('lets a plugin go on that comes back while its old connections are there', async () => {
    const told: string[] = []
    const plugin = witness('back', told)
    await using server = new TestServer({ plugins: [plugin] })
    const client = await server.connect('live')
    await server.server.replacePlugins([])
    await server.server.replacePlugins([plugin])
    await client.close()
    await expect.poll(() => told.includes('back disconnect'), { interval: 1 }).toBe(true)
    await turn()
    expect(told).toEqual(['back listen', 'back connect', 'back disconnect'])
  })

  it('tells new ones of the listeners, and everyone of the end, once', async () => {
    const told: string[] = []
    const [a, b, c] = ['a', 'b', 'c'].map(name => witness(name, told)) as [Plugin, Plugin, Plugin]
    const server = new RtmpServer({ transports: [new MemoryTransport()], plugins: [a, b] })
    await server.replacePlugins([b, c])
    expect(told).toEqual(['a close'])
    await server.listen()
    await server.replacePlugins([a, b, c])
    expect(told.slice(1)).toEqual(['b listen', 'c listen', 'a listen'])
    await server.close()
    expect(told.slice(4)).toEqual(['a close', 'b close', 'c close'])
    await expect(server.replacePlugins([])).rejects.toThrow(/close/)
  })

  it('keeps a plugin that feeds a stream until nobody plays it, whenever the players came', async () => {
    const told: string[] = []
    const feed = new PassThrough({ objectMode: true })
    const source: Plugin = { ...witness('old', told), sourcePlay: () => ({ kind: 'shared', open: () => feed }) }
    await using server = new TestServer({ plugins: [source] })
    const early = await server.connect('live')
    await early.play('name')
    await server.server.replacePlugins([])
    const late = await server.play('live/name')
    await early.close()
    await expect.poll(() => told, { interval: 1 }).toContain('old disconnect')
    await turn()
    expect(told).not.toContain('old close')
    const sent = sampleStream(5)
    for (const message of sent) feed.write(message)
    expect(await take(late, sent.length)).toHaveLength(sent.length)
    late.destroy()
    await expect.poll(() => told.at(-1), { interval: 1 }).toBe('old close')
    expect(feed.destroyed).toBe(true)
  })

  it('waits at the end of the server for plugins that were replaced and are not done yet', async () => {
    const done: string[] = []
    const slow = (name: string): Plugin => ({
      name,
      onClose: async () => {
        await turn()
        await turn()
        done.push(name)
      },
    })
    const server = new TestServer({ plugins: [slow('replaced while somebody is there')] })
    await server.connect('live')
    await server.server.replacePlugins([slow('replaced while nobody is there')])
    await server.server.replacePlugins([])
    await server.server.close()
    expect(done.toSorted()).toEqual(['replaced while nobody is there', 'replaced while somebody is there'])
  })

  it('costs neither publisher nor player a message', async () => {
    await using server = new TestServer({ plugins: [{ name: 'open' }] })
    const player = await server.play('live/name')
    const publisher = await server.publish('live/name')
    const sent = sampleStream(20)
    for (const [index, message] of sent.entries()) {
      if (index === 10)
        await server.server.replacePlugins([
          { name: 'shut', onConnect: () => deny('NetConnection.Connect.Rejected', 'closed') },
        ])
      publisher.write(message)
    }
    const got = await take(player, sent.length)
    expect(got.map(({ timestamp }) => timestamp)).toEqual(sent.map(({ timestamp }) => timestamp))
    await expect(server.connect('live')).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Rejected' })
  })
})

describe('the end of a server', () => {
  it('waits for plugins that do not answer, and for a store that does not, for as long as the limit says', async () => {
    using clock = new VirtualClock()
    const never = () => new Promise<never>(() => {})
    const store = { load: async () => undefined, save: never, delete: never }
    const limits = { closeTimeout: 500 }
    const server = new RtmpServer({
      transports: [],
      plugins: [{ name: 'old', onClose: never }],
      limits,
      sharedObjects: { store },
    })
    await server.replacePlugins([{ name: 'new', onClose: never }])
    const object = await server.sharedObjects.open('live', 'so', { persistent: true })
    object.set('a', 1)
    let isClosed = false
    void server.close().then(() => (isClosed = true))
    await clock.advance(999)
    expect(isClosed).toBe(false)
    await clock.advance(1)
    expect(isClosed).toBe(true)
  })
})
