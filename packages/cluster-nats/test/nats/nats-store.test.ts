import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { silentLogger } from '@rtmpipe/session'
import type { UsageError } from '@rtmpipe/chunk-stream'
import { parseServers, ServerList } from '../../src/nats/addresses.ts'
import { Dialer } from '../../src/nats/dialer.ts'
import { NatsBus } from '../../src/nats/nats-bus.ts'
import { NatsStores } from '../../src/nats/nats-store.ts'
import { oldServer } from '../../src/nats/server-check.ts'
import {
  isForSeveral,
  natsBinaries,
  NatsServers,
  type NatsServersOptions,
} from '../../../../test/support/nats-server.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

interface Node {
  readonly stores: NatsStores
  readonly bus: NatsBus
  readonly replicas: () => number
  readonly refused: Promise<UsageError>
}

async function node(url: string): Promise<Node> {
  const { addresses, login } = parseServers(url)
  const dialer = new Dialer({ login, name: 'test', inboxPrefix: 'rt1.r.test' })
  let up = (): void => {}
  let refuse: (error: UsageError) => void = () => {}
  const isUp = new Promise<void>(resolve => (up = resolve))
  const refused = new Promise<UsageError>(resolve => (refuse = resolve))
  const bus: NatsBus = new NatsBus({
    servers: new ServerList(addresses, 0),
    dialer,
    inbox: 'rt1.r.test.c',
    log: silentLogger,
    onRefused: error => error && refuse(error),
  })
  open.push(bus)
  if (!bus.isUp) bus.onUp(up)
  else up()
  await isUp
  let replicas = 0
  const stores = new NatsStores({
    bus,
    onOpen: found => void (replicas = dialer.replicas = found),
    onOld: version => {
      dialer.replicas = 2
      bus.refuse(address => oldServer(address, version))
    },
  })
  return { stores, bus, refused, replicas: () => replicas }
}

async function servers(context: TestContext, options: NatsServersOptions = {}): Promise<NatsServers> {
  const started = await NatsServers.start(context, options)
  open.push(started)
  return started
}

/** A cluster elects somebody first. */
async function ready({ stores }: Node): Promise<void> {
  for (;;) {
    try {
      return await stores.streams.open()
    } catch {
      // Not yet.
    }
  }
}

const [one, two] = [Buffer.from('one'), Buffer.from('two')]

describe('NatsStore', () => {
  for (const count of [1, 3]) {
    it(`has one winner of each write, with ${count === 1 ? 'one server' : 'three servers that keep it'}`, async context => {
      const { all } = await servers(context, { count })
      const nodes = await Promise.all(Array.from({ length: 4 }, (_, index) => node(all[index % count]?.url as string)))
      for (const each of nodes) await ready(each)
      expect(nodes[0]?.replicas()).toBe(count)
      const began = Date.now() / 1_000
      expect(Math.abs((await nodes[0]!.stores.streams.created()) - began)).toBeLessThan(60)
      const names = Array.from({ length: 25 }, (_, index) => `name-${index}`)
      for (const name of names) {
        const claims = await Promise.all(nodes.map(({ stores }) => stores.streams.create(name, one)))
        const revisions = claims.filter(revision => revision !== undefined)
        expect(revisions).toHaveLength(1)
        const taken = await Promise.all(
          nodes.map(({ stores }) => stores.streams.update(name, two, revisions[0] as number)),
        )
        const later = taken.filter(revision => revision !== undefined)
        expect(later).toHaveLength(1)
        expect(later[0]).toBeGreaterThan(revisions[0] as number)
      }
    })
  }

  it('reads, writes and removes, and what was removed can be made again', async context => {
    const { one: server } = await servers(context)
    const { stores } = await node(server.url)
    const { streams, nodes } = stores
    expect(await streams.get('name')).toBeUndefined()
    const first = (await streams.create('name', one)) as number
    expect(await streams.create('name', two)).toBeUndefined()
    expect(await streams.get('name')).toMatchObject({ revision: first })
    const second = (await streams.update('name', two, first)) as number
    expect(await streams.keys()).toEqual(['name'])
    expect(await streams.update('name', one, first)).toBeUndefined()
    expect(await streams.remove('name', first)).toBe(false)
    expect(Buffer.from((await streams.get('name'))?.value ?? '').toString()).toBe('two')
    expect(await streams.remove('name', second)).toBe(true)
    expect(await streams.get('name')).toBeUndefined()
    expect(await streams.keys()).toEqual([])
    const third = (await streams.create('name', one)) as number
    expect(third).toBeGreaterThan(second)
    const lease = await nodes.put('node', one)
    expect(await nodes.put('node', two)).toBeGreaterThan(lease)
  })

  it('says within 2.5 s that it is down when nobody answers', async context => {
    const { one: server } = await servers(context)
    const { stores } = await node(server.url)
    await stores.streams.open()
    await server.freeze()
    const began = performance.now()
    await expect(stores.streams.put('name', one)).rejects.toMatchObject({ code: 'RTMP_ERR_DIRECTORY_DOWN' })
    expect(performance.now() - began).toBeLessThan(2_500)
    server.thaw()
  })

  it('refuses old servers that would keep it together, and says what to do', async context => {
    const binary = natsBinaries().find(each => !isForSeveral(each))
    if (binary === undefined) return context.skip('there is no nats-server before 2.10')
    const { all } = await servers(context, { count: 3, binary })
    const { stores, bus, refused } = await node(all[0]?.url as string)
    await expect(
      (async () => {
        for (;;)
          await stores.streams.open().catch(error => {
            if (!/no answer|temporarily/.test(error.message)) throw error
          })
      })(),
    ).rejects.toThrow()
    const { code, message } = await refused
    expect(code).toBe('RTMP_ERR_USAGE')
    expect(message).toMatch(/127\.0\.0\.1:\d+ is 2\.9\.\d+, and servers before 2\.10 .* update all of them/)
    expect(bus.isUp).toBe(false)
  })
})
