/** How long a drain may take, and where clients are to go. */
export interface DrainOptions {
  /** Milliseconds that those who are there have to leave; then they are ended. Default 300,000; Infinity waits for all. */
  readonly timeout?: number
  /**
   * Asks clients that support reconnect requests (Enhanced RTMP) to connect again at this `tcUrl`: absolute, or relative
   * to the one they came with; `''` is that one. Default: no client is asked.
   */
  readonly reconnectTo?: string
  /** The server does not close before, also when all have left; `timeout` and `close()` count all the same. Default: none. */
  readonly until?: PromiseLike<unknown> | undefined
}

/** All options there are, so that the compiler finds one that is missing here. */
export const knownDrainOptions: Record<keyof DrainOptions, true> = { timeout: true, reconnectTo: true, until: true }

/** Longest time of a timer. Milliseconds. */
const maxDelay = 2 ** 31 - 1

/** Waits for `done`, but no longer than so many milliseconds; Infinity waits as long as it takes. */
export async function withinTime(done: Promise<unknown>, milliseconds: number): Promise<void> {
  if (milliseconds === Infinity) return void (await done)
  let timer: NodeJS.Timeout | undefined
  const timeIsOver = new Promise<void>(resolve => {
    timer = setTimeout(resolve, Math.min(milliseconds, maxDelay))
  })
  await Promise.race([done, timeIsOver])
  clearTimeout(timer)
}
