/** How often which milliseconds came, in steps of 3 %: small, and easily added to another. */
export type Counts = Record<string, number>

const step = Math.log(1.03)

export function count(counts: Counts, milliseconds: number): void {
  const bucket = Math.round(Math.log(Math.max(milliseconds, 1)) / step)
  counts[bucket] = (counts[bucket] ?? 0) + 1
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0)
}

/** Below which a share of them is; NaN when there are none. */
export function quantile(counts: Counts, share: number): number {
  const wanted = total(counts) * share
  let seen = 0
  for (const [bucket, each] of Object.entries(counts).toSorted(([one], [other]) => Number(one) - Number(other))) {
    seen += each
    if (seen >= wanted) return Math.exp(Number(bucket) * step)
  }
  return Number.NaN
}
