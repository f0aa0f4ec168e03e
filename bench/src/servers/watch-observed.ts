import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Observer } from './observer.ts'
import { load } from './rtmpload.ts'
import { type CpuTimes, ThreadTimes } from './thread-times.ts'
import type { Watch } from './watch.ts'

/** Looked at or not, in this order: what drifts has the same effect on both. */
const turns = [false, true, true, false, false, true, true, false]
/** Milliseconds of a turn. */
const turn = 10_000
/** Until the players are there. Milliseconds. */
const warmUp = 15_000

/** Seconds that {@link watchObserved} takes. */
export const observedSeconds = (warmUp + turns.length * turn) / 1000

/**
 * While the run goes on, somebody looks at the server and then again nobody does. Adds `observed` to the report: the CPU that
 * looking adds, in percent of what the server takes without.
 */
export const watchObserved: Watch = {
  nodeOptions: [],
  async measure(rtmpload, run, server) {
    const token = readFileSync(server.file('data/admin-token'), 'utf8').trim()
    const observer = new Observer(server.urls.rtmpt.replace('rtmpt', 'http'), token)
    using threads = new ThreadTimes(server.child.pid)
    const running = load(rtmpload, run, server)
    await pause(warmUp)
    const taken = { with: 0, without: 0 }
    for (const isLookedAt of turns) {
      const from = performance.now()
      await (isLookedAt ? observer.look(turn) : pause(turn))
      taken[isLookedAt ? 'with' : 'without'] += cpuBetween(threads.noted, from, performance.now())
    }
    return { ...(await running), observed: { cpu_pct: 100 * (taken.with / taken.without - 1) } }
  },
}

/** Milliseconds of CPU that a process took in a stretch of time. */
function cpuBetween(noted: readonly CpuTimes[], from: number, to: number): number {
  const within = noted.filter(({ at }) => at >= from && at <= to)
  const [first, last] = [within[0], within.at(-1)]
  return first === undefined || last === undefined ? NaN : last.main + last.others - first.main - first.others
}
