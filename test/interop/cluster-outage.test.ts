import { setTimeout as pause } from 'node:timers/promises'
import type { StatusError } from 'rtmpipe'
import { expect, test } from 'vitest'
import { report } from '../support/cluster/arrivals.ts'
import { Machines } from '../support/cluster/machines.ts'
import { NumberedPublisher } from '../support/cluster/numbered.ts'
import { residentBytes } from '../support/cluster/resident-bytes.ts'

/** For a longer run. Seconds. */
const seconds = Number(process.env['CLUSTER_TEST_OUTAGE'] ?? 8)
const megabyte = 1024 * 1024

test('without any nats-server all go on, and have their streams back when one is there', {
  timeout: 200_000,
}, async context => {
  await using cluster = await Machines.start(context, { count: 3 })
  const { nats } = cluster
  const machines = await Promise.all(nats.all.map(server => cluster.machine(server)))
  const [first, second, third] = machines as [(typeof machines)[0], (typeof machines)[0], (typeof machines)[0]]
  const names = ['one', 'two', 'three', 'four']
  const there = await Promise.all(names.map(name => cluster.play(second, name)))
  const further = await Promise.all(names.map(name => cluster.play(third, name)))
  const remote = [...there, ...further]
  const local = await cluster.play(first, 'one')
  using _ = new NumberedPublisher(await Promise.all(names.map(name => cluster.publish(first, name))))
  await Promise.all([local, ...remote].map(player => player.next(({ isKey }) => isKey)))
  const before = residentBytes(first.pid)
  await Promise.all(nats.all.map(server => server.kill()))
  await pause(1_000 * seconds)
  cluster.checkAlive(...machines)
  const grown = (residentBytes(first.pid) - before) / megabyte
  const back = remote.map(player => player.next(({ isPicture }) => isPicture))
  await Promise.all(nats.all.map(server => server.start()))
  const from = performance.now()
  const times = (await Promise.all(back)).map(({ at }) => at - from)
  report(`no NATS for ${seconds} s`, { 'all back ms': Math.max(...times), 'origin RSS MB': grown })
  // Three seconds where nothing else runs.
  expect(Math.max(...times)).toBeLessThan(6_000)
  expect(grown).toBeLessThan(32)
  expect(local.missing).toBe(0)
  expect(remote.map(({ broken }) => broken)).toEqual(remote.map(() => 0))
  const outcome = (): Promise<string | undefined> =>
    cluster.publish(second, 'one').then(
      () => 'accepted',
      (error: StatusError) => error.statusCode,
    )
  let last = await outcome()
  // The servers may have elected no leader of the directory yet: it is asked for once more, as encoders do.
  for (let attempt = 1; attempt < 4 && last === 'NetStream.Failed'; attempt += 1) last = await outcome()
  // The name is still its own: nobody has been declared dead.
  expect(last).toBe('NetStream.Publish.BadName')
})
