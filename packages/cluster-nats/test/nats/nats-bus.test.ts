import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import type { UsageError } from '@rtmpipe/chunk-stream'
import { silentLogger } from '@rtmpipe/session'
import { parseServers, ServerList } from '../../src/nats/addresses.ts'
import { Dialer } from '../../src/nats/dialer.ts'
import { NatsBus } from '../../src/nats/nats-bus.ts'
import { type BusMessage, nobody } from '../../src/contract/bus.ts'
import { NatsServers } from '../../../../test/support/nats-server.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

async function servers(context: TestContext, count = 1): Promise<NatsServers> {
  const started = await NatsServers.start(context, { count })
  open.push(started)
  return started
}

function bus(urls: readonly string[], refused: (error: UsageError | undefined) => void = () => {}): NatsBus {
  const { addresses, login } = parseServers(urls)
  const inbox = `rt1.r.${Math.random().toString(36).slice(2)}`
  const dialer = new Dialer({ login, name: 'test', inboxPrefix: inbox })
  const made = new NatsBus({
    servers: new ServerList(addresses, 0),
    dialer,
    inbox: `${inbox}.c`,
    log: silentLogger,
    onRefused: refused,
  })
  open.push(made)
  return made
}

function up(one: NatsBus): Promise<void> {
  return new Promise(resolve => {
    if (one.isUp) return resolve()
    const end = one.onUp(() => {
      end()
      resolve()
    })
  })
}

function next(one: NatsBus, subject: string): Promise<BusMessage> {
  return new Promise(resolve => {
    const end = one.subscribe(subject, message => {
      end()
      resolve(message)
    })
  })
}

describe('NatsBus', () => {
  it('tells when another server of the cluster is lost', async context => {
    const { all } = await servers(context, 3)
    const one = bus([all[0]!.url])
    await up(one)
    const lost = new Promise<void>(resolve => one.onLoss(resolve))
    await all[1]!.kill()
    await lost
    expect(one.isUp).toBe(true)
  })

  it('carries messages in order, to others and to itself, and takes wildcards', async context => {
    const { urls } = await servers(context)
    const [one, other] = [bus(urls), bus(urls)]
    await Promise.all([up(one), up(other)])
    const seen: string[] = []
    const done = new Promise<void>(resolve => {
      for (const [name, each] of Object.entries({ one, other })) {
        each.subscribe('rt1.m.*.7', ({ subject, payload, reply }) => {
          seen.push(`${name} ${subject} ${payload.toString()} ${reply ?? 'no reply'}`)
          if (seen.length === 4) resolve()
        })
      }
    })
    await other.flush()
    one.publish('rt1.m.a.7', Buffer.from('1'))
    one.publish('rt1.m.b.8', Buffer.from('not taken'))
    one.publish('rt1.m.b.7', Buffer.from('2'))
    await done
    expect(seen.filter(line => line.startsWith('one'))).toEqual([
      'one rt1.m.a.7 1 no reply',
      'one rt1.m.b.7 2 no reply',
    ])
    expect(seen.filter(line => line.startsWith('other'))).toHaveLength(2)
  })

  it('asks: answers come until it is ended, and nobody is told apart from silence', async context => {
    const { urls } = await servers(context)
    const [one, other] = [bus(urls), bus(urls)]
    await Promise.all([up(one), up(other)])
    expect(await new Promise(resolve => one.ask('rt1.j.x', Buffer.from('?'), resolve))).toBe(nobody)
    other.subscribe('rt1.j.x', ({ reply }) => {
      other.publish(reply as string, Buffer.from('first'))
      other.publish(reply as string, Buffer.from('second'))
    })
    await other.flush()
    const answers: string[] = []
    await new Promise<void>(resolve => {
      const end = one.ask('rt1.j.x', Buffer.from('?'), answer => {
        answers.push(answer === nobody ? 'nobody' : answer.payload.toString())
        if (answers.length === 2) resolve(end())
      })
    })
    expect(answers).toEqual(['first', 'second'])
  })

  it('is there again when its server was killed and comes back, with what it had subscribed to', async context => {
    const started = await servers(context)
    const one = bus(started.urls)
    await up(one)
    const message = next(one, 'rt1.e.x')
    await started.one.kill()
    while (one.isUp) await delay(5)
    await expect(one.flush()).rejects.toThrow('no NATS server')
    one.publish('rt1.e.x', Buffer.from('lost'))
    expect(one.counters).toMatchObject({ dropped: 1, droppedBytes: 4 })
    const again = up(one)
    await started.one.start()
    await again
    one.publish('rt1.e.x', Buffer.from('arrives'))
    expect((await message).payload.toString()).toBe('arrives')
    expect(one.counters).toMatchObject({ reconnects: 1, frozen: 0 })
  })

  it('waits for a server that is not there yet', async context => {
    const started = await servers(context)
    await started.one.kill()
    const one = bus(started.urls)
    const there = up(one)
    await started.one.start()
    await there
    await one.flush()
  })

  it('leaves a server that freezes for another one it was told of, within 2.5 s, and bounds what it holds', async context => {
    const started = await servers(context, 3)
    const [frozen, other] = [started.all[0], started.all[1]] as [(typeof started.all)[0], (typeof started.all)[0]]
    const [sender, receiver] = [bus([frozen.url]), bus([other.url])]
    await Promise.all([up(sender), up(receiver)])
    let last = performance.now()
    let gap = 0
    receiver.subscribe('rt1.m.x.1', () => {
      const now = performance.now()
      gap = Math.max(gap, now - last)
      last = now
    })
    await receiver.flush()
    await delay(300)
    // 25 Mbit/s.
    const send = () => sender.publish('rt1.m.x.1', sender.reserve('rt1.m.x.1', 31_250).fill(0))
    const sending = setInterval(send, 10)
    try {
      await delay(1_000)
      last = performance.now()
      gap = 0
      const before = process.memoryUsage.rss()
      let most = before
      const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
      const again = up({
        get isUp() {
          return false
        },
        onUp: sender.onUp.bind(sender),
      } as NatsBus)
      await frozen.freeze()
      await again
      await delay(500)
      clearInterval(watching)
      expect(sender.counters.frozen).toBe(1)
      expect(sender.server).not.toBe(`127.0.0.1:${frozen.port}`)
      expect(gap).toBeLessThan(2_500)
      expect(most - before).toBeLessThan(16 * 1024 * 1024)
    } finally {
      clearInterval(sending)
      frozen.thaw()
    }
  })
})
