import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { report } from '../support/cluster/arrivals.ts'
import { Machines } from '../support/cluster/machines.ts'
import { NumberedPublisher } from '../support/cluster/numbered.ts'

/** For a longer run. Seconds. */
const frozen = 1_000 * Number(process.env['CLUSTER_TEST_FROZEN'] ?? 8)
/** Nothing older reaches a player. Milliseconds. */
const maxAge = 3_000

describe.concurrent('a machine of a cluster', () => {
  test('that is killed takes its publisher along, whose players go on with what is published elsewhere', async context => {
    await using cluster = await Machines.start(context)
    const [here, there, edge] = await Promise.all([cluster.machine(), cluster.machine(), cluster.machine()])
    const player = await cluster.play(edge, 'show')
    const first = new NumberedPublisher([await cluster.publish(here, 'show')])
    await player.next(({ isKey }) => isKey)
    process.kill(here.pid, 'SIGKILL')
    await here.program.exited
    first[Symbol.dispose]()
    // The encoder's own time.
    await pause(500)
    const from = performance.now()
    using _ = new NumberedPublisher([await cluster.publish(there, 'show')])
    const { at, isKey } = await player.next()
    report('origin killed', { 'until the picture ms': at - from })
    // 600 where nothing else runs.
    expect(at - from).toBeLessThan(2_000)
    expect(isKey).toBe(true)
    expect(player.stream.destroyed).toBe(false)
  })

  test('that freezes holds up nobody else, and its players get nothing old when it is back', async context => {
    await using cluster = await Machines.start(context)
    const [origin, well, ill] = await Promise.all([cluster.machine(), cluster.machine(), cluster.machine()])
    const [healthy, unlucky] = [await cluster.play(well, 'show'), await cluster.play(ill, 'show')]
    using _ = new NumberedPublisher([await cluster.publish(origin, 'show')], { sizes: [60_000, 10_000, 300] })
    await Promise.all([healthy, unlucky].map(player => player.next(({ isKey }) => isKey)))
    const quietFrom = performance.now()
    await pause(frozen / 2)
    const from = performance.now()
    process.kill(ill.pid, 'SIGSTOP')
    await pause(frozen)
    const thawn = performance.now()
    process.kill(ill.pid, 'SIGCONT')
    await unlucky.next(({ sentAt, isKey }) => isKey && sentAt > thawn)
    const [usual, p99] = [healthy.age(99, quietFrom, from), healthy.age(99, from, thawn)]
    const oldest = unlucky.age(100, thawn)
    report('edge frozen', { 'p99 ms of others': p99, 'usual p99 ms': usual, 'oldest ms': oldest })
    // What the machine itself does in so short a time is a few milliseconds, more or less.
    // Beside other tests both windows are uneven. Who is held up is so for seconds.
    expect(p99).toBeLessThan(2 * usual + 500)
    expect(oldest).toBeLessThan(maxAge + usual)
    expect(healthy.missing).toBe(0)
    expect([healthy.broken, unlucky.broken]).toEqual([0, 0])
  })
})
