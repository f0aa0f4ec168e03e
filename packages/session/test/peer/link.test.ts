import { parseUserControl, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest'
import { Link } from '../../src/peer/link.ts'
import type { MessageConnection } from '../../src/contract/message-connection.ts'
import { samples, take } from '@rtmpipe/testing'
import { ByteServer } from '../support/byte-server.ts'

/** A connection of which only the counters matter. */
class Counters {
  bytesSent = 0
  bytesReceived = 0
  queuedBytes = 0
  bytesAcknowledged: number | undefined = undefined
  handshakeRoundTrip: number | undefined = undefined
  readonly sent: RtmpMessage[] = []

  send(message: RtmpMessage): void {
    this.sent.push(message)
  }

  get link(): Link {
    return new Link(this as unknown as MessageConnection)
  }

  /** Timestamp of the last ping. */
  get pinged(): number {
    const event = parseUserControl((this.sent.at(-1) as RtmpMessage).payload)
    return event?.type === 'PingRequest' ? event.timestamp : NaN
  }
}

describe('an estimate', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('knows nothing to begin with', () => {
    const unknown = { roundTrip: undefined, sendRate: undefined, receiveRate: undefined, bytesInFlight: undefined }
    expect(new Counters().link.estimate).toEqual(unknown)
  })

  it('has the round trip of the handshake, then of pings, smoothed by an eighth', () => {
    const counters = new Counters()
    const { link } = counters
    counters.handshakeRoundTrip = 40
    expect(link.estimate.roundTrip).toBe(40)
    for (const [sample, smoothed] of [
      [120, 50],
      [50, 50],
      [10, 45],
    ] as const) {
      link.ping()
      vi.advanceTimersByTime(sample)
      link.answered(counters.pinged)
      expect(link.estimate.roundTrip).toBe(smoothed)
    }
  })

  it('takes the first ping as it is where there was no handshake', () => {
    const counters = new Counters()
    const { link } = counters
    link.ping()
    vi.advanceTimersByTime(70)
    link.answered(counters.pinged)
    expect(link.estimate.roundTrip).toBe(70)
  })

  it('is not changed by answers that nobody asked for', () => {
    const counters = new Counters()
    const { link } = counters
    link.answered(0)
    link.ping()
    vi.advanceTimersByTime(30)
    link.answered(counters.pinged + 1)
    link.answered(counters.pinged)
    vi.advanceTimersByTime(300)
    link.answered(counters.pinged)
    expect(link.estimate.roundTrip).toBe(30)
  })

  it('has rates of what came and of what has gone out', () => {
    const counters = new Counters()
    const { link } = counters
    Object.assign(counters, { bytesSent: 1_500_000, queuedBytes: 500_000, bytesReceived: 4_000 })
    vi.advanceTimersByTime(2_000)
    expect(link.estimate).toMatchObject({ sendRate: 4_000_000, receiveRate: 16_000 })
  })

  it('has the bytes that are not acknowledged', () => {
    const counters = new Counters()
    counters.bytesSent = 900
    counters.bytesAcknowledged = 300
    expect(counters.link.estimate.bytesInFlight).toBe(600)
  })

  it('has what the other side has acknowledged, in both roles', async () => {
    vi.useRealTimers()
    await using server = await ByteServer.listening({ whenSlow: 'backpressure' })
    const player = await (await server.client()).play('name')
    const client = await server.client()
    const publisher = await client.publish('name')
    const [playing] = server.server.connections
    const sent = Array.from({ length: 30 }, (_, index) => samples.interframe(index, 100_000))
    for (const message of sent) publisher.write(message)
    await take(player, sent.length)
    // Each side acknowledges half a window of 2,500,000 bytes at a time.
    const known = () => [client, playing].map(side => side?.estimate.bytesInFlight ?? Infinity)
    await expect.poll(() => Math.max(...known()), { interval: 1 }).toBeLessThan(2_000_000)
  })

  it('is there for every client, in both roles', async () => {
    vi.useRealTimers()
    await using server = await ByteServer.listening()
    const client = await server.client()
    const [connection] = server.server.connections
    for (const side of [connection, client]) {
      const { estimate } = side as { estimate: { roundTrip: number | undefined } }
      expect(estimate.roundTrip).toBeGreaterThanOrEqual(0)
      expect(estimate).toMatchObject({ bytesInFlight: undefined })
    }
  })
})
