import type { SentFragment, SentPacket } from '../flow/sent-fragment.ts'
import { Congestion, type CongestionControl, type LineState } from './congestion.ts'
import { LossDetection } from './loss.ts'
import { Pacing } from './pacing.ts'
import type { RoundTrip } from './round-trip.ts'
import { isRecent, type TimeCriticalTraffic } from './time-critical.ts'

/** Beyond the smallest round trip; what is less is jitter, milliseconds. */
const LEAST_QUEUE = 10
/** How much faster the window is sent than it is acknowledged: while it grows, and later. */
const FIRST_GAIN = 2
const GAIN = 1.25

/** What of a session is in flight, whether more may be, and what of it was lost (RFC 7016 §3.6.2.5, §3.6.2.6). */
export class SendingControl {
  readonly #roundTrip: RoundTrip
  readonly #traffic: TimeCriticalTraffic
  readonly #congestion: CongestionControl
  readonly #pacing = new Pacing()
  readonly #loss = new LossDetection()
  #inFlight = 0
  #inFlightBefore = 0
  #acknowledged = 0
  #isTold = false
  #now = 0
  #timeoutAt = Number.POSITIVE_INFINITY
  #unacknowledgedSince = Number.POSITIVE_INFINITY
  /** Packets up to this number were in flight when the window was cut: what else is lost of them was lost at the same time. */
  #cutAt = 0
  #timeCriticalSentAt = Number.NEGATIVE_INFINITY
  #reverseReceivedAt = Number.NEGATIVE_INFINITY

  /** @param most bytes that are ever in flight */
  constructor(roundTrip: RoundTrip, traffic: TimeCriticalTraffic, most: number) {
    this.#roundTrip = roundTrip
    this.#traffic = traffic
    this.#congestion = new Congestion(most)
  }

  /** The session is over. */
  end(): void {
    this.#loss.clear()
  }

  /** Since when nothing of what was sent has been acknowledged; infinite where nothing was sent. */
  get unacknowledgedSince(): number {
    return this.#unacknowledgedSince
  }

  /** When {@link tick} has something to do. */
  get deadline(): number {
    return Math.min(this.#timeoutAt, this.#loss.deadline)
  }

  /** When more can be sent by what is known now; infinite where something has to be acknowledged first. */
  get nextAt(): number {
    return this.#congestion.canSend(this.#inFlight) ? this.#pacing.nextAt : Number.POSITIVE_INFINITY
  }

  get canSend(): boolean {
    return this.#congestion.canSend(this.#inFlight) && this.#pacing.canSend
  }

  /** The far end receives time critical data from somebody else. */
  reverseReceived(now: number): void {
    this.#reverseReceivedAt = now
  }

  /** A packet that something of flows is to be written into. */
  begin(now: number): SentPacket {
    return this.#loss.begin(now)
  }

  /** It was sent. */
  sent(packet: SentPacket, now: number, isTimeCritical: boolean): void {
    let size = 0
    for (let each = packet.first; each !== undefined; each = each.nextInPacket) size += each.size
    this.#loss.sent(packet)
    this.#inFlight += size
    this.#pacing.sent(size)
    this.#timeoutAt = now + this.#roundTrip.timeout
    if (this.#unacknowledgedSince === Number.POSITIVE_INFINITY) this.#unacknowledgedSince = now
    if (!isTimeCritical) return
    this.#timeCriticalSentAt = now
    this.#traffic.sent(now)
  }

  /** Acknowledgements of a packet follow. */
  beginAcknowledgements(now: number): void {
    this.#now = now
    this.#inFlightBefore = this.#inFlight
    this.#acknowledged = 0
    this.#isTold = false
  }

  /** One of them was believed, whatever is new in it. */
  told(): void {
    this.#isTold = true
  }

  /** What is new in one. */
  readonly acknowledged = (fragment: SentFragment): void => {
    this.#loss.acknowledged(fragment, this.#now, this.#roundTrip.minimum)
    if (fragment.packet === undefined) return
    this.#inFlight -= fragment.size
    this.#acknowledged += fragment.size
  }

  /** Those of a packet were read. True when something more may be sent by them. */
  endAcknowledgements(): boolean {
    if (!this.#isTold) return false
    const now = this.#now
    const isCut = this.#detect(this.#inFlightBefore, now)
    if (this.#acknowledged === 0) return isCut
    if (!isCut) this.#congestion.onAck(this.#acknowledged, this.#inFlightBefore, this.#line(now))
    const isLeft = this.#inFlight > 0
    this.#timeoutAt = isLeft ? now + this.#roundTrip.timeout : Number.POSITIVE_INFINITY
    this.#unacknowledgedSince = isLeft ? now : Number.POSITIVE_INFINITY
    return true
  }

  /** Finds what was lost, and prepares for sending. */
  tick(now: number): void {
    if (now >= this.#timeoutAt) this.#timeout()
    this.#detect(this.#inFlight, now)
    const { window, isStarting } = this.#congestion
    this.#pacing.refill(now, window, this.#roundTrip.smoothed, isStarting ? FIRST_GAIN : GAIN)
  }

  /** What is in flight went to where nobody is any more, and says nothing of the new way. */
  moved(): void {
    this.#loss.all(this.#lost)
    this.#congestion.onTimeout(false)
    this.#timeoutAt = Number.POSITIVE_INFINITY
  }

  #timeout(): void {
    this.#timeoutAt = Number.POSITIVE_INFINITY
    const isLoss = this.#loss.all(this.#lost)
    if (isLoss) this.#roundTrip.backOff()
    this.#congestion.onTimeout(isLoss)
    this.#cutAt = this.#loss.lastNumber
  }

  #detect(inFlight: number, now: number): boolean {
    const newest = this.#loss.detect(now, this.#roundTrip.smoothed, this.#lost)
    if (newest <= this.#cutAt) return false
    this.#cutAt = this.#loss.lastNumber
    this.#congestion.onLoss(inFlight, this.#line(now))
    return true
  }

  readonly #lost = (fragment: SentFragment): void => {
    this.#inFlight -= fragment.size
    fragment.flow.lost(fragment)
  }

  #line(now: number): LineState {
    return {
      isAlone: !this.#traffic.isSent(now) && !isRecent(this.#reverseReceivedAt, now),
      isTimeCritical: isRecent(this.#timeCriticalSentAt, now),
      isQueueing: this.#roundTrip.queueing > Math.max(LEAST_QUEUE, this.#roundTrip.minimum / 4),
    }
  }
}
