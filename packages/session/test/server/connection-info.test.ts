import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { ConnectionInfo, PublishInfo } from '../../src/info.ts'
import type { Plugin } from '../../src/plugin.ts'
import { RawQueries } from '../../src/server/raw-queries.ts'
import { status } from '../../src/status.ts'
import { samples } from '../../src/testing/samples.ts'
import { TestServer } from '../../src/testing/test-server.ts'

/** What a plugin is told of streams: their names, and what stood behind them. */
function listening(): { plugin: Plugin; heard: (readonly [string, string | undefined])[]; publishes: PublishInfo[] } {
  const heard: (readonly [string, string | undefined])[] = []
  const publishes: PublishInfo[] = []
  const note = ({ connection, streamName }: { connection: ConnectionInfo; streamName: string }) =>
    void heard.push([streamName, connection.rawQuery(streamName)])
  const plugin: Plugin = {
    name: 'listening',
    onPublish: note,
    onPlay: note,
    onPublishStart: info => void publishes.push(info),
  }
  return { plugin, heard, publishes }
}

describe('of a connection plugins are told', () => {
  it('what stood behind the name of a stream, as it was sent', async () => {
    const { plugin, heard } = listening()
    await using server = new TestServer({ plugins: [plugin] })
    const client = await server.connect('live/room?k=1')
    await client.publish('a?b=%20+c&b=2&%zz')
    await client.publish('plain')
    await client.publish('?only=query')
    await client.play('a#hash?x')
    const player = await client.play('waiting')
    player.append('later?n=1')
    player.append('later?n=2')
    await player.switchTo('switched?y=%2F')
    expect(heard).toEqual([
      ['a', 'b=%20+c&b=2&%zz'],
      ['plain', undefined],
      ['room', 'only=query'],
      ['a', 'hash?x'],
      ['waiting', undefined],
      ['switched', 'y=%2F'],
    ])
  })

  it('how many bytes have come and gone', async () => {
    const { plugin, publishes } = listening()
    await using server = new TestServer({ plugins: [plugin] })
    const publisher = await server.publish('live/a')
    const [{ connection } = expect.unreachable()] = publishes
    const { bytesReceived, bytesSent } = connection
    expect(bytesSent).toBeGreaterThan(0)
    const player = await server.play('live/a')
    publisher.write(samples.keyframe(0, 10_000))
    await once(player, 'readable')
    expect(connection.bytesReceived - bytesReceived).toBeGreaterThanOrEqual(10_000)
    expect(connection.bytesSent).toBe(bytesSent)
  })
})

describe('a publisher can be told a status', () => {
  it('and goes on; also after the end of its stream, but not without a client', async () => {
    const { plugin, publishes } = listening()
    await using server = new TestServer({ plugins: [plugin] })
    const client = await server.connect('live')
    const publisher = await client.publish('a')
    const [publish = expect.unreachable()] = publishes
    const told = once(publisher, 'status')
    publish.tell(status('NetStream.Record.Start', 'it is recorded'))
    expect(await told).toEqual([{ level: 'status', code: 'NetStream.Record.Start', description: 'it is recorded' }])
    expect(publisher.destroyed).toBe(false)
    publish.end()
    await once(publisher, 'close')
    publish.tell(status('NetStream.Record.Stop', 'it is not recorded any more'))
    await client.close()
    publish.tell(status('NetStream.Record.Stop', 'nobody hears that'))
  })
})

describe('RawQueries', () => {
  it('remembers no more names than a playlist has, and what was said last', () => {
    const queries = new RawQueries()
    for (let index = 0; index < 40; index += 1) queries.add('live', `s${index}?q=${index}`)
    expect([queries.of('s7'), queries.of('s8')]).toEqual([undefined, 'q=8'])
    queries.add('live', 's8?again')
    queries.add('live', 's40?new')
    expect([queries.of('s8'), queries.of('s9')]).toEqual(['again', undefined])
    queries.add('live', 's8')
    queries.add('live', `s40?${'x'.repeat(9_000)}`)
    expect([queries.of('s8'), queries.of('s40')]).toEqual([undefined, undefined])
  })
})
