/** One garbage collection of V8, as `node --trace-gc` prints it. */
export interface Collection {
  /** Milliseconds since the process started. */
  readonly at: number
  /** Of the whole heap (mark-compact); the others are of the young generation only. */
  readonly full: boolean
  /** Milliseconds of the main thread, by the clock: the pause, and the steps of marking before it. */
  readonly ms: number
}

const line =
  /^\[\d+:\S+\] +(\d+) ms: (\S.*?) [\d.]+ \([\d.]+\) -> [^\n]*?, ([\d.]+) \/ [\d.]+ ms(?: +\(\+ ([\d.]+) ms in \d+ steps)?/gm

/** Those in what a process printed, whatever else is there. */
export function collectionsIn(text: string): Collection[] {
  return [...text.matchAll(line)].map(([, at, kind, pause, steps = '0']) => ({
    at: Number(at),
    full: kind?.startsWith('Mark-Compact') ?? false,
    ms: Number(pause) + Number(steps),
  }))
}
