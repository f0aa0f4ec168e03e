import { TunnelLimitError } from '../errors.ts'
import type { TunnelLimits } from '../limits.ts'

/** Milliseconds without a request after `/close` until what the client has not fetched is thrown away. */
const LINGER = 2_000

/** What the patience with a session depends on. */
export interface SessionState {
  /** The client has sent something: it does not merely poll. */
  readonly sent: boolean
  /** The client has closed. */
  readonly closed: boolean
  /** A request is waiting for us, and not for its client to read earlier answers. */
  readonly busy: boolean
  /** A request is waiting for its client to read earlier answers. */
  readonly unread: boolean
  /** Number of the request that later ones wait for. */
  readonly missing: number | undefined
}

/** How long a client has kept its session waiting. */
export class SessionPatience {
  readonly #limits: TunnelLimits
  readonly #begunAt: number
  #heardAt: number
  /** When it was last so that no answer had to wait for the client to read others. */
  #readAt: number
  #missing: number | undefined
  #missingSince = 0

  constructor(limits: TunnelLimits, now: number) {
    this.#limits = limits
    this.#begunAt = now
    this.#heardAt = now
    this.#readAt = now
  }

  /** When the client last asked or was answered. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** The client has asked. */
  heard(now: number): void {
    this.#heardAt = now
  }

  /** The client has been answered. */
  answered(now: number): void {
    this.#heardAt = now
    this.#readAt = now
  }

  /** The limit that is crossed; undefined as long as none is. */
  overrun(state: SessionState, now: number): TunnelLimitError | undefined {
    const { openTimeout, idleTimeout, gapTimeout } = this.#limits
    if (state.missing !== this.#missing) {
      this.#missing = state.missing
      this.#missingSince = now
    }
    if (!state.unread) this.#readAt = now
    if (!state.sent && now - this.#begunAt > openTimeout) {
      return new TunnelLimitError('RTMP_ERR_TUNNEL_OPEN_TIMEOUT', `nothing sent within ${openTimeout} ms`)
    }
    if (this.#missing !== undefined && now - this.#missingSince > gapTimeout) {
      const message = `request ${this.#missing} missing for more than ${gapTimeout} ms`
      return new TunnelLimitError('RTMP_ERR_TUNNEL_SEQUENCE', message)
    }
    const patience = state.closed ? Math.min(LINGER, idleTimeout) : idleTimeout
    if (!state.busy && now - this.#heardAt > patience) return idle(patience)
    // Whatever else it asks meanwhile.
    return now - this.#readAt > idleTimeout ? idle(idleTimeout) : undefined
  }
}

function idle(patience: number): TunnelLimitError {
  return new TunnelLimitError('RTMP_ERR_TUNNEL_IDLE_TIMEOUT', `no request, or no answer read, within ${patience} ms`)
}
