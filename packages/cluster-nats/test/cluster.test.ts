import { cluster } from '@rtmpipe/cluster'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { assertSame } from '../../cluster/src/testing/same-messages.ts'
import { samples, sampleStream, take, TestServer } from '@rtmpipe/testing'
import { until } from '@rtmpipe/testing/suite'
import { describe, expect, it } from 'vitest'
import { memorySubject } from './support/memory-subject.ts'

const path = 'live/name'

/** Servers on one network. */
async function serversOf(count: number): Promise<TestServer[]> {
  const { open } = memorySubject()
  return Promise.all(Array.from({ length: count }, async () => new TestServer({ plugins: [cluster(await open())] })))
}

describe('servers on a bus', () => {
  it('show players of one what is published on another, bit for bit, to the end', async () => {
    const [here, there] = (await serversOf(2)) as [TestServer, TestServer]
    await using _here = here
    await using _there = there
    const players = await Promise.all([there.play(path), there.play(path), here.play(path)])
    const received = players.map(player => player.toArray() as Promise<RtmpMessage[]>)
    const publisher = await here.publish(path)
    await until('the other server to join', () => there.server.streams.get('live', 'name')?.isPublishing === true)
    for (const message of sampleStream(50)) publisher.write(message)
    publisher.end()
    for (const messages of received) assertSame(await messages, sampleStream(50))
  })

  it('refuse a name that is published on another, until it is free', async () => {
    const [here, there] = (await serversOf(2)) as [TestServer, TestServer]
    await using _here = here
    await using _there = there
    const first = await here.publish(path)
    await expect(there.publish(path)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
    first.end()
    await until('the name to be free', () => here.server.streams.size === 0)
    await there.publish(path)
  })

  it('keep players while the publisher moves from one to another, their own included', async () => {
    const servers = await serversOf(3)
    await using _one = servers[0]
    await using _two = servers[1]
    await using _three = servers[2]
    const players = await Promise.all(servers.map(server => server.play(path, { follow: true })))
    for (const place of [1, 0, 2, 2, 0]) {
      const publisher = await (servers[place] as TestServer).publish(path)
      const streams = servers.map(({ server }) => server.streams.get('live', 'name'))
      await until('all to have it', () => streams.every(stream => stream?.isPublishing))
      publisher.write(samples.keyframe(0))
      publisher.write(samples.audio(20))
      for (const player of players) {
        const [picture, sound] = await take(player, 2)
        expect(picture?.payload).toEqual(samples.keyframe(0).payload)
        expect(sound?.payload).toEqual(samples.audio(0).payload)
      }
      publisher.end()
      await until('all to have lost it', () => streams.every(stream => !stream?.isPublishing))
    }
  })

  it('ask for a stream once however many play it, and let go of it with the last', async () => {
    const [here, there] = (await serversOf(2)) as [TestServer, TestServer]
    await using _here = here
    await using _there = there
    const publisher = await here.publish(path)
    const published = here.server.streams.get('live', 'name')
    const players = await Promise.all([there.play(path), there.play(path), there.play(path)])
    await until('the other server to join', () => published?.consumerCount === 1)
    publisher.write(samples.audio(20))
    await Promise.all(players.map(player => take(player, 1)))
    for (const player of players) player.destroy()
    await until('it to let go', () => published?.consumerCount === 0 && there.server.streams.size === 0)
    const late = await there.play(path)
    await until('it to join again', () => published?.consumerCount === 1)
    publisher.write(samples.audio(40))
    expect((await take(late, 1))[0]?.timestamp).toBe(40)
  })
})
