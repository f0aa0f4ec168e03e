import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { ProcessReport } from './report.ts'

/** Several who ask at about the same time are told the same. Milliseconds. */
const minInterval = 500
/** Milliseconds that the event loop's delay is told of. */
const delayWindow = 10_000
/** Milliseconds between two looks at the event loop, which are part of every delay that is measured. */
const resolution = 20

/** What this process costs, measured from the first time on that somebody asks. */
export class ProcessMeter {
  readonly #since = new Date(Date.now() - process.uptime() * 1_000).toISOString()
  #cpu = 0
  #usage = process.cpuUsage()
  #measured = performance.now()
  #delays: IntervalHistogram | undefined
  #delaysSince = 0

  report(worker?: number): ProcessReport {
    const { rss, heapUsed } = process.memoryUsage()
    return {
      ...(worker !== undefined && { worker }),
      pid: process.pid,
      since: this.#since,
      cpu: this.#cpuNow(),
      rss,
      heapUsed,
      eventLoopDelay: this.#delayNow(),
    }
  }

  /** Measures no more. */
  close(): void {
    this.#delays?.disable()
    this.#delays = undefined
  }

  #cpuNow(): number {
    const now = performance.now()
    const elapsed = now - this.#measured
    if (elapsed < minInterval) return this.#cpu
    const { user, system } = process.cpuUsage(this.#usage)
    this.#cpu = Math.round((user + system) / elapsed) / 1_000
    this.#usage = process.cpuUsage()
    this.#measured = now
    return this.#cpu
  }

  #delayNow(): number {
    const now = performance.now()
    if (this.#delays === undefined) {
      this.#delays = monitorEventLoopDelay({ resolution })
      this.#delays.enable()
      this.#delaysSince = now
      return 0
    }
    if (this.#delays.count === 0) return 0
    const delay = Math.max(0, this.#delays.percentile(99) / 1e6 - resolution)
    if (now - this.#delaysSince >= delayWindow) {
      this.#delays.reset()
      this.#delaysSince = now
    }
    return Math.round(delay * 10) / 10
  }
}
