import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { PublishInfo } from '../../src/contract/info.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { status } from '../../src/protocol/status.ts'
import type { StreamTarget } from '../../src/protocol/stream-target.ts'
import { samples, TestServer } from '@rtmpipe/testing'

/** What a plugin is told of streams: their names, and what stood behind them. */
function listening(): { plugin: Plugin; heard: (readonly [string, string])[]; publishes: PublishInfo[] } {
  const heard: (readonly [string, string])[] = []
  const publishes: PublishInfo[] = []
  const note = ({ streamName, rawQuery }: StreamTarget) => void heard.push([streamName, rawQuery])
  const plugin: Plugin = {
    name: 'listening',
    onPublish: note,
    onPlay: note,
    onPublishStart: info => void publishes.push(info),
  }
  return { plugin, heard, publishes }
}

describe('plugins are told', () => {
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
      ['plain', ''],
      ['room', 'only=query'],
      ['a', 'hash?x'],
      ['waiting', ''],
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
