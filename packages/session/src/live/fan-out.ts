import { holdPayload, MessageBatch, releasePayload, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Due, MergeClock, Waiting } from './merge-clock.ts'

/**
 * Most bytes that wait. Beyond it they are delivered at once, so that consumers notice a stream that is read too fast
 * and can pause it.
 */
const maxPendingBytes = 1024 * 1024

/** A message goes out at once if it is longer than so many usual sends, and longer than so many bytes. */
const usualSends = 4
const smallMessage = 16 * 1024

/** One receiver of a live stream's messages. */
export interface Consumer {
  /** Takes what became ready together. Must not throw and must not keep the stream waiting. */
  deliver(batch: MessageBatch): void
}

/**
 * Hands the messages of one stream to its consumers.
 *
 * The number of sends decides what a player costs: the kernel takes more than four fifths of it. Hence the rules of
 * this file:
 *
 * 1. What becomes ready in one turn of the event loop goes out as one batch, and a batch is encoded to bytes once for
 *    all who take them in the same form (see {@link MessageBatch}); per player there is one call and one write.
 * 2. A quiet line sends at once. A message that follows a send within the merge window waits, for one window at most,
 *    and what comes meanwhile goes out with it. The window begins at the first waiting message, not at the send before
 *    it: with the same bound, this makes fewer sends. Streams whose windows end at nearly the same time flush together.
 * 3. A picture that is larger than a usual send does not wait: its bytes cost more than the send, and messages after it
 *    would be late as well.
 */
export class FanOut<C extends Consumer = Consumer> implements Due {
  readonly #clock: MergeClock
  readonly #window: number
  readonly #consumers = new Set<C>()
  /** A copy of the consumers, valid until one comes or goes. */
  #list: readonly C[] | undefined
  #pending: RtmpMessage[] = []
  #pendingBytes = 0
  /** Bytes of a send, on average. */
  #usualBytes = 0
  #lastFlush = -Infinity
  /** Where it waits for the clock. */
  #waiting: Waiting | undefined
  /** When the oldest pending message came; NaN if nobody looked. */
  #pendingSince = NaN
  #delay: number | undefined

  /** @param window milliseconds; 0 sends in every turn of the event loop. Default that of the clock */
  constructor(clock: MergeClock, window: number = clock.window) {
    this.#clock = clock
    this.#window = window
  }

  get size(): number {
    return this.#consumers.size
  }

  /** Milliseconds that the oldest message of the last batch waited before it was handed over; undefined before that. */
  get delay(): number | undefined {
    return this.#delay
  }

  /**
   * The consumer gets the next message that is pushed; what is already pending goes to the others first. False if it is
   * there already.
   */
  add(consumer: C): boolean {
    this.flush()
    const { size } = this.#consumers
    this.#list = undefined
    return this.#consumers.add(consumer).size > size
  }

  /** False if it is not there. */
  delete(consumer: C): boolean {
    this.#list = undefined
    return this.#consumers.delete(consumer)
  }

  /** All consumers; safe against additions and removals while it is read. */
  consumers(): readonly C[] {
    this.#list ??= [...this.#consumers]
    return this.#list
  }

  push(message: RtmpMessage): void {
    if (this.#consumers.size === 0) return
    holdPayload(message.payload)
    this.#pending.push(message)
    this.#pendingBytes += message.payload.length
    if (this.#pendingBytes > maxPendingBytes) this.flush()
    else if (this.#outweighs(message)) this.#flushSoon()
    else if (this.#waiting === undefined) this.#scheduleFlush()
  }

  flushIn(waited: Waiting): void {
    if (waited === this.#waiting) this.flush()
  }

  /** Delivers now what is pending. */
  flush(): void {
    this.#waiting = undefined
    if (this.#pending.length === 0) return
    const batch = new MessageBatch(this.#pending)
    this.#usualBytes += (this.#pendingBytes - this.#usualBytes) / 16
    this.#pending = []
    this.#pendingBytes = 0
    this.#lastFlush = performance.now()
    if (!Number.isNaN(this.#pendingSince)) this.#delay = this.#lastFlush - this.#pendingSince
    this.#pendingSince = NaN
    // Taking a batch may make a consumer come or go. A consumer that comes has these messages from the cache already.
    const consumers = this.consumers()
    for (const consumer of consumers) {
      if (consumers === this.#list || this.#consumers.has(consumer)) consumer.deliver(batch)
    }
    batch.release()
    for (const { payload } of batch.lentMessages) releasePayload(payload)
  }

  #outweighs({ payload }: RtmpMessage): boolean {
    return payload.length > Math.max(smallMessage, usualSends * this.#usualBytes)
  }

  /** Runs in the same turn of the event loop, after everything that was read in it. */
  #flushSoon(): void {
    this.#waiting = this.#clock.soon(this)
  }

  #scheduleFlush(): void {
    const now = performance.now()
    this.#pendingSince = now
    if (now - this.#lastFlush >= this.#window) this.#flushSoon()
    else this.#waiting = this.#clock.later(this, now)
  }
}
