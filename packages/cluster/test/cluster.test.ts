import { once } from 'node:events'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { cluster, MemoryFabric, MemoryHub } from '@rtmpipe/cluster'
import type { PlayStream } from '@rtmpipe/session'
import { pluginCompliance, samples, sampleStream, take, VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { assertLateSample, assertSame } from '../src/testing/same-messages.ts'
import { until } from '@rtmpipe/testing/suite'
import { ClusterOfServers } from './support/cluster-of-servers.ts'
import { fabrics } from './support/fabrics.ts'
import { WorkerNetwork } from './support/worker-network.ts'

const path = 'live/name'
const badName = { statusCode: 'NetStream.Publish.BadName' }

const readAll = (player: PlayStream) => player.toArray() as Promise<RtmpMessage[]>

describe.each(fabrics)('servers on a $name', ({ create }) => {
  it('shows players of one what is published on another, bit for bit, to the end', async () => {
    await using servers = new ClusterOfServers(await create())
    const [here, there] = [await servers.server(), await servers.server()]
    const players = await Promise.all([there.play(path), there.play(path), here.play(path)])
    const received = players.map(readAll)
    const publisher = await here.publish(path)
    await until('the other server to join', () => there.server.streams.get('live', 'name')?.isPublishing === true)
    for (const message of sampleStream(50)) publisher.write(message)
    publisher.end()
    for (const messages of received) assertSame(await messages, sampleStream(50))
  })

  it('gives a late player on another server what a late player gets here', async () => {
    await using servers = new ClusterOfServers(await create())
    const [here, there] = [await servers.server(), await servers.server()]
    const publisher = await here.publish(path)
    const all = sampleStream(50)
    for (const message of all.slice(0, 60)) publisher.write(message)
    const player = await there.play(path)
    const begun = await take(player, 3)
    for (const message of all.slice(60)) publisher.write(message)
    publisher.end()
    assertLateSample([...begun, ...(await readAll(player))], 50)
  })

  it.each([
    ['the same server', 0],
    ['another server', 1],
  ])('gives a name whose publisher has fallen silent to who asks for it at %s', async (_what, place) => {
    using clock = new VirtualClock()
    await using servers = new ClusterOfServers(await create())
    const [here, there] = [await servers.server(), await servers.server()]
    const silent = await here.publish(path)
    const failed = once(silent, 'error')
    await clock.advance(4_000)
    await expect(there.publish(path)).rejects.toMatchObject(badName)
    await clock.advance(2_000)
    const publisher = await (place === 0 ? here : there).publish(path)
    expect((await failed)[0]).toMatchObject(badName)
    await until('its connection to end', () => here.server.connections.size === (place === 0 ? 1 : 0))
    for (const player of [await here.play(path), await there.play(path)]) {
      for (const message of sampleStream(5)) publisher.write(message)
      await take(player, 3)
    }
  })

  it('asks for a stream once however many play it, and lets go of it with the last', async () => {
    await using servers = new ClusterOfServers(await create())
    const [here, there] = [await servers.server(), await servers.server()]
    const publisher = await here.publish(path)
    const players = await Promise.all([there.play(path), there.play(path), there.play(path)])
    const published = here.server.streams.get('live', 'name')
    await until('the other server to join', () => published?.consumerCount === 1)
    publisher.write(samples.audio(20))
    await Promise.all(players.map(player => take(player, 1)))
    expect(published?.consumerCount).toBe(1)
    for (const player of players) player.destroy()
    await until('it to let go', () => published?.consumerCount === 0 && there.server.streams.size === 0)
    const late = await there.play(path)
    await until('it to join again', () => published?.consumerCount === 1)
    publisher.write(samples.audio(40))
    expect((await take(late, 1))[0]?.timestamp).toBe(40)
  })

  it('refuses a name that is published on another server, until it is free', async () => {
    await using servers = new ClusterOfServers(await create())
    const [here, there] = [await servers.server(), await servers.server()]
    const first = await here.publish(path)
    await expect(there.publish(path)).rejects.toMatchObject(badName)
    await expect(here.publish(path)).rejects.toMatchObject(badName)
    await there.publish('live/other')
    first.end()
    await until('the name to be free', () => here.server.streams.size === 0)
    const second = await there.publish(path)
    await expect(here.publish(path)).rejects.toMatchObject(badName)
    // A client that vanishes gives its name back like one that says goodbye.
    there.clients.at(-1)?.messages.destroy()
    await until('the name to be free', () => there.server.streams.get('live', 'name') === undefined)
    await here.publish(path)
    second.destroy()
  })

  it('keeps players while the publisher moves from server to server, their own included', async () => {
    await using servers = new ClusterOfServers(await create())
    const [one, two, three] = [await servers.server(), await servers.server(), await servers.server()]
    const players = await Promise.all([one, two, three].map(server => server.play(path, { follow: true })))
    let last = 0
    for (const [round, server] of [two, one, three, three, one].entries()) {
      const publisher = await server.publish(path)
      const streams = [one, two, three].map(it => it.server.streams.get('live', 'name'))
      await until('all to have it', () => streams.every(stream => stream?.isPublishing))
      publisher.write(samples.keyframe(round * 7))
      publisher.write(samples.audio(round * 7 + 20))
      for (const player of players) {
        const [picture, sound] = await take(player, 2)
        expect(picture?.payload).toEqual(samples.keyframe(0).payload)
        expect(sound?.payload).toEqual(samples.audio(0).payload)
        // Time goes on 40 ms after the last message, wherever the next begins.
        expect([picture?.timestamp, sound?.timestamp]).toEqual(round === 0 ? [0, 20] : [last + 40, last + 60])
        expect(picture?.discontinuity ?? false).toBe(round > 0)
      }
      last = round === 0 ? 20 : last + 60
      publisher.end()
      await until('all to have lost it', () => streams.every(stream => !stream?.isPublishing))
    }
  })

  it('goes on for a player that paused while all others left and the publisher changed', async () => {
    await using servers = new ClusterOfServers(await create())
    const [here, there] = [await servers.server(), await servers.server()]
    const paused = await there.play(path, { follow: true })
    const other = await there.play(path)
    const first = await here.publish(path)
    await until('it to be joined', () => here.server.streams.get('live', 'name')?.consumerCount === 1)
    first.write(samples.audio(0))
    await Promise.all([take(paused, 1), take(other, 1)])
    const [client] = there.clients
    client?.sendCommand(1, 'pause', null, true, 0)
    // An answer shows that what was sent before it has been done.
    await client?.call('nothing').catch(() => {})
    other.destroy()
    first.end()
    await until('the publish to be over', () => here.server.streams.size === 0)
    const second = await here.publish(path)
    await until('it to be joined', () => here.server.streams.get('live', 'name')?.consumerCount === 1)
    client?.sendCommand(1, 'pause', null, false, 0)
    await client?.call('nothing').catch(() => {})
    second.write(samples.audio(500))
    const [message] = await take(paused, 1)
    assertSame([message as RtmpMessage], [{ ...samples.audio(40), discontinuity: true }])
  })
})

describe('servers of workers', () => {
  it('leave nothing behind after a thousand players', async () => {
    const network = await WorkerNetwork.create()
    await using servers = new ClusterOfServers(network)
    const limits = { maxCommandsPerMinute: 10_000 }
    const [here, there] = [await servers.server(), await servers.server({ limits })]
    const publisher = await here.publish(path)
    const published = here.server.streams.get('live', 'name')
    const client = await there.connect('live')
    for (let round = 0; round < 1_000; round += 1) {
      const player = await client.play('name')
      if (round % 4 === 0) await until('the join', () => published?.consumerCount === 1)
      player.destroy()
      if (round % 4 === 1) await until('the end of the join', () => published?.consumerCount === 0)
    }
    await until('the end of all joins', () => published?.consumerCount === 0 && there.server.streams.size === 0)
    const said = (type: string) => network.said.filter(message => message.type === type).length
    expect(said('unwatch')).toBe(said('watch'))
    const player = await there.play(path)
    await until('one more join', () => published?.consumerCount === 1)
    publisher.write(samples.audio(0))
    assertSame(await take(player, 1), [samples.audio(0)])
  })
})

describe('the plugin', () => {
  const create = () => ({ plugin: cluster(new MemoryFabric(new MemoryHub())) })
  // One server has one fabric, and when it closes that is over.
  const cases = pluginCompliance.filter(({ name }) => !name.startsWith('serves two servers'))
  it.each(cases)('$name', one => one.run(create))
})
