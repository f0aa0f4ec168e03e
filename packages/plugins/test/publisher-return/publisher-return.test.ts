import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { deny, type Plugin, PRINCIPAL, type PublishEvent, type PublishStream, type RtmpMessage } from '@rtmpipe/session'
import { pluginCompliance, sampleStream, take, TestServer, VirtualClock } from '@rtmpipe/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { publishKeys } from '../../src/auth/index.ts'
import { publisherReturn, type PublisherReturnOptions, sameCredentials } from '../../src/publisher-return/index.ts'

const busy = { statusCode: 'NetStream.Publish.BadName' }

/** A server that tells of publishers that have left. */
function serve(options: PublisherReturnOptions, ...plugins: Plugin[]): { server: TestServer; left(): Promise<void> } {
  const waiting: (() => void)[] = []
  const watch: Plugin = { name: 'watch', onPublishEnd: () => waiting.shift()?.() }
  const server = new TestServer({ plugins: [...plugins, publisherReturn(options), watch] })
  return { server, left: () => new Promise(resolve => waiting.push(resolve)) }
}

/** Publishes and plays a short stream, and gives what the player got of it. */
async function send(publisher: PublishStream, player: Parameters<typeof take>[0]): Promise<RtmpMessage[]> {
  const messages = sampleStream(10)
  for (const message of messages) publisher.write(message)
  return take(player, messages.length)
}

function times(messages: readonly RtmpMessage[]): number[] {
  return messages.map(({ timestamp }) => timestamp)
}

/** What the server says to a player, as codes. */
function statuses(player: { on(event: 'status', listener: (status: { code: string }) => void): unknown }): string[] {
  const codes: string[] = []
  player.on('status', ({ code }) => void codes.push(code))
  return codes
}

