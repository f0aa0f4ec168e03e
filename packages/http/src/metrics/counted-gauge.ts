import { Gauge, type Registry } from 'prom-client'

/** What is set with a value for each combination of labels. */
export interface GaugeOptions<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
  readonly registers: Registry[]
}

/** A gauge that is counted anew at every look. What was there once is 0 when nothing of it is left, not gone. */
export class CountedGauge<Label extends string> {
  readonly #gauge: Gauge<Label>
  readonly #counts = new Map<string, { readonly labels: Record<Label, string>; count: number }>()

  constructor(options: GaugeOptions<Label>) {
    this.#gauge = new Gauge(options)
  }

  add(labels: Record<Label, string>, count = 1): void {
    const key = Object.values(labels).join('\0')
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, { labels, count })
    else known.count += count
  }

  /** Shows what was added since it was last called. */
  show(): void {
    for (const entry of this.#counts.values()) {
      this.#gauge.set(entry.labels, entry.count)
      entry.count = 0
    }
  }
}
