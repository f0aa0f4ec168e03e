import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { sampleStream, send, settled, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { Plugin } from '../../src/contract/plugin.ts'
import { RawServer } from '../support/raw-server.ts'

describe('traffic', () => {
  it('is that of all connections of a transport, of those that are gone too', async () => {
    await using test = new TestServer()
    const { traffic } = test.server
    expect(traffic.size).toBe(0)
    const publisher = await test.publish('live/name')
    const player = await test.play('live/name')
    await send(publisher, sampleStream(10))
    await take(player, 10)
    const sums = () => {
      const all = [...test.server.connections]
      return [
        all.reduce((sum, each) => sum + each.bytesReceived, 0),
        all.reduce((sum, each) => sum + each.bytesSent, 0),
      ]
    }
    const counts = traffic.get('memory')
    const [received, sent] = sums()
    expect(received).toBeGreaterThan(0)
    expect(counts).toMatchObject({ accepted: 2, received, sent })
    expect(counts?.closed.size).toBe(0)

    const gone = [...test.server.connections].map(({ signal }) => once(signal, 'abort'))
    for (const client of test.clients) client.messages.destroy()
    await Promise.all(gone)
    expect(test.server.connections.size).toBe(0)
    expect(counts?.received).toBeGreaterThanOrEqual(received ?? NaN)
    expect(counts?.sent).toBeGreaterThanOrEqual(sent ?? NaN)
    await test.connect('live')
    expect(traffic.get('memory')).toBe(counts)
    expect(counts?.accepted).toBe(3)
  })

  it('keeps transports apart, and counts nobody who was turned away', async () => {
    await using server = new RawServer({ limits: { maxConnections: 1 } })
    const remote = { address: 'x', port: 0 }
    const play = await server.server.play('live', 'name', { transport: 'http', remote })
    server.peer()
    expect([...server.server.traffic].map(([name, { accepted }]) => [name, accepted])).toEqual([['http', 1]])
    play.destroy()
    await settled()
    await server.peer().connect()
    expect([...server.server.traffic.keys()]).toEqual(['http', 'memory'])
  })

  it('knows with which code connections have closed', async () => {
    await using server = new RawServer()
    const closed = () => Object.fromEntries(server.server.traffic.get('memory')?.closed ?? [])
    const left = await server.peer().connect()
    left.messages.end()
    await left.rest()
    await server.peer().command(0, 'createStream', 1, null).rest()
    await settled()
    expect(closed()).toEqual({ '': 1, RTMP_ERR_COMMAND_ORDER: 1 })

    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    for (const error of [reset, reset, new Error('no code'), Object.assign(new Error('odd'), { code: 20 })]) {
      const before = new Set(server.server.connections)
      await server.peer().connect()
      const [connection] = [...server.server.connections].filter(each => !before.has(each))
      const { messages } = connection as unknown as { messages: PassThrough }
      const closed = new Promise(resolve => messages.once('close', resolve))
      messages.destroy(error)
      await closed
    }
    expect(closed()).toEqual({ '': 1, RTMP_ERR_COMMAND_ORDER: 1, ECONNRESET: 2, OTHER: 2 })
  })
})

describe('a play', () => {
  it('has an id of its own, the same as long as it is there', async () => {
    const files: Plugin = {
      name: 'files',
      sourcePlay: ({ app }) => (app === 'vod' ? new PassThrough({ objectMode: true }) : undefined),
    }
    await using test = new TestServer({ plugins: [files] })
    const client = await test.connect('live')
    await client.play('a')
    await client.play('b')
    await test.play('vod/film')
    const plays = [...test.server.players]
    const ids = plays.map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
    expect(plays.map(({ id }) => id)).toEqual(ids)
    for (const { id, connection } of plays) expect(id.startsWith(`${connection.id}.`)).toBe(true)
  })
})
