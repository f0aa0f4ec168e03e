import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import { FrameMemory } from '../wire/frame-memory.ts'
import { markBytes, markTime, maxBurst, maxHeld, maxUnseen, maxUnseenTime } from './limits.ts'

/** What was not sent, since the start: pictures that the network did not take in time. */
export interface LeftOut {
  messages: number
  bytes: number
}

/** Frames up to a point at which the server was asked whether it has seen them. */
interface Mark {
  readonly at: number
  readonly live: number
  readonly snapshots: number
  /** Memory that was filled with frames since the mark before. */
  readonly filled: readonly Buffer[]
  /** Number of the connection. */
  readonly connection: number
}

/**
 * How far the network lags behind what all streams of one connection send. The connection itself takes whatever it is
 * given, into memory.
 */
export class Hop {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #leftOut: LeftOut
  #marks: Mark[] = []
  /** Bytes since the last mark. */
  #live = 0
  #snapshots = 0
  #lastMark = -Infinity
  /** Bytes that the server has not seen. */
  #unseenLive = 0
  #unseenSnapshots = 0
  #connection = 0
  readonly #roomListeners = new Set<() => void>()
  /** For frames that are published this way as soon as each is written. */
  readonly memory: FrameMemory = new FrameMemory(true)

  /** @param leftOut where it is counted what is not sent this way */
  constructor(bus: Bus, clock: Clock, leftOut: LeftOut = { messages: 0, bytes: 0 }) {
    this.#bus = bus
    this.#clock = clock
    this.#leftOut = leftOut
    // What an old connection was given may still be read from it.
    bus.onUp(() => {
      this.#connection += 1
      this.#tellRoom()
    })
  }

  /** Whether there is a connection, which has room for sound and headers at least. */
  get isOpen(): boolean {
    return this.#bus.isUp && this.#unseenLive < maxHeld
  }

  /** Whether pictures would come too late, or wait in memory. */
  get isFull(): boolean {
    if (this.#unseenLive >= maxBurst) return true
    const oldest = this.#marks[0]
    if (oldest === undefined) return false
    const age = this.#clock.now() - oldest.at
    return age >= maxUnseenTime || (age >= markTime && this.#unseenLive >= maxUnseen)
  }

  /** Whether a snapshot may be sent: those that are on their way are not much. */
  get hasRoomForSnapshot(): boolean {
    return this.isOpen && !this.isFull && this.#unseenSnapshots < maxUnseen
  }

  /** Tells when there may be room where there was none. @returns ends it */
  whenRoom(listener: () => void): () => void {
    this.#roomListeners.add(listener)
    return () => void this.#roomListeners.delete(listener)
  }

  /** @param isSnapshot whether it is much at once, and no reason to leave pictures out */
  publish(subject: string, frame: Buffer, isSnapshot = false, now: number = this.#clock.now()): void {
    this.#bus.publish(subject, frame)
    if (isSnapshot) {
      this.#snapshots += frame.length
      this.#unseenSnapshots += frame.length
    } else {
      this.#live += frame.length
      this.#unseenLive += frame.length
    }
    if (this.#live + this.#snapshots >= markBytes || now - this.#lastMark >= markTime) this.#mark(now)
  }

  /** Counts a message that is not sent. */
  leaveOut(bytes: number): void {
    this.#leftOut.messages += 1
    this.#leftOut.bytes += bytes
  }

  #mark(at: number): void {
    const [live, snapshots, connection] = [this.#live, this.#snapshots, this.#connection]
    const mark: Mark = { at, live, snapshots, filled: this.memory.filled(), connection }
    this.#live = this.#snapshots = 0
    this.#lastMark = at
    this.#marks.push(mark)
    this.#bus.flush().then(
      () => this.#seen(mark, true),
      // What a connection that has ended had not delivered is lost: it waits no more.
      () => this.#seen(mark, false),
    )
  }

  /** With a mark, all before it have been seen. */
  #seen(last: Mark, isSeen: boolean): void {
    const index = this.#marks.indexOf(last)
    for (const { live, snapshots, filled, connection } of this.#marks.splice(0, index + 1)) {
      this.#unseenLive -= live
      this.#unseenSnapshots -= snapshots
      if (isSeen && this.#bus.copies === true && connection === this.#connection) this.memory.giveBack(filled)
    }
    this.#tellRoom()
  }

  #tellRoom(): void {
    // Not those who find none, and wait again.
    const listeners = [...this.#roomListeners]
    for (const listener of listeners) listener()
  }
}

/** One {@link Hop} for each connection, however many streams use it. */
export class Hops {
  /** By all of them. */
  readonly leftOut: LeftOut = { messages: 0, bytes: 0 }
  readonly #clock: Clock
  readonly #hops = new WeakMap<Bus, Hop>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(bus: Bus): Hop {
    const hop = this.#hops.get(bus) ?? new Hop(bus, this.#clock, this.leftOut)
    this.#hops.set(bus, hop)
    return hop
  }
}
