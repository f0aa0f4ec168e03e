import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
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
  readonly #roomListeners = new Set<() => void>()

  /** @param leftOut where it is counted what is not sent this way */
  constructor(bus: Bus, clock: Clock, leftOut: LeftOut = { messages: 0, bytes: 0 }) {
    this.#bus = bus
    this.#clock = clock
    this.#leftOut = leftOut
    bus.onUp(() => this.#tellRoom())
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

  /** Memory for the frame that is published next, on that subject. */
  reserve(subject: string, length: number): Buffer {
    return this.#bus.reserve?.(subject, length) ?? Buffer.allocUnsafe(length)
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
    const mark: Mark = { at, live: this.#live, snapshots: this.#snapshots }
    this.#live = this.#snapshots = 0
    this.#lastMark = at
    this.#marks.push(mark)
    // What a connection that has ended had not delivered is lost: it waits no more.
    const seen = (): void => this.#seen(mark)
    this.#bus.flush().then(seen, seen)
  }

  /** With a mark, all before it have been seen. */
  #seen(last: Mark): void {
    const index = this.#marks.indexOf(last)
    for (const { live, snapshots } of this.#marks.splice(0, index + 1)) {
      this.#unseenLive -= live
      this.#unseenSnapshots -= snapshots
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
