/** Milliseconds from a frame to the next, of times that are rounded to whole ones. Undefined for fewer than two frames. */
export function stepOf(times: readonly number[]): number | undefined {
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined || last <= first) return undefined
  return (last - first) / (times.length - 1)
}

/** Milliseconds of frames that are as long as parts should be, and rounded up: no part is longer. */
export function partTarget(wanted: number, step: number): number {
  const frames = Math.max(1, Math.round(wanted / step))
  return Math.ceil(Math.round(frames * step * 100) / 100)
}
