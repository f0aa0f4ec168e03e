import { acknowledgement, userControl } from '@rtmpipe/chunk-stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { messagePair, samples } from '@rtmpipe/testing'
import { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const minute = 60_000
const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

/** Lets time pass, with what is sent meanwhile. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 1_000) {
    vi.advanceTimersByTime(Math.min(1_000, milliseconds - passed))
    await turn()
  }
}

/** Reads what a peer is sent and counts the pings, answering each with `answer`. */
function pings(peer: RawPeer, answer: (timestamp: number) => void = () => {}): { count: number } {
  const pings = { count: 0 }
  peer.messages.on('data', ({ messageTypeId, payload }) => {
    if (messageTypeId !== 4 || payload.readUInt16BE(0) !== 6) return
    pings.count += 1
    answer(payload.readUInt32BE(2))
  })
  return pings
}

describe('a client that falls silent', () => {
  it('is pinged after 30 s, and ended 60 s later when still nothing comes', async () => {
    const told: unknown[] = []
    await using server = new RawServer({
      plugins: [{ name: 'spy', onDisconnect: ({ error }) => void told.push(error) }],
    })
    const peer = await server.peer().connect()
    const pinged = pings(peer)
    await pass(29_000)
    expect(pinged.count).toBe(0)
    await pass(16_000)
    expect(pinged.count).toBe(1)
    await pass(44_000)
    expect([server.server.connections.size, pinged.count]).toEqual([1, 1])
    await pass(20_000)
    expect(server.server.connections.size).toBe(0)
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_PING_TIMEOUT' }])
    expect(told).toMatchObject([{ code: 'RTMP_ERR_PING_TIMEOUT' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each<[string, (peer: RawPeer, timestamp: number) => void]>([
    ['the answer', (peer, timestamp) => peer.send(userControl({ type: 'PingResponse', timestamp }))],
    ['a wrong answer', peer => peer.send(userControl({ type: 'PingResponse', timestamp: 7 }))],
    ['an Acknowledgement', peer => peer.send(acknowledgement(1_000))],
    ['a command', peer => peer.command(0, 'FCSubscribe', 0, null, 'x')],
  ])('stays for %s, as often as it is asked', async (_what, answer) => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const pinged = pings(peer, timestamp => answer(peer, timestamp))
    await pass(10 * minute)
    expect(server.server.connections.size).toBe(1)
    expect(pinged.count).toBeGreaterThan(10)
  })

  it('may be pinged sooner, and never', async () => {
    await using often = new RawServer({ limits: { pingInterval: 1_000, pingTimeout: 2_000 } })
    await using never = new RawServer({ limits: { pingInterval: 0 } })
    const [quick, slow] = [await often.peer().connect(), await never.peer().connect()]
    const [quickPings, slowPings] = [pings(quick), pings(slow)]
    await pass(5_000)
    expect([often.server.connections.size, quickPings.count]).toEqual([0, 1])
    await pass(60 * minute)
    expect([never.server.connections.size, slowPings.count]).toEqual([1, 0])
  })

  it('is not blamed for the time in which this process stood still', async () => {
    await using server = new RawServer()
    const pinged = pings(await server.peer().connect())
    await pass(10_000)
    const now = vi.spyOn(performance, 'now').mockReturnValue(10 * minute)
    await pass(15_000)
    now.mockRestore()
    expect([server.server.connections.size, pinged.count]).toEqual([1, 0])
  })

  it('is not blamed while we do not read', async () => {
    let letIn: () => void = () => {}
    await using server = new RawServer({
      plugins: [{ name: 'slow', onPublish: () => new Promise(resolve => (letIn = resolve)) }],
      limits: { hookTimeout: 60 * minute },
    })
    const peer = await server.peer().connect()
    await peer.createStream()
    const pinged = pings(peer)
    peer.command(1, 'publish', 0, null, 'name')
    await pass(10 * minute)
    expect([server.server.connections.size, pinged.count]).toEqual([1, 0])
    letIn()
  })
})

describe('pings', () => {
  it('are not sent to a publisher that sends media', async () => {
    await using server = new RawServer()
    const peer = server.peer()
    const id = await peer.publish()
    const pinged = pings(peer)
    for (let second = 0; second < 300; second += 1) {
      peer.media(id, samples.audio(second * 1_000))
      await pass(1_000)
    }
    expect(pinged.count).toBe(0)
  })

  it('are measured', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    const [connection] = server.server.connections
    expect(connection?.estimate.roundTrip).toBeUndefined()
    connection?.ping()
    const [type, timestamp] = await peer.next()
    expect(type).toBe('PingRequest')
    vi.advanceTimersByTime(25)
    await peer.send(userControl({ type: 'PingResponse', timestamp: timestamp as number })).replies()
    expect(connection?.estimate.roundTrip).toBe(25)
  })

  it('take one timer for all connections, and not all of them in one turn', async () => {
    await using server = new RawServer()
    const peers: { count: number }[] = []
    for (let count = 0; count < 64; count += 1) peers.push(pings(await server.peer().connect()))
    expect(vi.getTimerCount()).toBe(1)
    const pinged = () => peers.reduce((sum, { count }) => sum + count, 0)
    let most = 0
    while (pinged() < 64) {
      const before = pinged()
      vi.advanceTimersByTime(468)
      await turn()
      most = Math.max(most, pinged() - before)
    }
    expect(most).toBe(4)
  })
})

describe('a server that falls silent', () => {
  async function connected(options = {}) {
    const [near, far] = messagePair()
    const [client, server] = [new RtmpClient(near), new RawPeer(far)]
    const errors: unknown[] = []
    near.on('error', error => errors.push(error))
    const connecting = client.connect({ app: 'live', tcUrl: '', ...options })
    server.command(0, '_result', 1, null, { code: 'NetConnection.Connect.Success' })
    await connecting
    return { client, server, errors }
  }

  it('is left alone unless asked for', async () => {
    const { client, server } = await connected()
    const pinged = pings(server)
    await pass(60 * minute)
    expect([client.state, pinged.count]).toEqual(['connected', 0])
    client.messages.destroy()
  })

  it('is pinged and given up', async () => {
    const { client, server, errors } = await connected({ pingInterval: 10_000, pingTimeout: 20_000 })
    const pinged = pings(server)
    await pass(29_000)
    expect([client.state, pinged.count]).toEqual(['connected', 1])
    await pass(8_000)
    expect([client.state, pinged.count]).toEqual(['closed', 1])
    expect(errors).toMatchObject([{ code: 'RTMP_ERR_PING_TIMEOUT' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stays for its answers, which are measured', async () => {
    const { client, server } = await connected({ pingInterval: 10_000 })
    const pinged = pings(server, timestamp => server.send(userControl({ type: 'PingResponse', timestamp })))
    await pass(5 * minute)
    expect(client.state).toBe('connected')
    expect(pinged.count).toBeGreaterThan(15)
    expect(client.estimate.roundTrip).toBeLessThan(1_000)
    client.messages.destroy()
  })
})
