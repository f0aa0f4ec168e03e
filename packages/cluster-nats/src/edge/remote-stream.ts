import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { StreamLostError } from '@rtmpipe/cluster'
import type { Clock } from '../contract/clock.ts'
import type { GrowingCounts } from './counts.ts'
import { DeliveryQueue } from './delivery-queue.ts'
import type { Edge } from './edge.ts'
import type { MemoryShare } from './edge-memory.ts'
import { type Arrival, FrameReader } from './frame-reader.ts'
import { JoinedMessages, type MessageSource } from './joined-messages.ts'
import { Lateness } from './lateness.ts'
import { maxAge, silenceTimeout } from './limits.ts'
import { Splice, type SpliceOutput } from './splice.ts'

/** Why a stream is over: its publish has, its reader has left or failed, its process is gone. */
export type StreamEnd = 'ended' | 'left' | 'failed' | 'lost'

/** Who has joined it. */
export interface StreamOwner {
  /** Something is missing that only another snapshot brings. */
  rejoin(stream: RemoteStream): void
  over(stream: RemoteStream, how: StreamEnd): void
}

/** One publish of another node, from the snapshot to its end: its frames in, its messages out. */
export class RemoteStream implements SpliceOutput, MessageSource {
  readonly epoch: number
  /** For whoever follows the name. */
  readonly messages: JoinedMessages
  readonly #owner: StreamOwner
  readonly #clock: Clock
  readonly #counts: GrowingCounts
  readonly #splice = new Splice(this)
  readonly #queue = new DeliveryQueue()
  readonly #lateness = new Lateness()
  readonly #reader: FrameReader
  readonly #share: MemoryShare
  /** When something came last. */
  #heardAt = 0
  #hasBegun = false
  /** Nothing waits, and what comes is neither dropped nor marked: it is handed on at once. */
  #isClear = false
  /** What its share has been told: so a stream that holds nothing need not ask queue and share for each frame. */
  #counted = 0
  #isLate = false
  #isOver = false

  constructor(epoch: number, { clock, memory, counts }: Edge, owner: StreamOwner) {
    this.epoch = epoch
    this.#clock = clock
    this.#counts = counts
    this.#owner = owner
    this.#reader = new FrameReader(clock, memory.fragments)
    this.#share = memory.share()
    this.#heardAt = clock.now()
    this.messages = new JoinedMessages(this)
  }

  /** Milliseconds without anything from the origin. */
  get silence(): number {
    return this.#clock.now() - this.#heardAt
  }

  get isSilent(): boolean {
    return this.silence >= silenceTimeout
  }

  /** Whether a snapshot is waited for. */
  get isHolding(): boolean {
    return this.#splice.isHolding
  }

  /** Messages may have been missed: waits for a snapshot or for what shows that none were. */
  hold(): void {
    this.#splice.hold()
  }

  /** There is no snapshot to be had. */
  release(): void {
    this.#splice.release()
    this.#flush()
  }

  /** Takes a frame. @param at when it came */
  receive(payload: Buffer, at: number): void {
    if (this.#isOver) return
    this.#heardAt = at
    const arrival = this.#reader.read(payload)
    if (arrival === undefined) return
    const time = this.#timely(arrival, at)
    if (time === undefined) return
    this.#splice.push(arrival, time)
    this.#flush()
  }

  /** Takes the snapshot that is waited for. @returns false when it is too old to begin with */
  snapshot(arrival: Arrival, at: number): boolean {
    const time = this.#timely(arrival, at)
    if (time === undefined) return false
    this.#heardAt = at
    this.#splice.snapshot(arrival, time)
    this.#queue.allow()
    this.#flush()
    return true
  }

  /** Its process is gone, or something else has taken its place. */
  lose(message: string): void {
    this.#over('lost')
    this.messages.destroy(new StreamLostError(message))
  }

  take(message: RtmpMessage, at: number): void {
    if (this.#isClear && this.messages.deliver(message)) return
    this.#isClear = false
    this.#queue.put(message, at)
  }

  hole(): void {
    this.#counts.holes += 1
    this.#isClear = false
    this.#queue.hole()
  }

  restart(): void {
    this.#isClear = false
    this.#queue.restart(this.#hasBegun)
    this.#hasBegun = true
  }

  headersMissing(): void {
    this.#owner.rejoin(this)
  }

  end(isCutOff: boolean): void {
    if (isCutOff) return this.lose('the publishing node has stopped')
    this.#over('ended')
    this.messages.complete()
  }

  next(): RtmpMessage | undefined {
    // It has waited here: for a reader who, or in a process that, stood still; or for a snapshot that has not come.
    if (this.#queue.isLate(this.#clock.now())) this.#discard()
    const message = this.#queue.take()
    this.#count()
    return message
  }

  closed(error: Error | null): void {
    this.#queue.clear()
    this.#count()
    this.#over(error === null ? 'left' : 'failed')
  }

  /** When it would have come in time; undefined when it is so late that it is thrown away. */
  #timely({ sentAt }: Arrival, at: number): number | undefined {
    const late = this.#lateness.note(sentAt, at)
    if (late <= maxAge) {
      this.#isLate = false
      return at - late
    }
    if (!this.#isLate) this.#discard()
    this.#isLate = true
    return undefined
  }

  /** What waits is too old, and so may be what comes next: goes on from a snapshot. */
  #discard(): void {
    this.#counts.late += 1
    this.#queue.clear()
    this.#count()
    if (this.#isOver) return
    this.#splice.begin()
    this.#owner.rejoin(this)
  }

  #flush(): void {
    if (this.#isClear) {
      // The queue is empty.
      if (this.#counted !== this.#splice.bytes) this.#count()
      return
    }
    this.messages.pump()
    const isRelieved = this.#isOver || this.#queue.relieve()
    this.#isClear = this.#queue.isClear
    this.#count()
    if (isRelieved) return
    this.#over('failed')
    this.messages.destroy(new StreamLostError('the reader lags too far behind what is published'))
  }

  #count(): void {
    this.#counted = this.messages.destroyed ? 0 : this.#queue.bytes + this.#splice.bytes
    this.#share.set(this.#counted)
  }

  #over(how: StreamEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#reader.clear()
    this.#owner.over(this, how)
  }
}
