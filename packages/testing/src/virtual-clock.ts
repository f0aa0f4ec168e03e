import { UsageError } from '@rtmpipe/chunk-stream'
import { type Clock, install } from '@sinonjs/fake-timers'
import { syncBuiltinESMExports } from 'node:module'
import { settled } from './settled.ts'

/** Where a virtual clock begins. */
export interface VirtualClockOptions {
  /** What `Date.now()` says at first, in milliseconds since 1970, or a Date. Default: the time it is. */
  readonly now?: number | Date
}

/**
 * Time that passes when a test says so: `setTimeout` and `setInterval` (those of `node:timers` and `node:timers/promises`
 * too), `AbortSignal.timeout`, `Date`, `performance.now` and `process.hrtime` of the whole process, until it is disposed of.
 * Make it before the servers and plugins that are to live by it. What Node does on its own (timeouts of sockets, disks)
 * keeps real time, and so do the turns of the event loop, so that messages in memory move.
 *
 * @example
 * ```ts
 * using clock = new VirtualClock()
 * await using server = new TestServer({ plugins: [myPlugin] })
 * const publisher = await server.publish('live/name')
 * await clock.advance(10 * 60_000)
 * assert.ok(publisher.destroyed)
 * ```
 */
export class VirtualClock implements Disposable {
  readonly #clock: Clock
  readonly #abortSignalTimeout = AbortSignal.timeout

  /** @throws UsageError `RTMP_ERR_USAGE` when timers are fake already: there is one clock at a time */
  constructor({ now = Date.now() }: VirtualClockOptions = {}) {
    if ((Date as { isFake?: boolean }).isFake === true) {
      throw new UsageError('RTMP_ERR_USAGE', 'timers are fake already: dispose of the other clock first')
    }
    this.#clock = install({
      now,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'],
      shouldClearNativeTimers: true,
    })
    AbortSignal.timeout = abortAfter
    syncBuiltinESMExports()
  }

  /**
   * Lets so many milliseconds pass. Timers run in the order in which they are due, and before and after each of them
   * messages in memory arrive. `advance(0)` lets only those arrive.
   *
   * @throws what a timer's callback throws
   */
  async advance(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw new UsageError('RTMP_ERR_USAGE', `milliseconds: expected a number from 0 up, got ${milliseconds}`)
    }
    await settled()
    let isOver = false
    const end = this.#clock.setTimeout(() => (isOver = true), milliseconds)
    try {
      while (!isOver) {
        this.#clock.next()
        await settled()
      }
      // What was due at the very end, but asked for later than the end.
      this.#clock.tick(0)
      await settled()
    } finally {
      this.#clock.clearTimeout(end)
    }
  }

  /** Real time again. Timers that have not run never will. */
  [Symbol.dispose](): void {
    AbortSignal.timeout = this.#abortSignalTimeout
    this.#clock.uninstall()
    syncBuiltinESMExports()
  }
}

/** `AbortSignal.timeout` by the timers of the day. */
function abortAfter(milliseconds: number): AbortSignal {
  const controller = new AbortController()
  const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  setTimeout(() => controller.abort(late), milliseconds)
  return controller.signal
}
