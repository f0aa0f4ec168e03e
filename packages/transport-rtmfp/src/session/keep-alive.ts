/** An end that plays notices this soon that nothing comes any more: its address may have changed, milliseconds. */
const SILENCE = 500
/** How long it goes on asking that often. */
const PLAYED = 30_000

/** When to ask the far end for a sign of life (RFC 7016 §3.5.4). Times in milliseconds. */
export class KeepAlive {
  #period: number
  #heardAt: number
  #sentAt: number
  #playedAt = Number.NEGATIVE_INFINITY
  #nextAt = Number.NEGATIVE_INFINITY
  /** When the first ping was sent since something was heard. */
  #askedAt: number | undefined

  constructor(period: number, now: number) {
    this.#period = period
    this.#heardAt = now
    this.#sentAt = now
  }

  get period(): number {
    return this.#period
  }

  set period(period: number) {
    this.#period = period
  }

  heard(now: number): void {
    this.#heardAt = now
    this.#askedAt = undefined
    this.#nextAt = Number.NEGATIVE_INFINITY
  }

  sent(now: number): void {
    this.#sentAt = now
  }

  /** Something time critical was received by the end that opened the session. */
  played(now: number): void {
    this.#playedAt = now
  }

  get deadline(): number {
    const quiet = Math.min(this.#sentAt, this.#heardAt) + this.#period
    const silent = this.#heardAt + SILENCE
    const due = silent < this.#playedAt + PLAYED ? Math.min(quiet, silent) : quiet
    return Math.max(due, this.#nextAt)
  }

  /** @param timeout before the next one, as long as nothing is heard */
  asked(now: number, timeout: number): void {
    this.#askedAt ??= now
    const isPlaying = now < this.#playedAt + PLAYED
    this.#nextAt = now + (isPlaying ? SILENCE : timeout)
  }

  /** When the far end counts as gone, if nothing is heard until then. */
  lastDeadline(limit: number): number {
    return this.#askedAt === undefined ? Number.POSITIVE_INFINITY : this.#askedAt + limit
  }
}
