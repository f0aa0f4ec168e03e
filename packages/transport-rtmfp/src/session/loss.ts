import { Deque } from '../flow/deque.ts'
import type { SentFragment, SentPacket } from '../flow/sent-fragment.ts'

/** Timers and clocks are no finer than some milliseconds. */
const LEAST_REORDERING = 8
/** Late packets beyond the round trip or this, whichever is more, count as lost. */
const MOST_REORDERING = 100
/** After as long without late packets the line counts as orderly again, milliseconds. */
const REMEMBERED = 30_000
/** Packets that are kept to be used again. */
const MOST_SPARE = 128

/**
 * Tells which packets were lost. Not by how many of those behind it have come, as RFC 7016 §3.6.2.5 does: a packet that
 * others have overtaken is lost when it is late by more than the reordering seen so far, as RFC 8985 has it for TCP.
 */
export class LossDetection {
  readonly #packets = new Deque<SentPacket>()
  /** To be used again. They live as long as a round trip: V8 would keep many of them for old. */
  readonly #spare: SentPacket[] = []
  /** The one that is being written. */
  #begun: SentPacket | undefined
  #lastNumber = 0
  /** The newest packet of which something came. */
  #newest = 0
  /** How long that took. */
  #roundTrip = 0
  #extent = 0
  #extentSeenAt = 0
  #deadline = Number.POSITIVE_INFINITY

  /** A packet that is about to be written. */
  begin(now: number): SentPacket {
    this.#begun ??= this.#spare.pop() ?? { number: 0, sentAt: 0, first: undefined, last: undefined }
    this.#begun.number = this.#lastNumber + 1
    this.#begun.sentAt = now
    return this.#begun
  }

  sent(packet: SentPacket): void {
    this.#lastNumber = packet.number
    this.#packets.push(packet)
    this.#begun = undefined
  }

  /** The session is over: nothing is kept of what was sent. */
  clear(): void {
    while (this.#packets.shift() !== undefined);
    this.#spare.length = 0
    this.#begun = undefined
    this.#deadline = Number.POSITIVE_INFINITY
  }

  /** Number of the packet sent last. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  /** When {@link detect} is to be called next. */
  get deadline(): number {
    return this.#deadline
  }

  /** @param fragment with the packet in which it was in flight, if it was */
  acknowledged(fragment: SentFragment, now: number, least: number): void {
    const { packet, lostSentAt } = fragment
    // Sooner than anything can be here: it is the one that was taken for lost.
    const isLate = lostSentAt !== undefined && (packet === undefined || now - packet.sentAt < least * 0.75)
    if (isLate) this.#sawLate(now - lostSentAt, now)
    if (packet === undefined || isLate) return
    if (packet.number > this.#newest) {
      this.#newest = packet.number
      this.#roundTrip = now - packet.sentAt
    } else if (packet.number < this.#newest && lostSentAt === undefined) this.#sawLate(now - packet.sentAt, now)
  }

  #sawLate(took: number, now: number): void {
    const extent = (took - this.#roundTrip) * 1.25
    if (extent <= 0) return
    this.#extent = Math.max(this.#extent, extent)
    this.#extentSeenAt = now
  }

  /** Gives every fragment that was lost. Returns the number of the newest packet that was, 0 if none was. */
  detect(now: number, smoothed: number | undefined, lost: (fragment: SentFragment) => void): number {
    this.#deadline = Number.POSITIVE_INFINITY
    if (now - this.#extentSeenAt > REMEMBERED) this.#extent = 0
    const roundTrip = smoothed ?? 0
    const window = Math.min(
      Math.max(roundTrip / 4, LEAST_REORDERING, this.#extent),
      Math.max(roundTrip, MOST_REORDERING),
    )
    let newestLost = 0
    for (let index = 0; index < this.#packets.length; index += 1) {
      const packet = this.#packets.at(index) as SentPacket
      if (packet.number >= this.#newest) break
      if (!isInFlight(packet)) continue
      const due = packet.sentAt + this.#roundTrip + window
      if (now < due) {
        this.#deadline = due
        break
      }
      newestLost = packet.number
      for (let each = packet.first; each !== undefined; each = each.nextInPacket) if (each.packet === packet) lost(each)
    }
    this.#forget()
    return newestLost
  }

  /** Everything in flight is lost. Returns whether something was. */
  all(lost: (fragment: SentFragment) => void): boolean {
    let any = false
    for (let packet = this.#packets.shift(); packet !== undefined; packet = this.#packets.shift())
      for (let each = packet.first; each !== undefined; each = each.nextInPacket)
        if (each.packet === packet) {
          any = true
          lost(each)
        }
    this.#deadline = Number.POSITIVE_INFINITY
    return any
  }

  #forget(): void {
    for (let { first } = this.#packets; first !== undefined && !isInFlight(first); { first } = this.#packets) {
      this.#packets.shift()
      if (this.#spare.length === MOST_SPARE) continue
      first.first = undefined
      first.last = undefined
      this.#spare.push(first)
    }
  }
}

function isInFlight(packet: SentPacket): boolean {
  for (let each = packet.first; each !== undefined; each = each.nextInPacket) if (each.packet === packet) return true
  return false
}
