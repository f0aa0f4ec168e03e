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

// The library keeps what it is given until the end of the turn, and hands its socket a copy then. Frames are written into
// the same memory again once the server has seen them, so it may never look at that memory later.
describe('what a NatsBus was given', () => {
  it('may be changed after the turn, while the server does not read', async () => {
    expect(bus.copies).toBe(true)
    // More than sockets take.
    const numbers = Array.from({ length: 80 }, (_, index) => index + 1)
    const memory = Buffer.alloc(length)
    server.pause()
    for (const number of numbers) {
      bus.publish('rt1.m.x.1', memory.fill(number))
      await nextTurn()
    }
    memory.fill(0)
    const seen = bus.flush()
    server.resume()
    await seen
    expect(server.received.map(contents)).toEqual([numbers])
    expect(bus.counters.dropped).toBe(0)
  })

  it('is what it was when it was flushed', async () => {
    const memory = Buffer.alloc(length, 1)
    bus.publish('rt1.m.x.1', memory)
    await bus.flush()
    memory.fill(2)
    bus.publish('rt1.m.x.1', memory)
    await bus.flush()
    expect(server.received.map(contents)).toEqual([[1, 2]])
  })

  it('is sent by that connection or never', async () => {
    const memory = Buffer.alloc(length, 1)
    server.pause()
    for (let count = 0; count < 80; count += 1) bus.publish('rt1.m.x.1', memory)
    await nextTurn()
    const back = up()
    const before = server.received.length
    server.cut()
    memory.fill(2)
    await back
    bus.publish('rt1.m.x.1', memory)
    await bus.flush()
    expect(contents(server.received.slice(before).flat())).toEqual([2])
  })
})
