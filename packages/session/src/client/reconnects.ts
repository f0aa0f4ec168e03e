import { LimitError } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../contract/message-connection.ts'

const maxReconnects = 3
/** Milliseconds within which no more requests than that are obeyed. */
const reconnectWindow = 60_000

/** Decides when to obey a server that asks to connect again: one request at a time, and not for ever in a circle. */
export class Reconnects {
  readonly #times: number[] = []
  #isRunning = false
  #isLeaving = false
  #isStopped = false
  /** While it is being dialled. */
  #dial: AbortController | undefined
  #next: MessageConnection | undefined

  /** True until a client has moved to its next connection, or can't. */
  get isLeaving(): boolean {
    return this.#isLeaving
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /**
   * No more of them: the client closes, and with it the connection that it would have moved to.
   *
   * @param reason what ends a dial that is under way
   */
  stop(reason: Error): void {
    this.#isStopped = true
    this.#isLeaving = false
    this.#dial?.abort(reason)
    this.#next?.destroy()
  }

  /** Where the client is about to move. */
  arriveAt(next: MessageConnection): void {
    this.#next = next
    if (this.#isStopped) next.destroy()
  }

  /** The client has moved there. */
  moved(): void {
    this.#isLeaving = false
    this.#dial = undefined
    this.#next = undefined
  }

  /**
   * @param reconnect is given what ends its dial, and the connection that has come of it, until the client has moved there
   * @throws LimitError `RTMP_ERR_RECONNECTS`, what `reconnect` throws
   */
  async run(reconnect: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#isRunning || this.#isStopped) return
    const now = performance.now()
    while (this.#times[0] !== undefined && this.#times[0] <= now - reconnectWindow) this.#times.shift()
    if (this.#times.length >= maxReconnects) {
      throw new LimitError('RTMP_ERR_RECONNECTS', `more than ${maxReconnects} reconnects in ${reconnectWindow} ms`)
    }
    this.#times.push(now)
    this.#isRunning = this.#isLeaving = true
    const dial = new AbortController()
    this.#dial = dial
    try {
      await reconnect(dial.signal)
    } finally {
      this.#isRunning = this.#isLeaving = false
      this.#dial = undefined
      this.#next = undefined
    }
  }
}
