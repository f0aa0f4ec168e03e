/** A metric with its values. */
export interface MetricSnapshot {
  /** Such as `rtmpipe_players`. */
  readonly name: string
  /** What it is, in words. */
  readonly help: string
  /** `counter`, `gauge` or `histogram`. */
  readonly type: string
  /** How the values of several processes become one. */
  readonly aggregator: string
  /** One for each combination of labels, of a histogram several. */
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string | number>>
    readonly value: number
    /** Of the parts of a histogram. */
    readonly metricName?: string
  }[]
}

/** All metrics of one process at one time: plain data, which can go to another process. */
export interface MetricsSnapshot {
  /** Which process, of all that there ever were. */
  readonly process: string
  /** In the order in which they are shown. */
  readonly metrics: readonly MetricSnapshot[]
}
