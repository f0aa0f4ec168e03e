import { TunnelLimitError } from '../errors.ts'
import type { TunnelLimits } from '../limits.ts'
import type { TunnelStream } from '../tunnel-stream.ts'
import type { Turn } from './turn.ts'

/** Feeds a session's stream from request bodies, as fast as it is read. */
export class BodyFeed {
  readonly #stream: TunnelStream
  readonly #limits: TunnelLimits
  #ended = false
  #received = 0

  constructor(stream: TunnelStream, limits: TunnelLimits) {
    this.#stream = stream
    this.#limits = limits
  }

  /** Bytes that have come so far. */
  get received(): number {
    return this.#received
  }

  /** The client has closed. */
  get ended(): boolean {
    return this.#ended
  }

  /** The reader does not keep up: the client is held back, unless there is something for it that may be in the way. */
  get held(): boolean {
    return this.#stream.stalled && !this.#stream.pending && !this.#stream.finishing && !this.#ended
  }

  /** Feeds what there is of a turn's body; true when that was the last. */
  feed(turn: Turn, now: number): boolean {
    const { body } = turn
    if (body === undefined) return true
    while (!this.held) {
      const bytes = body.read()
      if (bytes === undefined) {
        if (body.broken) turn.brokenSince ??= now
        if (body.finished) turn.body = undefined
        return turn.body === undefined
      }
      if (body.received > this.#limits.maxBodyLength) {
        this.refuse(turn)
        return false
      }
      turn.fed = body.received
      this.#received += bytes.length
      if (!this.#ended) this.#stream.feed(bytes)
    }
    return false
  }

  /** Looks at the clock: ends the session when a turn's body has not come in time. */
  tick(turn: Turn, now: number): void {
    if (this.held) turn.deadline = now + this.#limits.bodyTimeout
    if (turn.body?.broken) turn.brokenSince ??= now
    const late = turn.brokenSince === undefined ? now > turn.deadline : now - turn.brokenSince > this.#limits.gapTimeout
    if (!late) return
    const message = `body of request ${turn.sequence} did not come in time`
    turn.reject(408, message)
    this.#stream.destroy(new TunnelLimitError('RTMP_ERR_TUNNEL_BODY_TIMEOUT', message))
  }

  /** Ends the session for a body that is too long. */
  refuse(request: Pick<Turn, 'reject'>): void {
    const message = `body of more than ${this.#limits.maxBodyLength} bytes`
    request.reject(413, message)
    this.#stream.destroy(new TunnelLimitError('RTMP_ERR_TUNNEL_BODY_LENGTH', message))
  }

  end(): void {
    if (!this.#ended) this.#stream.feedEnd()
    this.#ended = true
  }
}
