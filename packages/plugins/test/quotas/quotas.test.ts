import { once } from 'node:events'
import { type ConnectionInfo, deny, type Plugin, type RtmpClient } from '@rtmpipe/session'
import { pluginCompliance, samples, take, TestServer } from '@rtmpipe/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { networkOf } from '../../src/address.ts'
import { quotas, type QuotasOptions } from '../../src/quotas/index.ts'
import { connectFrom } from '../auth/support/connect-from.ts'

/** A server that tells who has left. */
function serve(options: QuotasOptions, ...plugins: Plugin[]): { server: TestServer; left(): Promise<void> } {
  const waiting: (() => void)[] = []
  const leave = () => waiting.shift()?.()
  const watch: Plugin = { name: 'watch', onPublishEnd: leave, onPlayEnd: leave }
  const server = new TestServer({ plugins: [quotas(options), ...plugins, watch] })
  return { server, left: () => new Promise(resolve => waiting.push(resolve)) }
}

describe('quotas', () => {
  afterEach(() => void vi.useRealTimers())

  it('refuses viewers of a stream beyond the limit, and lets the next in when one has left', async () => {
    const { server, left } = serve({ viewersPerStream: 2 })
    await using _ = server
    const first = await server.play('live/a')
    await server.play('live/a')
    await expect(server.play('live/a')).rejects.toMatchObject({
      statusCode: 'NetStream.Play.Failed',
      description: '2 viewers watch this stream already',
    })
    await server.play('live/b')
    const gone = left()
    first.destroy()
    await gone
    await server.play('live/a')
  })

  it('does not count who was refused by others or never began', async () => {
    const strict: Plugin = {
      name: 'strict',
      onPlay: ({ query }) => (query.has('no') ? deny('NetStream.Play.Failed', 'no') : undefined),
    }
    const { server } = serve({ viewersPerStream: 1 }, strict)
    await using _ = server
    for (let index = 0; index < 3; index += 1) await expect(server.play('live/a?no')).rejects.toThrow('no')
    await server.play('live/a')
  })

  it('lets in as many as may of those who come at the same moment, and refuses the rest before they are told of success', async () => {
    const slow: Plugin = { name: 'slow', onPlay: () => new Promise<void>(resolve => setImmediate(resolve)) }
    const { server } = serve({ viewersPerStream: 2 }, slow)
    await using _ = server
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => server.play('live/a')))
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ statusCode: 'NetStream.Play.Failed' })
    }
    const players = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    const publisher = await server.publish('live/a')
    publisher.write(samples.keyframe(0))
    expect(players).toHaveLength(2)
    await Promise.all(players.map(player => take(player, 1)))
    await expect(server.play('live/a')).rejects.toThrow('2 viewers')
  })

  it('counts streams of a key, and lets its owner come back to the same one', async () => {
    const { server, left } = serve({ streamsPerKey: 1 })
    await using _ = server
    const first = await server.publish('live/a?key=k')
    await expect(server.publish('live/b?key=k')).rejects.toMatchObject({
      statusCode: 'NetStream.Publish.Denied',
      description: '1 streams are published with this key already',
    })
    // That it is busy is for others to say.
    await expect(server.publish('live/a?key=k')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
    await server.publish('live/c?key=other')
    await server.publish('live/d')
    await server.publish('live/e')
    const gone = left()
    first.end()
    await gone
    await server.publish('live/b?key=k')
  })

  it('lets one of three that publish at once begin, whoever is asked before and after it', async () => {
    const slow: Plugin = { name: 'slow', onPublish: () => new Promise<void>(resolve => setImmediate(resolve)) }
    let begun = 0
    const spy: Plugin = { name: 'spy', onPublishStart: () => void (begun += 1) }
    const { server, left } = serve({ streamsPerKey: 1 }, slow, spy)
    await using _ = server
    const results = await Promise.allSettled(['a', 'b', 'c'].map(name => server.publish(`live/${name}?key=k`)))
    const [first, ...others] = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    expect([others, begun]).toEqual([[], 1])
    const gone = left()
    first?.end()
    await gone
    await server.publish('live/d?key=k')
  })

  it('gives back what it counted for publishers, players and connections that did not begin', async () => {
    const refuse = (code: 'NetStream.Publish.Denied' | 'NetConnection.Connect.Rejected') => deny(code, 'refused')
    let refuses = true
    const late: Plugin = {
      name: 'late',
      onConnectAccepted: ({ query }) => (query.has('no') ? refuse('NetConnection.Connect.Rejected') : undefined),
      onPublishAccepted: () => (refuses ? refuse('NetStream.Publish.Denied') : undefined),
      onPlayAccepted: () => (refuses ? refuse('NetStream.Publish.Denied') : undefined),
    }
    const { server } = serve({ streamsPerKey: 1, viewersPerStream: 1, connectionsPerAddress: 1 }, late)
    await using _ = server
    for (const [address, query] of [['192.0.2.1', '?no'] as const, ['192.0.2.1', ''] as const]) {
      const connected = connectFrom(server, address, `live${query}`)
      if (query === '') await connected
      else await expect(connected).rejects.toThrow('refused')
    }
    for (const [index, kind] of (['publish', 'play'] as const).entries()) {
      const client = await connectFrom(server, `192.0.2.${2 + index}`, 'live')
      await expect(client[kind]('a?key=k') as Promise<unknown>).rejects.toThrow('refused')
    }
    refuses = false
    const [one, two] = [await connectFrom(server, '192.0.2.4', 'live'), await connectFrom(server, '192.0.2.5', 'live')]
    await one.publish('b?key=k')
    await two.play('a')
    await Promise.all([one.close(), two.close()])
  })

  it('counts connections of an address until they have closed', async () => {
    const { server } = serve({ connectionsPerAddress: 2 })
    await using _ = server
    const first = await connectFrom(server, '192.0.2.1', 'live')
    await connectFrom(server, '192.0.2.1', 'live')
    await expect(connectFrom(server, '192.0.2.1', 'live')).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
      description: '2 connections come from this address already',
    })
    await connectFrom(server, '192.0.2.2', 'live')
    await first.close()
    await connectFrom(server, '192.0.2.1', 'live')
  })

  it('counts an IPv6 network as one address, and IPv4 as it is, however it is written', async () => {
    const { server } = serve({ connectionsPerAddress: 2 })
    await using _ = server
    const own = ['2001:db8:0:1::1', '2001:DB8:0:1:ffff:0:0:2%eth0']
    for (const address of own) await connectFrom(server, address, 'live')
    await expect(connectFrom(server, '2001:db8:0:1:5::', 'live')).rejects.toThrow(
      '2 connections come from this address',
    )
    await connectFrom(server, '2001:db8:0:2::1', 'live')
    for (const address of ['::ffff:192.0.2.1', '192.0.2.1']) await connectFrom(server, address, 'live')
    await expect(connectFrom(server, '::ffff:c000:201', 'live')).rejects.toThrow('2 connections')
    await connectFrom(server, '::ffff:192.0.2.2', 'live')
  })

  it('counts as much of IPv6 addresses as it is told', async () => {
    const { server } = serve({ connectionsPerAddress: { connections: 1, ipv6Prefix: 56 } })
    await using _ = server
    await connectFrom(server, '2001:db8:0:ff00::1', 'live')
    await expect(connectFrom(server, '2001:db8:0:ffff::2', 'live')).rejects.toThrow('1 connections')
    await connectFrom(server, '2001:db8:0:fe00::1', 'live')
    for (const ipv6Prefix of [0, 129, 1.5])
      expect(() => quotas({ connectionsPerAddress: { connections: 1, ipv6Prefix } })).toThrow(TypeError)
  })

  it.each([
    ['2001:db8::1', 128, '2001:db8:0:0:0:0:0:1'],
    ['::', 128, '0:0:0:0:0:0:0:0'],
    ['::13.1.68.3', 128, '0:0:0:0:0:0:d01:4403'],
    ['1:2:3:4:5:6:7:8', 128, '1:2:3:4:5:6:7:8'],
    ['fe80::1%eth0', 16, 'fe80'],
    ['8000::', 1, '1'],
  ])('knows the network of %s with %i bits', (address, prefix, expected) => {
    const bits = networkOf(address, prefix).split('/')[0] ?? ''
    const groups = bits.match(/.{1,16}/g)?.map(group => Number.parseInt(group, 2).toString(16))
    expect(groups?.join(':')).toBe(expected)
    expect(bits).toHaveLength(prefix)
  })

  it('takes what is no IP address for one of its own', () => {
    expect([networkOf('memory', 64), networkOf('192.0.2.1', 8)]).toEqual(['memory', '192.0.2.1'])
  })

  it('ends a publisher that sends too much, and not one that sends a lot at once', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { server } = serve({ bitrate: { bitsPerSecond: 80_000, window: 1_000 } })
    await using _ = server
    const publisher = await server.publish('live/a')
    const player = await server.play('live/a')
    for (let second = 0; second < 5; second += 1) {
      publisher.write(samples.keyframe(second * 1_000, 10_000))
      await take(player, 1)
      vi.advanceTimersByTime(1_000)
    }
    publisher.write(samples.keyframe(5_000, 9_000))
    await take(player, 1)
    const failed = once(publisher, 'error')
    publisher.write(samples.keyframe(5_000, 1_100))
    expect((await failed)[0]).toMatchObject({
      statusCode: 'NetStream.Publish.Denied',
      description: 'more than 80000 bits per second',
    })
  })

  it('refuses what is no limit', () => {
    expect(() => quotas({ viewersPerStream: -1 })).toThrow(TypeError)
    expect(() => quotas({ streamsPerKey: 1.5 })).toThrow(TypeError)
    expect(() => quotas({ connectionsPerAddress: Number.NaN })).toThrow(TypeError)
    expect(() => quotas({ bitrate: 0 })).toThrow(TypeError)
  })
})

