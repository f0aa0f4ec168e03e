import type { TcpSegment } from './tcp-segment.ts'

/** What one direction of a TCP connection turns out to be. */
export interface TcpEvents {
  bytes(bytes: Buffer): void
  /** So many bytes, at least 1, are not in the capture. */
  lost(count: number): void
  end(): void
}

/** Segments that wait for an earlier one. What is missing after that many is lost. */
const maxHeldSegments = 1_000
const maxHeldBytes = 8 * 1024 * 1024

/** Puts the segments of one direction in order: repetitions are dropped, late ones waited for. */
export class TcpOrder {
  readonly #events: TcpEvents
  /** Sequence number of the next byte. */
  #next: number | undefined
  readonly #held: TcpSegment[] = []
  #heldBytes = 0
  #ended = false

  constructor(events: TcpEvents) {
    this.#events = events
  }

  /** Whether segments wait for an earlier one. */
  get waiting(): boolean {
    return this.#held.length > 0
  }

  get ended(): boolean {
    return this.#ended
  }

  push(segment: TcpSegment): void {
    if (this.#ended) return
    if (segment.syn) {
      // It may be repeated.
      this.#next ??= (segment.sequence + 1) >>> 0
      return
    }
    this.#next ??= segment.sequence
    if (this.#ahead(segment) <= 0) this.#take(segment, this.#ahead(segment))
    else if (segment.length > 0 || segment.fin) this.#hold(segment)
    this.#release()
    if (this.#held.length > maxHeldSegments || this.#heldBytes > maxHeldBytes) this.#giveUp()
  }

  /** No more segments: what is missing is lost. */
  end(): void {
    while (!this.#ended && this.#held.length > 0) this.#giveUp()
    this.#finish()
  }

  /** Bytes between the last one and this segment; negative for what was there before. */
  #ahead({ sequence }: TcpSegment): number {
    return (sequence - (this.#next as number)) | 0
  }

  #take({ payload, length, fin }: TcpSegment, ahead: number): void {
    const known = -ahead
    if (length > known) {
      const bytes = payload.subarray(Math.min(known, payload.length), length)
      this.#next = ((this.#next as number) + length - known) >>> 0
      if (bytes.length > 0) this.#events.bytes(bytes)
      if (bytes.length < length - known) this.#events.lost(length - known - bytes.length)
    }
    if (fin && length >= known) this.#finish()
  }

  #hold(segment: TcpSegment): void {
    const ahead = this.#ahead(segment)
    let at = this.#held.length
    while (at > 0 && this.#ahead(this.#held[at - 1] as TcpSegment) > ahead) at--
    this.#held.splice(at, 0, segment)
    this.#heldBytes += segment.payload.length
  }

  #release(): void {
    for (;;) {
      const [segment] = this.#held
      if (segment === undefined || this.#ended) return
      const ahead = this.#ahead(segment)
      if (ahead > 0) return
      this.#held.shift()
      this.#heldBytes -= segment.payload.length
      this.#take(segment, ahead)
    }
  }

  #giveUp(): void {
    const [segment] = this.#held
    if (segment === undefined) return
    const count = this.#ahead(segment)
    this.#next = segment.sequence
    if (count > 0) this.#events.lost(count)
    this.#release()
  }

  #finish(): void {
    if (this.#ended) return
    this.#ended = true
    this.#held.length = 0
    this.#events.end()
  }
}
