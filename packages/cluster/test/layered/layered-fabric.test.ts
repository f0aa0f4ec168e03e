import { once } from 'node:events'
import { LayeredFabric, MemoryFabric, MemoryHub } from '@rtmpipe/cluster'
import { fabricCompliance, type FabricSubject } from '@rtmpipe/cluster/testing'
import { samples, sampleStream } from '@rtmpipe/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { TestJoin } from '../../src/testing/test-join.ts'
import { TestPublish } from '../../src/testing/test-publish.ts'
import { WorkerNetwork } from '../support/worker-network.ts'

const key = { app: 'live', streamName: 'name' }

async function oneMachine(): Promise<FabricSubject> {
  const [hub, workers] = [new MemoryHub(), await WorkerNetwork.create()]
  return {
    open: async () => new LayeredFabric(await workers.open(), new MemoryFabric(hub)),
    dispose: () => workers.dispose(),
  }
}

describe('LayeredFabric, with all workers on one machine', () => {
  it.each(fabricCompliance)('$name', one => one.run(oneMachine))
})

describe('LayeredFabric, with two machines', () => {
  const hub = new MemoryHub()
  const [fabrics, machines, joins] = [new Set<LayeredFabric>(), new Set<WorkerNetwork>(), new Set<TestJoin>()]
  /** How many of a machine follow a name at the others, by their numbers. */
  let remotes: CountingFabric[] = []

  async function machine(): Promise<() => Promise<LayeredFabric>> {
    const network = await WorkerNetwork.create()
    machines.add(network)
    return async () => {
      const remote = new CountingFabric(hub)
      remotes.push(remote)
      const fabric = new LayeredFabric(await network.open(), remote)
      fabrics.add(fabric)
      return fabric
    }
  }

  function join(fabric: LayeredFabric): TestJoin {
    const made = new TestJoin(fabric, key)
    joins.add(made)
    return made
  }

  afterEach(async () => {
    for (const each of joins) each.leave()
    await Promise.all([...fabrics].map(fabric => fabric[Symbol.asyncDispose]()))
    for (const each of machines) await each.dispose()
    for (const each of [fabrics, machines, joins]) each.clear()
    remotes = []
  })

  it('fetches a stream once for all workers of a machine, whoever of them leads', async () => {
    const [here, there] = [await machine(), await machine()]
    const origin = await here()
    const workers = [await there(), await there(), await there()]
    const publish = await TestPublish.start(origin, key)
    const following = workers.map(join)
    const streams = await Promise.all(following.map(each => each.next()))
    expect(remotes.map(({ joined }) => joined)).toEqual(expect.arrayContaining([1]))
    expect(remotes.reduce((sum, { joined }) => sum + joined, 0)).toBe(1)
    const received = streams.map(({ messages }) => messages.toArray())
    publish.write(...sampleStream(40))
    await publish.end()
    for (const messages of await Promise.all(received)) expect(messages).toHaveLength(sampleStream(40).length)
  })

  it('has another worker lead when the leading one dies, and shows the next publish', async () => {
    const [here, there] = [await machine(), await machine()]
    const origin = await here()
    const [one, two] = [await there(), await there()]
    const publish = await TestPublish.start(origin, key)
    publish.write(...sampleStream(20))
    const first = join(one)
    await first.next()
    const second = join(two)
    const before = await second.next()
    await one[Symbol.asyncDispose]()
    fabrics.delete(one)
    const after = await second.next()
    expect(after.epoch).toBeGreaterThan(before.epoch)
    publish.write(samples.audio(5_000))
    expect(await once(after.messages, 'data')).toHaveLength(1)
    await publish.end()
    const again = await TestPublish.start(origin, key)
    expect((await second.next()).epoch).toBeGreaterThan(after.epoch)
    await again.end()
  })

  it('goes on for the others when the players of the leading worker have gone, and ends with the last', async () => {
    const [here, there] = [await machine(), await machine()]
    const origin = await here()
    const [one, two] = [await there(), await there()]
    const publish = await TestPublish.start(origin, key)
    const first = join(one)
    await first.next()
    const second = join(two)
    const { messages } = await second.next()
    first.leave()
    publish.write(samples.metadata())
    expect(await once(messages, 'data')).toHaveLength(1)
    second.leave()
    for (const remote of remotes) await remote.left
    expect(remotes.reduce((sum, { following }) => sum + following, 0)).toBe(0)
    await publish.end()
  })

  it('gives a name to one publisher of all machines, and takes back here what is refused there', async () => {
    const [here, there] = [await machine(), await machine()]
    const [one, other, third] = [await here(), await there(), await here()]
    const publish = await TestPublish.start(one, key)
    expect(await other.claim(key)).toBeUndefined()
    expect(await third.claim(key)).toBeUndefined()
    const refused = await other.claim(key)
    expect(refused).toBeUndefined()
    await publish.end()
    const claim = await other.claim(key)
    expect(claim).toBeDefined()
    await claim?.release()
    const back = await third.claim(key)
    expect(back).toBeDefined()
    await back?.release()
  })

  it('does not fetch from outside what a worker beside it publishes', async () => {
    const here = await machine()
    const [one, two] = [await here(), await here()]
    const publish = await TestPublish.start(one, key)
    const following = join(two)
    await following.next()
    expect(await following.unexpected()).toBeUndefined()
    expect(remotes.reduce((sum, { following }) => sum + following, 0)).toBe(0)
    await publish.end()
  })
})

/** Counts what is fetched. */
class CountingFabric extends MemoryFabric {
  /** Streams so far. */
  joined = 0
  /** Streams at present. */
  following = 0
  left: Promise<void> = Promise.resolve()

  override async *join(...args: Parameters<MemoryFabric['join']>): ReturnType<MemoryFabric['join']> {
    for await (const stream of super.join(...args)) {
      this.joined += 1
      this.following += 1
      this.left = new Promise(resolve => stream.messages.once('close', () => resolve(void (this.following -= 1))))
      yield stream
    }
  }
}