describe('publisherReturn', () => {
  afterEach(() => void vi.useRealTimers())

  it('refuses the second publisher', async () => {
    const { server } = serve({ policy: 'refuse' })
    await using _ = server
    const publisher = await server.publish('live/show')
    await expect(server.publish('live/show')).rejects.toMatchObject(busy)
    const player = await server.play('live/show')
    await send(publisher, player)
  })

  it.each<[what: string, options: PublisherReturnOptions]>([
    ['refuse', { policy: 'refuse' }],
    ['takeover', { policy: 'takeover' }],
    ['resume, for the same credentials', { policy: 'resume', mayReturn: sameCredentials }],
  ])('a name whose publisher has fallen silent goes to the second publisher: %s', async (_what, options) => {
    using clock = new VirtualClock()
    const resumed: boolean[] = []
    const { server } = serve(options, { name: 'resumed', onPublishStart: info => void resumed.push(info.isResumed) })
    await using _ = server
    const first = await server.publish('live/show?key=a')
    first.on('error', () => {})
    const player = await server.play('live/show')
    const codes = statuses(player)
    const before = await send(first, player)
    await clock.advance(6_000)
    const second = await server.publish('live/show?key=a')
    const after = await send(second, player)
    expect(times(after)[0]).toBe(Math.max(...times(before)) + 40)
    expect(codes).toEqual([])
    expect(first.destroyed).toBe(true)
    expect(resumed).toEqual([false, true])
  })

  it.each(['refuse', 'takeover'] as const)(
    'a name whose publisher has fallen silent does not go to one who may not return: %s',
    async policy => {
      using clock = new VirtualClock()
      const { server, left } = serve({ policy, mayReturn: sameCredentials })
      await using _ = server
      const first = await server.publish('live/show?key=a')
      await clock.advance(6_000)
      await expect(server.publish('live/show?key=b')).rejects.toMatchObject(busy)
      expect(first.destroyed).toBe(false)
      const gone = left()
      first.end()
      await gone
      await server.publish('live/show?key=b')
    },
  )

  it('lets the second publisher take over; players stay and time goes on', async () => {
    const { server } = serve({ policy: 'takeover' })
    await using _ = server
    const first = await server.publish('live/show')
    const failed = once(first, 'error')
    const player = await server.play('live/show')
    const codes = statuses(player)
    const before = await send(first, player)
    const second = await server.publish('live/show')
    expect((await failed)[0]).toMatchObject({ ...busy, description: 'another publisher has taken over' })
    const after = await send(second, player)
    // 40 ms after the last, and its own time from there on.
    expect(times(after)).toEqual(times(sampleStream(10)).map(time => time + (times(before).at(-1) ?? 0) + 40))
    expect(after.map(({ payload }) => payload)).toEqual(sampleStream(10).map(({ payload }) => payload))
    expect(codes).toEqual([])
    const ended = once(player, 'end')
    second.end()
    player.resume()
    await ended
  })

  it('marks where publishers changed, for those who read the stream here', async () => {
    const { server } = serve({ policy: 'takeover' })
    await using _ = server
    const first = await server.publish('live/show')
    const reader = [...server.server.streams][0]?.subscribe({ follow: 'expected' })
    if (reader === undefined) return expect.fail('no stream')
    first.on('error', () => {})
    await send(first, reader)
    const after = await send(await server.publish('live/show'), reader)
    expect(after.map(({ discontinuity }) => discontinuity === true)).toEqual(
      after.map((_message, index) => index === 0),
    )
  })

  it('ends what plugins read of the one before, as they are told', async () => {
    const lengths: number[] = []
    const recorder: Plugin = {
      name: 'recorder',
      async onPublishStart({ stream }) {
        lengths.push((await stream.subscribe({ whenSlow: 'backpressure' }).toArray()).length)
      },
    }
    const { server } = serve({ policy: 'resume', grace: 10 }, recorder)
    await using _ = server
    const first = await server.publish('live/show')
    first.on('error', () => {})
    const player = await server.play('live/show')
    await send(first, player)
    const second = await server.publish('live/show')
    expect(lengths).toEqual([sampleStream(10).length])
    await send(second, player)
    const ended = once(player.resume(), 'end')
    second.end()
    await ended
    expect(lengths).toEqual([sampleStream(10).length, sampleStream(10).length])
  })

  it('waits for what is still in the Transforms of the one before', async () => {
    const slow: Plugin = {
      name: 'slow',
      bindPublish: () => new PassThrough({ objectMode: true, final: done => void setImmediate(done) }),
    }
    const { server } = serve({ policy: 'takeover' }, slow)
    await using _ = server
    const first = await server.publish('live/show')
    first.on('error', () => {})
    const player = await server.play('live/show')
    await send(first, player)
    await send(await server.publish('live/show'), player)
  })

  it('lets one of several who come at once have it, and leaves nobody behind', async () => {
    const { server } = serve({ policy: 'takeover' })
    await using _ = server
    const first = await server.publish('live/show')
    first.on('error', () => {})
    const player = await server.play('live/show')
    await send(first, player)
    const results = await Promise.allSettled([1, 2, 3].map(() => server.publish('live/show')))
    const won = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    for (const each of won) each.on('error', () => {})
    const open = won.filter(({ destroyed }) => !destroyed)
    expect(open.length).toBeGreaterThanOrEqual(1)
    await send(open.at(-1) as PublishStream, player)
  })

  it('ends the old stream of a connection that publishes the name once more', async () => {
    const { server } = serve({ policy: 'takeover' })
    await using _ = server
    const client = await server.connect('live')
    const first = await client.publish('show')
    first.on('error', () => {})
    const second = await client.publish('show')
    const player = await server.play('live/show')
    await send(second, player)
  })

  it('keeps players when the publisher is cut off, and goes on with the next', async () => {
    const { server, left } = serve({ policy: 'resume' })
    await using _ = server
    const player = await server.play('live/show')
    const codes = statuses(player)
    let last = -1
    for (const round of [1, 2, 3]) {
      const publisher = await server.publish('live/show')
      const got = times(await send(publisher, player))
      expect(got[0], `round ${round}`).toBeGreaterThan(last)
      expect(got).toEqual([...got].sort((one, other) => one - other))
      last = got.at(-1) ?? 0
      const gone = left()
      publisher.on('error', () => {})
      server.clients.at(-1)?.messages.destroy()
      await gone
    }
    expect(codes).toEqual(['NetStream.Play.PublishNotify'])
    expect(player.destroyed).toBe(false)
  })

  it('tells players of the end when nobody has come within the grace time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { server, left } = serve({ policy: 'resume', grace: 15_000 })
    await using _ = server
    const publisher = await server.publish('live/show')
    const player = await server.play('live/show')
    await send(publisher, player)
    const gone = left()
    publisher.end()
    await gone
    let ended = false
    player.resume().once('end', () => {
      ended = true
    })
    await vi.advanceTimersByTimeAsync(14_999)
    expect([ended, server.server.streams.size]).toEqual([false, 1])
    const end = once(player, 'end')
    await vi.advanceTimersByTimeAsync(1)
    await end
    // What comes now is another stream.
    const again = await server.publish('live/show')
    const late = await server.play('live/show')
    expect(times(await send(again, late))[0]).toBe(0)
  })

  it('gives who joins meanwhile what there was, and does not tell it that there is nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const server = new TestServer({ plugins: [publisherReturn({ policy: 'resume' })], publishWait: 1_000 })
    await using _ = server
    const first = await server.publish('live/show')
    const reader = await server.play('live/show')
    const before = await send(first, reader)
    const gone = once(first, 'close')
    first.end()
    await gone
    const player = await server.play('live/show')
    expect((await take(player, before.length)).length).toBe(before.length)
    await vi.advanceTimersByTimeAsync(5_000)
    const after = await send(await server.publish('live/show'), player)
    expect(after[0]?.timestamp).toBeGreaterThan(before.at(-1)?.timestamp ?? 0)
  })

  it('takes over from one that is still there with resume as well', async () => {
    const { server } = serve({ policy: 'resume' })
    await using _ = server
    const first = await server.publish('live/show')
    const failed = once(first, 'error')
    await server.publish('live/show')
    expect((await failed)[0]).toMatchObject(busy)
  })

  it('asks whether a newcomer may, and refuses it otherwise', async () => {
    const { server, left } = serve({ policy: 'resume', mayReturn: sameCredentials })
    await using _ = server
    const first = await server.publish('live/show?key=a&x=1')
    await expect(server.publish('live/show?key=b&x=1')).rejects.toMatchObject(busy)
    const gone = left()
    first.end()
    await gone
    await expect(server.publish('live/show')).rejects.toMatchObject(busy)
    await server.publish('live/show?x=1&key=a')
    await server.publish('live/other?key=c')
  })

  it('leaves the publisher alone when a gate before it refuses the newcomer', async () => {
    const gate: Plugin = {
      name: 'gate',
      onPublish: ({ query }) => (query.has('no') ? deny('NetStream.Publish.Denied', 'no') : undefined),
    }
    const { server } = serve({ policy: 'takeover' }, gate)
    await using _ = server
    const first = await server.publish('live/show')
    await expect(server.publish('live/show?no')).rejects.toThrow('no')
    await send(first, await server.play('live/show'))
  })

  it.each([
    ['onPublish', 'before'],
    ['onPublish', 'behind'],
    ['onPublishAccepted', 'before'],
    ['onPublishAccepted', 'behind'],
  ] as const)('leaves it alone when %s of a plugin refuses the newcomer that stands %s it', async (hook, place) => {
    const refusing: Plugin = {
      name: 'refusing',
      [hook]: ({ query }: PublishEvent) => (query.has('no') ? deny('NetStream.Publish.Denied', 'no') : undefined),
    }
    const returning = publisherReturn({ policy: 'takeover' })
    const plugins = place === 'behind' ? [returning, refusing] : [refusing, returning]
    await using server = new TestServer({ plugins })
    const first = await server.publish('live/show')
    await expect(server.publish('live/show?no')).rejects.toThrow('no')
    await send(first, await server.play('live/show'))
  })

  it('takes who has proved to be the same for the same, whatever else stands in the query', async () => {
    const keys = publishKeys({ keys: ['a', 'b'] })
    const { server } = serve({ policy: 'takeover', mayReturn: sameCredentials }, keys)
    await using _ = server
    const first = await server.publish('live/show?key=a&x=1')
    first.on('error', () => {})
    await expect(server.publish('live/show?key=b&x=1')).rejects.toMatchObject(busy)
    await server.publish('live/show?x=2&key=a')
  })

  it('does not take who has proved nothing for who has, even with the same query', async () => {
    let isOpen = false
    const some: Plugin = {
      name: 'some',
      onPublish: ({ context }) => void (isOpen || context.set(PRINCIPAL, { id: 'alice', by: 'some' })),
    }
    const { server } = serve({ policy: 'takeover', mayReturn: sameCredentials }, some)
    await using _ = server
    await server.publish('live/show?x=1')
    isOpen = true
    await expect(server.publish('live/show?x=1')).rejects.toMatchObject(busy)
  })

  it('tells players soon when the newcomer does not begin after all', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const later: Plugin = {
      name: 'later',
      onPublishAccepted: () => ({
        whenAgreed: ({ query }) => (query.has('no') ? deny('NetStream.Publish.Denied', 'no') : undefined),
      }),
    }
    const server = new TestServer({ plugins: [publisherReturn({ policy: 'takeover' }), later] })
    await using _ = server
    const first = await server.publish('live/show')
    first.on('error', () => {})
    const player = await server.play('live/show')
    await send(first, player)
    await expect(server.publish('live/show?no')).rejects.toThrow('no')
    const ended = once(player.resume(), 'end')
    await vi.advanceTimersByTimeAsync(5_000)
    await ended
  })

  it('refuses options that mean nothing', () => {
    expect(() => publisherReturn({ policy: 'resum' as 'resume' })).toThrow(TypeError)
    expect(() => publisherReturn({ policy: 'resume', grace: -1 })).toThrow(/grace/)
  })
})

describe.each(['refuse', 'takeover', 'resume'] as const)('publisherReturn complies, %s', policy => {
  it.each(pluginCompliance)('$name', one => one.run(() => ({ plugin: publisherReturn({ policy, grace: 20 }) })))
})
