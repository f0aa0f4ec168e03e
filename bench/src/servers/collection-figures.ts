import type { Collection } from './collection.ts'
import type { CpuTimes } from './thread-times.ts'

/** What garbage collection took within a window. */
export interface CollectionFigures {
  /** Full collections in ten seconds. */
  readonly full: number
  /** Its share of the process's CPU: what the main thread spent in it, and all of the other threads. */
  readonly cpu_pct: number
}

/** A stretch of `performance.now()`'s clock. */
export interface Window {
  readonly from: number
  readonly to: number
}

/**
 * @param started when the process started, on `performance.now()`'s clock
 * @returns undefined where the process's CPU was not noted at least twice within the window
 */
export function collectionFigures(
  collections: readonly Collection[],
  noted: readonly CpuTimes[],
  started: number,
  { from, to }: Window,
): CollectionFigures | undefined {
  const within = noted.filter(({ at }) => at >= from && at <= to)
  const [first, last] = [within[0], within.at(-1)]
  if (first === undefined || last === undefined || first === last) return undefined
  const counted = collections.filter(({ at }) => started + at > first.at && started + at <= last.at)
  const onMain = counted.reduce((sum, { ms }) => sum + ms, 0)
  const others = last.others - first.others
  const cpu = last.main - first.main + others
  return {
    full: (counted.filter(({ full }) => full).length * 10_000) / (last.at - first.at),
    cpu_pct: cpu === 0 ? 0 : (100 * (onMain + others)) / cpu,
  }
}
