import { performance as hookedPerformance } from 'node:perf_hooks'
import * as timers from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Plugin } from '@rtmpipe/session'
import { stall } from '../src/faults/stall.ts'
import { unanswered } from '../src/faults/unanswered.ts'
import { samples, sampleStream } from '../src/samples.ts'
import { send } from '../src/send.ts'
import { settled } from '../src/settled.ts'
import { TestServer } from '../src/test-server.ts'
import { VirtualClock } from '../src/virtual-clock.ts'

describe('VirtualClock', () => {
  afterEach(() => void vi.useRealTimers())

  it('starts at the time it is, or at one that is named', () => {
    const before = Date.now()
    {
      using _ = new VirtualClock()
      expect(Date.now()).toBeGreaterThanOrEqual(before)
      expect(Date.now()).toBeLessThan(before + 60_000)
    }
    using _ = new VirtualClock({ now: new Date('2030-01-01T00:00:00Z') })
    expect(new Date().toISOString()).toBe('2030-01-01T00:00:00.000Z')
    expect(Date.now()).toBe(1_893_456_000_000)
  })

  it('stands still until it is advanced, and then runs what is due, in order', async () => {
    using clock = new VirtualClock({ now: 0 })
    const ran: [name: string, at: number][] = []
    const note = (name: string) => () => void ran.push([name, Date.now()])
    setTimeout(note('late'), 600_001)
    setTimeout(note('second'), 50)
    const interval = setInterval(note('interval'), 20)
    setTimeout(note('first'), 10)
    setTimeout(() => setTimeout(note('asked for later'), 25), 30)
    await settled()
    expect(ran).toEqual([])
    await clock.advance(60)
    expect(ran).toEqual([
      ['first', 10],
      ['interval', 20],
      ['interval', 40],
      ['second', 50],
      ['asked for later', 55],
      ['interval', 60],
    ])
    clearInterval(interval)
    await clock.advance(600_000 - 60)
    expect(ran).toHaveLength(6)
    await clock.advance(1)
    expect(ran.at(-1)).toEqual(['late', 600_001])
  })

  it('is what every way of asking for the time goes by', async () => {
    using clock = new VirtualClock({ now: 5 })
    const [started, hrtime] = [performance.now(), process.hrtime.bigint()]
    const signal = AbortSignal.timeout(30_000)
    const woken: string[] = []
    void sleep(30_000, 'sleep').then(value => woken.push(value))
    timers.setTimeout(() => woken.push('node:timers'), 30_000)
    await clock.advance(29_999)
    expect([woken, signal.aborted]).toEqual([[], false])
    await clock.advance(1)
    expect(woken.sort()).toEqual(['node:timers', 'sleep'])
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
    expect(Date.now()).toBe(30_005)
    expect(performance.now() - started).toBe(30_000)
    expect(hookedPerformance.now()).toBe(performance.now())
    expect(process.hrtime.bigint() - hrtime).toBe(30_000_000_000n)
  })

  it('lets promises and messages move between two timers', async () => {
    using clock = new VirtualClock({ now: 0 })
    const at: number[] = []
    const walk = async () => {
      for (let step = 0; step < 3; step += 1) {
        await new Promise(resolve => setTimeout(resolve, 100))
        for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
        at.push(Date.now())
      }
    }
    void walk()
    await clock.advance(1_000)
    expect(at).toEqual([100, 200, 300])
    expect(Date.now()).toBe(1_000)
  })

  it('tells of a timer that throws, and goes on when asked again', async () => {
    using clock = new VirtualClock()
    let ran = false
    setTimeout(() => {
      throw new Error('boom')
    }, 10)
    setTimeout(() => (ran = true), 20)
    await expect(clock.advance(100)).rejects.toThrow('boom')
    expect(ran).toBe(false)
    await clock.advance(10)
    expect(ran).toBe(true)
  })

  it('gives real time back', async () => {
    const real = [setTimeout, Date, performance.now, AbortSignal.timeout, timers.setTimeout, sleep]
    const clock = new VirtualClock()
    expect([setTimeout, Date, performance.now, AbortSignal.timeout, timers.setTimeout, sleep]).not.toContain(real[0])
    clock[Symbol.dispose]()
    expect([setTimeout, Date, performance.now, AbortSignal.timeout, timers.setTimeout, sleep]).toEqual(real)
    const started = performance.now()
    await sleep(5)
    expect(performance.now() - started).toBeGreaterThan(3)
  })

  it('clears timers that were there before', async () => {
    let ran = false
    const timer = setTimeout(() => (ran = true), 1)
    {
      using _ = new VirtualClock()
      clearTimeout(timer)
    }
    await sleep(10)
    expect(ran).toBe(false)
  })

  it('is the only one', () => {
    const first = new VirtualClock()
    expect(() => new VirtualClock()).toThrow('timers are fake already: dispose of the other clock first')
    first[Symbol.dispose]()
    vi.useFakeTimers()
    expect(() => new VirtualClock()).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })

  it.each([-1, NaN, Infinity])('does not go by %d ms', async milliseconds => {
    using clock = new VirtualClock()
    await expect(clock.advance(milliseconds)).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
  })
})

describe('a session under a VirtualClock', () => {
  it('gives hooks that never answer their time, and no more', async () => {
    using clock = new VirtualClock()
    await using server = new TestServer({ plugins: [unanswered('onPublish')] })
    const publish = server.publish('live/name')
    const refused = expect(publish).rejects.toMatchObject({ statusCode: 'NetStream.Failed' })
    let isOver = false
    void publish.catch(() => (isOver = true))
    await clock.advance(9_999)
    expect(isOver).toBe(false)
    await clock.advance(1)
    expect(isOver).toBe(true)
    await refused
  })

  it('gives up a publisher that answers no pings, and tells why', async () => {
    using clock = new VirtualClock()
    const ends: (Error | undefined)[] = []
    const watch: Plugin = { name: 'watch', onPublishEnd: (_publish, { error }) => void ends.push(error) }
    await using server = new TestServer({ plugins: [watch], limits: { publishIdle: 0 } })
    const [lost, other] = [await server.publish('live/lost'), await server.publish('live/other')]
    stall(lost)
    await clock.advance(60_000)
    expect(ends).toEqual([])
    await clock.advance(60_000)
    expect(ends).toEqual([expect.objectContaining({ code: 'RTMP_ERR_PING_TIMEOUT' })])
    expect([lost.destroyed, other.destroyed]).toEqual([true, false])
  })

  it('merges messages within a window of its time', async () => {
    using clock = new VirtualClock()
    await using server = new TestServer({ mergeWindow: 20 })
    const player = await server.play('live/name')
    const publisher = await server.publish('live/name')
    await send(publisher, [samples.audioHeader(), samples.audio(0), samples.audio(10)])
    expect(player.readableLength).toBe(1)
    await clock.advance(19)
    expect(player.readableLength).toBe(1)
    await clock.advance(1)
    expect(player.readableLength).toBe(3)
  })

  it('runs a day of a live stream at once', async () => {
    using clock = new VirtualClock({ now: 0 })
    let ended = false
    await using server = new TestServer({
      plugins: [{ name: 'watch', onPublishEnd: () => void (ended = true) }],
      limits: { pingInterval: 0, publishIdle: 0 },
    })
    const publisher = await server.publish('live/name')
    await clock.advance(24 * 3_600_000)
    await send(publisher, sampleStream(5))
    expect([ended, Date.now()]).toEqual([false, 86_400_000])
  })
})
