import { LimitError } from '@rtmpipe/chunk-stream'

const maxReconnects = 3
/** Milliseconds within which no more than that are obeyed. */
const reconnectWindow = 60_000

/** When to obey a server that asks to connect again: one at a time, and not for ever in a circle. */
export class Reconnects {
  readonly #times: number[] = []
  #isRunning = false
  #isStopped = false

  /** True while a client is between two connections. */
  get isRunning(): boolean {
    return this.#isRunning
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** No more of them: the client closes. */
  stop(): void {
    this.#isStopped = true
    this.#isRunning = false
  }

  /** @throws LimitError `RTMP_ERR_RECONNECTS`, what `reconnect` throws */
  async run(reconnect: () => Promise<void>): Promise<void> {
    if (this.#isRunning || this.#isStopped) return
    const now = performance.now()
    while (this.#times[0] !== undefined && this.#times[0] <= now - reconnectWindow) this.#times.shift()
    if (this.#times.length >= maxReconnects) {
      throw new LimitError('RTMP_ERR_RECONNECTS', `more than ${maxReconnects} reconnects in ${reconnectWindow} ms`)
    }
    this.#times.push(now)
    this.#isRunning = true
    try {
      await reconnect()
    } finally {
      this.#isRunning = false
    }
  }
}
