import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { once } from 'node:events'
import { Readable } from 'readable-stream'
import { describe, expect, it } from 'vitest'
import { reconnectUrl } from '../../src/client/reconnect-url.ts'
import { parseAppUrl } from '../../src/client/stream-url.ts'
import type { PlayEvent, Plugin } from '../../src/contract/plugin.ts'
import { samples, take, TestServer } from '@rtmpipe/testing'
import { Hosts, request } from '../support/hosts.ts'

const { audio, interframe, keyframe, metadata, videoHeader } = samples

describe('a client that is asked to connect again', () => {
  it('goes elsewhere with what it publishes and plays, and nothing is lost', async () => {
    await using hosts = new Hosts()
    const [client, audience] = [await hosts.client(), await hosts.b.connect('live')]
    const stream = await client.publish('name')
    const [before, after] = [await hosts.a.play('live/name'), await audience.play('name')]
    for (const message of [metadata({ width: 1 }), videoHeader(0), keyframe(0), interframe(40)]) stream.write(message)
    expect(await take(before, 4)).toHaveLength(4)
    const asked = once(client, 'reconnectRequest')
    const done = once(client, 'reconnect')
    const target = [...hosts.a.server.connections].find(({ capabilities }) => ((capabilities.capsEx ?? 0) & 1) !== 0)
    target?.requestReconnect({ tcUrl: 'rtmp://b/live', description: 'busy' })
    expect(await asked).toEqual([{ tcUrl: 'rtmp://b/live', description: 'busy' }])
    let isDone = false
    void done.then(() => (isDone = true))
    const written = [0, 40]
    // Whenever it moves, it does so at a keyframe.
    for (let timestamp = 80; !isDone || timestamp % 200 !== 40; timestamp += 40) {
      const message = timestamp % 200 === 0 ? keyframe(timestamp) : interframe(timestamp)
      await new Promise<void>(resolve => stream.write(message, () => resolve()))
      await new Promise<void>(resolve => void setImmediate(resolve))
      written.push(timestamp)
    }
    expect(await done).toEqual(['rtmp://b/live'])
    const times = (messages: RtmpMessage[]) =>
      messages.filter(({ messageTypeId }) => messageTypeId === 9).map(({ timestamp }) => timestamp)
    const there = await take(after, 3)
    expect(there).toMatchObject([{ messageTypeId: 18 }, { messageTypeId: 9 }, { messageTypeId: 9 }])
    const [, , first] = there as [RtmpMessage, RtmpMessage, RtmpMessage]
    expect(first.timestamp % 200).toBe(0)
    const split = written.indexOf(first.timestamp)
    expect(times(await take(before, split - 2))).toEqual(written.slice(2, split))
    expect(times(await take(after, written.length - split - 1))).toEqual(written.slice(split + 1))
    stream.end()
    await once(stream, 'close')
    expect(client.state).toBe('connected')
    for (const each of [before, after]) each.destroy()
  })

  it('plays on from there, with a mark', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const [first, second] = [await hosts.a.publish('live/name'), await hosts.b.publish('live/name')]
    const player = await client.play('name')
    first.write(audio(5))
    expect(await take(player, 1)).toMatchObject([{ timestamp: 5 }])
    const done = once(client, 'reconnect')
    const target = [...hosts.a.server.connections].find(({ capabilities }) => ((capabilities.capsEx ?? 0) & 1) !== 0)
    target?.requestReconnect({ tcUrl: '//b/live' })
    await done
    expect(hosts.a.server.connections.size).toBe(1)
    second.write(audio(7))
    second.write(audio(9))
    const messages = await take(player, 2)
    expect(messages.map(({ timestamp, discontinuity }) => [timestamp, discontinuity])).toEqual([
      [7, true],
      [9, undefined],
    ])
    player.destroy()
  })

  it.each([
    ['from a place', 1_000, [1_000, 1_400, 1_800, 5_080]],
    ['from the beginning', undefined, ['any', 400, 800, 5_080]],
  ] as const)('goes on where a recording was, that it played %s, again and again', async (_from, start, expected) => {
    const asked: [PlayEvent['start'], PlayEvent['duration']][] = []
    const recording: Plugin = {
      name: 'recording',
      sourcePlay: event => {
        asked.push([event.start, event.duration])
        let base = 0
        const messages = new Readable({ objectMode: true, read() {} })
        for (const timestamp of [0, 200, 400]) messages.push(audio(base + timestamp))
        const seek = (timestamp: number) => {
          base = timestamp
          for (const step of [0, 80]) messages.push({ ...audio(base + step), discontinuity: step === 0 })
          return Promise.resolve(timestamp)
        }
        return { kind: 'private', messages, seek }
      },
    }
    await using hosts = new Hosts([recording])
    const client = await hosts.client()
    const player = await client.play('film', { duration: 10_000, ...(start !== undefined && { start }) })
    for (const round of [1, 2, 3]) {
      expect((await take(player, 3)).map(({ timestamp }) => timestamp)).toEqual([0, 200, 400])
      if (round === 3) {
        await player.seek(5_000)
        expect((await take(player, 2)).map(({ timestamp }) => timestamp)).toEqual([5_000, 5_080])
      }
      const done = once(client, 'reconnect')
      expect(request(hosts.a)).toEqual([true])
      await done
    }
    expect(asked.map(([from]) => from)).toEqual(expected)
    expect(asked.map(([, duration]) => duration)).toEqual([10_000, 9_600, 9_200, 9_920])
    player.destroy()
  })

  it('comes back to the same server under the same name', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client('live?token=x')
    const stream = await client.publish('name')
    const done = once(client, 'reconnect')
    expect(request(hosts.a)).toEqual([true])
    await done
    const [connection, ...others] = hosts.a.server.connections
    expect([connection?.app, connection?.query.get('token'), others]).toEqual(['live', 'x', []])
    expect(hosts.a.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    stream.destroy()
  })

  it('uses its shared objects there too', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const there = await (await hosts.b.connect('live')).sharedObject('state')
    const changed = once(there, 'sync')
    there.set('a', 1)
    await changed
    const object = await client.sharedObject('state')
    const done = once(client, 'reconnect')
    request(hosts.a, { tcUrl: 'rtmp://b/live' })
    await done
    await expect.poll(() => object.data.get('a'), { interval: 1 }).toBe(1)
  })

  it('does so three times within a minute, not more', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    for (let count = 0; count < 3; count += 1) {
      const done = once(client, 'reconnect')
      request(hosts.a)
      await done
    }
    const failed = once(client, 'reconnectFailed')
    request(hosts.a)
    expect(await failed).toMatchObject([{ code: 'RTMP_ERR_RECONNECTS' }])
    expect(hosts.dialled).toHaveLength(4)
    expect(client.state).toBe('connected')
  })

  it.each(['http://b/live', 'rtmps://b/live', 'rtmp://', 'x'.repeat(9_000)])('does not go to %.20s', async tcUrl => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const failed = once(client, 'reconnectFailed')
    request(hosts.a, { tcUrl })
    expect(await failed).toMatchObject([{ code: 'RTMP_ERR_RECONNECT' }])
    expect([client.state, hosts.dialled.length]).toEqual(['connected', 1])
  })

  it('stays when nobody is there', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const stream = await client.publish('name')
    hosts.dial = () => {
      throw new Error('nobody there')
    }
    const failed = once(client, 'reconnectFailed')
    request(hosts.a)
    expect(await failed).toMatchObject([{ message: 'nobody there' }])
    expect(hosts.a.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    stream.destroy()
  })

  it('stays when it is refused there', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    await hosts.b.server.close()
    const failed = once(client, 'reconnectFailed')
    request(hosts.a, { tcUrl: 'rtmp://b/live' })
    await failed
    expect(client.state).toBe('connected')
  })

  it('without a way to dial is told, and stays', async () => {
    await using server = new TestServer()
    const client = await server.connect('live', { capabilities: { capsEx: 1 } })
    const asked = once(client, 'reconnectRequest')
    expect(request(server, { description: 'why' })).toEqual([true])
    expect(await asked).toEqual([{ description: 'why' }])
    expect(client.state).toBe('connected')
  })

  it('gets there even if the server dies meanwhile', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const stream = await client.publish('name')
    const dial = hosts.dial.bind(hosts)
    hosts.dial = tcUrl => {
      client.messages.destroy()
      return dial(tcUrl)
    }
    const done = once(client, 'reconnect')
    request(hosts.a, { tcUrl: 'rtmp://b/live' })
    await done
    stream.write(audio(5))
    expect(hosts.b.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    expect([stream.destroyed, client.state]).toEqual([false, 'connected'])
    stream.destroy()
  })

  it('ends when the server dies meanwhile and nobody is there', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const stream = await client.publish('name')
    hosts.dial = () => {
      client.messages.destroy()
      throw new Error('nobody there')
    }
    const closed = once(stream, 'close')
    request(hosts.a, { tcUrl: 'rtmp://b/live' })
    await closed
    expect(client.state).toBe('closed')
  })

  it('that is closed meanwhile does not come back', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const asked = once(client, 'reconnectRequest')
    request(hosts.a)
    await asked
    await client.close()
    await expect.poll(() => hosts.a.server.connections.size, { interval: 1 }).toBe(0)
    expect(client.state).toBe('closed')
  })
})

describe('reconnectUrl', () => {
  it.each([
    ['', 'rtmp://a:1935/live/x?t=1'],
    ['rtmp://b/app', 'rtmp://b/app'],
    ['//b/app', 'rtmp://b/app'],
    ['/app', 'rtmp://a:1935/app'],
    ['other', 'rtmp://a:1935/live/other'],
    ['rtmp://user:pass@b/app', 'rtmp://b/app'],
    ['rtmp://[::1]:1936/app?x=1', 'rtmp://[::1]:1936/app?x=1'],
  ])('%j', (wanted, url) => {
    expect(reconnectUrl('rtmp://a:1935/live/x?t=1', wanted)).toBe(url)
  })

  it.each([
    ['rtmp://b/app', 'app'],
    ['rtmp://[::1]:1/app/inst/?x=a/b', 'app/inst?x=a/b'],
    ['rtmp://b', ''],
    ['rtmp://b/?x=1', '?x=1'],
  ])('the app of %s', (url, app) => {
    expect(parseAppUrl(url).app).toBe(app)
  })
})
