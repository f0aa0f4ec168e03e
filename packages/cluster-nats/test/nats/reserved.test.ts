import { setImmediate as nextTurn } from 'node:timers/promises'
import { silentLogger } from '@rtmpipe/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseServers, ServerList } from '../../src/nats/addresses.ts'
import { Dialer } from '../../src/nats/dialer.ts'
import { NatsBus } from '../../src/nats/nats-bus.ts'
import { FakeNatsServer } from '../support/fake-nats-server.ts'

const length = 256 * 1024

let server: FakeNatsServer
let bus: NatsBus
beforeEach(async () => {
  server = new FakeNatsServer()
  const { addresses, login } = parseServers(await server.listen())
  const dialer = new Dialer({ login, name: 'test', inboxPrefix: 'rt1.r.x' })
  bus = new NatsBus({ servers: new ServerList(addresses, 0), dialer, inbox: 'rt1.r.x.c', log: silentLogger })
  await up()
})
afterEach(async () => {
  await bus[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

function up(): Promise<void> {
  return new Promise(resolve => {
    const end = bus.onUp(() => resolve(end()))
  })
}

/** What it is that each payload has in all its bytes; undefined of one that has been changed halfway. */
function contents(payloads: readonly Buffer[] = []): (number | undefined)[] {
  return payloads.map(payload => (payload.equals(Buffer.alloc(length, payload[0])) ? payload[0] : undefined))
}

function publish(number: number): ArrayBufferLike {
  const memory = bus.reserve('rt1.m.x.1', length).fill(number)
  bus.publish('rt1.m.x.1', memory)
  return memory.buffer
}

// It is written into again once the server has seen what was in it, and the library hands it to its socket as it is.
describe('memory that a NatsBus gives', () => {
  // More than sockets take.
  const numbers = Array.from({ length: 80 }, (_, index) => index + 1)

  it('arrives as it was written, while the server does not read', async () => {
    server.pause()
    for (const number of numbers) {
      publish(number)
      await nextTurn()
    }
    const seen = bus.flush()
    server.resume()
    await seen
    expect(server.received.map(contents)).toEqual([numbers])
    expect(bus.counters.dropped).toBe(0)
  })

  it('is used again when the server has seen it, and arrives as it was written then', async () => {
    const used = new Set<ArrayBufferLike>()
    for (const number of numbers) {
      used.add(publish(number))
      if (number % 8 === 0) await bus.flush()
      else await nextTurn()
    }
    await bus.flush()
    expect(server.received.map(contents)).toEqual([numbers])
    // Two or three in each, and the server is asked after eight.
    expect(used.size).toBeLessThan(8)
  })

  it('is sent in its place among what is published otherwise', async () => {
    for (const number of numbers.slice(0, 20)) {
      publish(number)
      bus.publish('rt1.m.x.1', Buffer.alloc(length, 100 + number))
    }
    await bus.flush()
    expect(server.received.map(contents)).toEqual([numbers.slice(0, 20).flatMap(number => [number, 100 + number])])
  })

  it('is sent by that connection or never', async () => {
    server.pause()
    for (const number of numbers) publish(number)
    await nextTurn()
    const back = up()
    const before = server.received.length
    server.cut()
    await back
    publish(2)
    await bus.flush()
    expect(contents(server.received.slice(before).flat())).toEqual([2])
  })

  it("is nobody's while there is no connection", async () => {
    await bus[Symbol.asyncDispose]()
    expect(bus.reserve('rt1.m.x.1', 5).length).toBe(5)
  })
})
