/** How long what was seen counts, milliseconds (RFC 7016 §3.5.2.1). */
const RECENT = 800

/** What the sessions of one endpoint tell one another about time critical data (RFC 7016 §3.5.2.1). */
export class TimeCriticalTraffic {
  #sentAt = Number.NEGATIVE_INFINITY
  #receiver: object | undefined
  #receivedAt = Number.NEGATIVE_INFINITY
  /** In another session than {@link #receiver}. */
  #otherReceivedAt = Number.NEGATIVE_INFINITY

  sent(now: number): void {
    this.#sentAt = now
  }

  received(session: object, now: number): void {
    if (session !== this.#receiver) {
      this.#otherReceivedAt = this.#receivedAt
      this.#receiver = session
    }
    this.#receivedAt = now
  }

  /** Some session sends it. */
  isSent(now: number): boolean {
    return isRecent(this.#sentAt, now)
  }

  /** Some session but this one receives it. */
  isReceivedBeside(session: object, now: number): boolean {
    return isRecent(session === this.#receiver ? this.#otherReceivedAt : this.#receivedAt, now)
  }
}

/** Whether what happened at a time still counts. */
export function isRecent(at: number, now: number): boolean {
  return now - at < RECENT
}
