import { holdPayload, MessageBatch, releasePayload, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Due, MergeClock } from './merge-clock.ts'

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
 *
 * What a stream has in memory is mostly not in the processor's cache when its next message comes: of a message that goes
 * to one consumer, each further object that is looked at costs about as much as a copy of a short payload.
 */
export class FanOut<C extends Consumer = Consumer> implements Due {
  readonly #clock: MergeClock
  readonly #window: number
  readonly #consumers = new Set<C>()
  #size = 0
  /** A copy of the consumers, valid until one comes or goes. */
  #list: readonly C[] | undefined
  #pending: RtmpMessage[] | undefined
  #pendingBytes = 0
  /** Bytes of a send, on average. */
  #usualBytes = 0
  #lastFlush = -Infinity
  /** Of the clock, for which it waits; 0 for none. */
  #moment = 0
  /** When the oldest pending message came; NaN if nobody looked. */
  #pendingSince = NaN
  /** NaN before there is one. A field that was ever undefined would hold each number as an object of its own. */
  #delay = NaN

  /** @param window milliseconds; 0 sends in every turn of the event loop. Default that of the clock */
  constructor(clock: MergeClock, window: number = clock.window) {
    this.#clock = clock
    this.#window = window
  }

  get size(): number {
    return this.#size
  }

  /** Milliseconds that the oldest message of the last batch waited before it was handed over; undefined before that. */
  get delay(): number | undefined {
    return Number.isNaN(this.#delay) ? undefined : this.#delay
  }

  /**
   * The consumer gets the next message that is pushed; what is already pending goes to the others first. False if it is
   * there already.
   */
  add(consumer: C): boolean {
    this.flush()
    const before = this.#size
    this.#list = undefined
    this.#size = this.#consumers.add(consumer).size
    return this.#size > before
  }

  /** False if it is not there. */
  delete(consumer: C): boolean {
    this.#list = undefined
    const wasThere = this.#consumers.delete(consumer)
    this.#size = this.#consumers.size
    return wasThere
  }

  /** All consumers; safe against additions and removals while it is read. */
  consumers(): readonly C[] {
    this.#list ??= [...this.#consumers]
    return this.#list
  }

  push(message: RtmpMessage): void {
    if (this.#size === 0) return
    holdPayload(message.payload)
    if (this.#pending === undefined) this.#pending = [message]
    else this.#pending.push(message)
    this.#pendingBytes += message.payload.length
    if (this.#pendingBytes > maxPendingBytes) this.flush()
    else if (this.#outweighs(message)) this.#flushSoon()
    else if (this.#moment === 0) this.#scheduleFlush()
  }

  flushAt(moment: number): void {
    if (moment === this.#moment) this.flush()
  }

  /** Delivers now what is pending. */
  flush(): void {
    const pending = this.#pending
    this.#moment = 0
    if (pending === undefined) return
    this.#pending = undefined
    const batch = new MessageBatch(pending)
    this.#usualBytes += (this.#pendingBytes - this.#usualBytes) / 16
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
    this.#moment = this.#clock.soon(this)
  }

  #scheduleFlush(): void {
    const now = performance.now()
    this.#pendingSince = now
    if (now - this.#lastFlush >= this.#window) this.#flushSoon()
    else this.#moment = this.#clock.later(this, now)
  }
}