describe('limits, whatever clients do', () => {
  /** What a client may do next. */
  const steps = fc.array(
    fc.record({
      client: fc.integer({ min: 0, max: 3 }),
      what: fc.constantFrom('play', 'refused', 'slow', 'publish', 'stop', 'vanish'),
    }),
    { maxLength: 14 },
  )

  it('never has more than allowed, and room for as many when all have left', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async actions => {
        let [viewers, published, mostViewers, mostPublished] = [0, 0, 0, 0]
        const held = new Set<() => void>()
        const between: Plugin = {
          name: 'between',
          onPlay: ({ query }) => {
            if (query.has('no')) return deny('NetStream.Play.Failed', 'no')
            if (!query.has('slow')) return undefined
            return new Promise<void>(resolve => held.add(resolve))
          },
        }
        const open = new Set<ConnectionInfo>()
        const counts: Plugin = {
          name: 'counts',
          onConnect: ({ connection }) => void open.add(connection),
          onDisconnect: ({ connection }) => void open.delete(connection),
          onPlayStart: () => {
            viewers += 1
            mostViewers = Math.max(mostViewers, viewers)
          },
          onPlayEnd: () => void (viewers -= 1),
          onPublishStart: () => {
            published += 1
            mostPublished = Math.max(mostPublished, published)
          },
          onPublishEnd: () => void (published -= 1),
        }
        const guard = quotas({ viewersPerStream: 2, streamsPerKey: 1 })
        await using server = new TestServer({ plugins: [between, guard, counts] })
        const clients: (RtmpClient | undefined)[] = []
        const quiet = (stream: { on(event: 'error', listener: () => void): unknown }) =>
          void stream.on('error', () => {})
        const ways: Record<string, (client: RtmpClient, index: number) => Promise<void> | void> = {
          play: client => client.play('a').then(quiet),
          refused: client => client.play('a?no').then(quiet),
          slow: client => client.play('a?slow').then(quiet),
          publish: (client, index) => client.publish(`s${index}?key=k`).then(quiet),
          stop: client => client.close(),
          vanish: client => void client.messages.destroy(),
        }
        const pending: Promise<unknown>[] = []
        for (const { client: index, what } of actions) {
          let client = clients[index]
          if (client === undefined || client.state !== 'connected') {
            client = await server.connect('live')
            clients[index] = client
          }
          pending.push(Promise.resolve(ways[what]?.(client, index)).catch(() => {}))
          if (what === 'play' || what === 'publish') await new Promise(resolve => setImmediate(resolve))
        }
        for (const go of held) go()
        for (const client of clients) client?.messages.destroy()
        await Promise.all(pending)
        while (open.size > 0) await new Promise(resolve => setImmediate(resolve))
        expect([viewers, published]).toEqual([0, 0])
        expect(mostViewers).toBeLessThanOrEqual(2)
        expect(mostPublished).toBeLessThanOrEqual(1)
        await Promise.all([server.play('live/a'), server.play('live/a')])
        await server.publish('live/z?key=k')
        await expect(server.play('live/a')).rejects.toThrow('2 viewers')
        await expect(server.publish('live/y?key=k')).rejects.toThrow('1 streams')
      }),
      { numRuns: 40 },
    )
  })
})

describe('quotas complies', () => {
  const all = { bitrate: 1e9, viewersPerStream: 1e6, streamsPerKey: 1e6, connectionsPerAddress: 1e6 }
  it.each(pluginCompliance)('$name', one => one.run(() => ({ plugin: quotas(all) })))
})
