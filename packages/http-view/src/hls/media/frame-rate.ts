/** Milliseconds from a frame to the next, of times that are rounded to whole ones. Undefined for fewer than two frames. */
export function stepOf(times: readonly number[]): number | undefined {
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined || last <= first) return undefined
  return (last - first) / (times.length - 1)
}

/** Milliseconds of frames that are as long as parts should be, and rounded up: no part is longer. */
export function partTarget(wanted: number, step: number, isSteady: boolean): number {
  const frames = Math.max(1, Math.round(wanted / step))
  const duration = Math.ceil(Math.round(frames * step * 100) / 100)
  // Where times are rounded, so many frames may be one millisecond longer.
  return isSteady ? duration : duration + 1
}

/** Whether all frames are as long as each other. */
export function isSteady(times: readonly number[]): boolean {
  const [first = 0, second = 0] = times
  return times.every((time, place) => time === first + place * (second - first))
}
