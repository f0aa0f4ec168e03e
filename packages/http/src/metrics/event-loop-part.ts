import { constants, type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { Gauge, Histogram, type Registry } from 'prom-client'
import type { Part } from './part.ts'

/** Milliseconds between two looks at the event loop. */
const resolution = 10

/** Kinds of garbage collection by their number in entries of perf_hooks. */
const kinds: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

/** How late the event loop is, and what garbage collection costs. */
export class EventLoopPart implements Part {
  /** From the first scrape on: it wakes the process two hundred times a second, on a server where nothing happens too. */
  #delay: IntervalHistogram | undefined
  readonly #observer: PerformanceObserver
  readonly #p50: Gauge
  readonly #p99: Gauge
  readonly #max: Gauge

  constructor(registry: Registry) {
    const registers = [registry]
    const lag = (name: string, what: string): Gauge =>
      new Gauge({
        name: `nodejs_eventloop_lag_${name}seconds`,
        help: `How late the event loop was since the last scrape: ${what}; of the latest worker. Measured from the first scrape on.`,
        registers,
        aggregator: 'max',
      })
    this.#p50 = lag('p50_', 'the median')
    this.#p99 = lag('p99_', 'the 99th percentile')
    this.#max = lag('max_', 'the worst')
    const collections = new Histogram({
      name: 'nodejs_gc_duration_seconds',
      help: 'Garbage collections.',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
      registers,
    })
    this.#observer = new PerformanceObserver(list => {
      for (const entry of list.getEntries()) {
        const { kind } = (entry as unknown as { readonly detail: { readonly kind: number } }).detail
        collections.observe({ kind: kinds[kind] ?? 'other' }, entry.duration / 1000)
      }
    })
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  read(): void {
    if (this.#delay === undefined) {
      this.#delay = monitorEventLoopDelay({ resolution })
      this.#delay.enable()
      return
    }
    this.#p50.set(seconds(this.#delay.percentile(50)))
    this.#p99.set(seconds(this.#delay.percentile(99)))
    this.#max.set(seconds(this.#delay.max))
    this.#delay.reset()
  }

  close(): void {
    this.#delay?.disable()
    this.#observer.disconnect()
  }
}

/** What was measured is the time from one look to the next. */
function seconds(nanoseconds: number): number {
  return Math.max(nanoseconds / 1e9 - resolution / 1000, 0)
}
