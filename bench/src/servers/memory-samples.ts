import { median } from '../results.ts'

/** The kinds of memory that are looked at, as `process.memoryUsage()` calls them, and in words. */
const kinds = { heapUsed: 'heap', external: 'external', arrayBuffers: 'array buffers', rss: 'RSS' } as const

type Kind = keyof typeof kinds

/** What a process used at a moment, in bytes. */
export type MemorySample = Readonly<Record<Kind | 'at', number>>

/** Medians of the first and the last quarter of a run, in MB. */
export interface Growth {
  readonly first: number
  readonly last: number
}

const megabyte = 1e6
/**
 * What grows by no more than this is flat: the larger of a tenth and of some MB. A kilobyte that is left of each
 * connection is more in five minutes.
 */
const tolerance = { share: 0.1, megabytes: 4 }

/** Those that memory-probe.ts wrote, and that were taken from one time to another, in milliseconds since 1970. */
export function samplesIn(lines: string, from: number, to: number): MemorySample[] {
  return lines
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as MemorySample)
    .filter(({ at }) => at >= from && at <= to)
}

/** @throws for less than one sample in each quarter */
export function growth(samples: readonly MemorySample[]): Record<Kind, Growth> {
  const quarter = Math.floor(samples.length / 4)
  if (quarter === 0) throw new Error(`${samples.length} samples of memory are too few`)
  const of = (part: readonly MemorySample[], kind: Kind) => median(part.map(sample => sample[kind])) / megabyte
  const entries = (Object.keys(kinds) as Kind[]).map(kind => {
    const [first, last] = [of(samples.slice(0, quarter), kind), of(samples.slice(-quarter), kind)]
    return [kind, { first, last }] as const
  })
  return Object.fromEntries(entries) as Record<Kind, Growth>
}

/** One line for each kind of memory that is not flat. */
export function notFlat(grown: Record<Kind, Growth>): string[] {
  return (Object.keys(kinds) as Kind[]).flatMap(kind => {
    const { first, last } = grown[kind]
    const change = `from ${first.toFixed(1)} to ${last.toFixed(1)} MB`
    return isFlat(grown[kind]) ? [] : [`not flat: ${kinds[kind]} ${change}`]
  })
}

function isFlat({ first, last }: Growth): boolean {
  return last - first <= Math.max(tolerance.share * first, tolerance.megabytes)
}
