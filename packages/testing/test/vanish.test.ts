import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type EndReason, type MessageConnection, type Plugin, RtmpClient } from '@rtmpipe/session'
import { vanish } from '../src/faults/vanish.ts'
import { sampleStream } from '../src/samples.ts'
import { send } from '../src/send.ts'
import { settled } from '../src/settled.ts'
import { take } from '../src/take.ts'
import { TestServer } from '../src/test-server.ts'

/** Writes down how everything ends. */
function watch(): { plugin: Plugin; ends: [hook: string, code: unknown][]; received: number } {
  const told = { ends: [] as [string, unknown][], received: 0 }
  const code = ({ error }: EndReason) => (error as NodeJS.ErrnoException | undefined)?.code
  const plugin: Plugin = {
    name: 'watch',
    onPublishStart({ stream }) {
      stream.subscribe().on('data', () => (told.received += 1))
    },
    onPublishEnd: (_publish, reason) => void told.ends.push(['onPublishEnd', code(reason)]),
    onPlayEnd: (_play, reason) => void told.ends.push(['onPlayEnd', code(reason)]),
    onDisconnect: reason => void told.ends.push(['onDisconnect', code(reason)]),
  }
  return Object.assign(told, { plugin })
}

describe('vanish', () => {
  it('takes a publisher away without a goodbye, after what it has sent', async () => {
    const told = watch()
    await using server = new TestServer({ plugins: [told.plugin] })
    const publisher = await server.publish('live/name')
    for (const message of sampleStream(20)) publisher.write(message)
    await vanish(publisher)
    expect(told.ends).toEqual([
      ['onPublishEnd', 'ECONNRESET'],
      ['onDisconnect', 'ECONNRESET'],
    ])
    expect(told.received).toBe(sampleStream(20).length)
    expect(publisher.destroyed).toBe(true)
    expect(server.server.connections.size).toBe(0)
  })

  it('is not how a publisher ends that says goodbye', async () => {
    const told = watch()
    await using server = new TestServer({ plugins: [told.plugin] })
    const publisher = await server.publish('live/name')
    publisher.end()
    await settled()
    expect(told.ends).toEqual([['onPublishEnd', undefined]])
  })

  it.each([1, 5, 42])('takes a publisher away after %d messages, exactly', async after => {
    const told = watch()
    await using server = new TestServer({ plugins: [told.plugin] })
    const publisher = await server.publish('live/name')
    const gone = vanish(publisher, { after })
    await settled()
    expect(told.ends).toEqual([])
    for (const message of sampleStream(20)) publisher.write(message)
    await gone
    expect(told.received).toBe(after)
    expect(told.ends[0]).toEqual(['onPublishEnd', 'ECONNRESET'])
  })

  it('takes a player away after so many messages, which it has got', async () => {
    const told = watch()
    await using server = new TestServer({ plugins: [told.plugin] })
    const player = await server.play('live/name')
    const publisher = await server.publish('live/name')
    const gone = vanish(player, { after: 7 })
    await send(publisher, sampleStream(20))
    await gone
    expect(await player.toArray()).toHaveLength(7)
    expect(told.ends).toEqual([
      ['onPlayEnd', 'ECONNRESET'],
      ['onDisconnect', 'ECONNRESET'],
    ])
    expect(told.received).toBe(sampleStream(20).length)
  })

  it('takes a client away with all that it does', async () => {
    const told = watch()
    await using server = new TestServer({ plugins: [told.plugin] })
    const client = await server.connect('live')
    await client.publish('name')
    await client.play('name')
    await vanish(client)
    await vanish(client)
    expect(told.ends.map(([hook]) => hook)).toEqual(['onPublishEnd', 'onPlayEnd', 'onDisconnect'])
  })

  it('leaves others alone', async () => {
    await using server = new TestServer()
    const [player, other] = [await server.play('live/name'), await server.play('live/name')]
    const publisher = await server.publish('live/name')
    await vanish(player)
    await send(publisher, sampleStream(5))
    expect(await take(other, 13)).toHaveLength(13)
  })

  it('is for connections in memory', async () => {
    const client = new RtmpClient(new PassThrough({ objectMode: true }) as unknown as MessageConnection)
    await expect(vanish(client)).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
  })
})
