/** Time, so that tests and the simulator can have their own. */
export interface Clock {
  /** Milliseconds, with fractions; monotonic, of this process alone. */
  now(): number
  /** Runs it once after that many milliseconds, unless the returned function is called before. Keeps no process alive. */
  after(milliseconds: number, run: () => void): () => void
  /** From 0 to below 1, for jitter only. */
  random(): number
}

/** The clock of the process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds).unref()
    return () => clearTimeout(timer)
  },
  random: Math.random,
}
