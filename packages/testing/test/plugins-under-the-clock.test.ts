import { quotas } from '@rtmpipe/plugins/quotas'
import { publisherReturn } from '@rtmpipe/plugins/publisher-return'
import { relayPush } from '@rtmpipe/plugins/relay'
import { signedUrls, signUrl } from '@rtmpipe/plugins/auth'
import { describe, expect, it } from 'vitest'
import { vanish } from '../src/faults/vanish.ts'
import { samples, sampleStream } from '../src/samples.ts'
import { send } from '../src/send.ts'
import { TestServer } from '../src/test-server.ts'
import { VirtualClock } from '../src/virtual-clock.ts'

/** Our own plugins take their time from the clock alone: none of these waits. */
describe('a plugin under a VirtualClock', () => {
  it('lets signed URLs expire', async () => {
    using clock = new VirtualClock()
    await using server = new TestServer({ plugins: [signedUrls({ keys: 'secret' })] })
    const expires = new Date(Date.now() + 600_000)
    const path = signUrl('rtmp://host/live/name', { key: 'secret', action: 'play', expires }).slice(12)
    await clock.advance(590_000)
    await server.play(path)
    await clock.advance(10_000)
    await expect(server.play(path)).rejects.toMatchObject({ statusCode: 'NetStream.Play.Failed' })
  })

  it('keeps the seat of a publisher that vanished, for as long as it said', async () => {
    using clock = new VirtualClock()
    await using server = new TestServer({ plugins: [publisherReturn({ policy: 'resume', grace: 30_000 })] })
    const player = await server.play('live/name')
    await vanish(await server.publish('live/name'))
    await clock.advance(29_999)
    expect(player.readableEnded).toBe(false)
    player.resume()
    await clock.advance(1)
    expect(player.readableEnded).toBe(true)
  })

  it('measures bitrates', async () => {
    using clock = new VirtualClock()
    await using server = new TestServer({ plugins: [quotas({ bitrate: { bitsPerSecond: 100_000, window: 2_000 } })] })
    const [steady, greedy] = [await server.publish('live/steady'), await server.publish('live/greedy')]
    const failed = expect(new Promise((_, reject) => greedy.once('error', reject))).rejects.toThrow('bit')
    for (let second = 0; second < 60; second += 1) {
      await send(steady, [samples.audio(second * 1_000, 10_000)])
      await clock.advance(1_000)
    }
    expect(steady.destroyed).toBe(false)
    for (let index = 0; index < 60 && !greedy.destroyed; index += 1) {
      greedy.write(samples.audio(index * 1_000, 10_000))
      await clock.advance(0)
    }
    await failed
  })

  it('waits longer each time before it relays again', async () => {
    using clock = new VirtualClock({ now: 0 })
    const attempts: number[] = []
    const connect = () => {
      attempts.push(Date.now())
      return Promise.reject(new Error('connect ECONNREFUSED'))
    }
    await using server = new TestServer({
      plugins: [relayPush({ connect, to: ['rtmp://elsewhere/copy'] })],
      limits: { publishIdle: 0 },
    })
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(5))
    await clock.advance(600_000)
    const pauses = attempts.map((at, index) => at - (attempts[index - 1] ?? 0)).slice(1)
    expect(pauses.slice(0, 5).every((pause, index) => pause >= 500 * 2 ** index && pause <= 1_000 * 2 ** index)).toBe(
      true,
    )
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000)
    expect(attempts.length).toBeGreaterThan(20)
  })
})
