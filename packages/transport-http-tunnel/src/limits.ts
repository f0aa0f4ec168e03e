import { TunnelError } from './errors.ts'

/** What one tunnel session, and all of them together, may cost. Times are in milliseconds. */
export interface TunnelLimits {
  /** Sessions at a time; `/open` is answered 503 beyond. Pending ones count, and make room for others. Default 10,000. */
  readonly maxSessions: number
  /**
   * Sessions at a time from one address (IPv6: from one /64) that are not pending. Default 2,000: a thousand players may
   * share a NAT.
   */
  readonly maxSessionsPerAddress: number
  /**
   * Pending sessions at a time: their clients have sent less than the 3,073 bytes of an RTMP handshake. For one more the
   * oldest ends; nobody is refused. Default 2,000.
   */
  readonly maxPending: number
  /** Bytes of one request body; 413 beyond. Default 4 MiB: librtmp posts a whole RTMP message at once. */
  readonly maxBodyLength: number
  /** Bytes of RTMP in one reply. Default 256 KiB. Up to three replies of a session are kept for clients that ask again, 8 MiB of those of sessions that have ended. */
  readonly maxReplyLength: number
  /** Bytes a session may hold in each direction: received and unread, written and not yet fetched. Default 8 MiB. */
  readonly maxBufferedBytes: number
  /** Requests of a session that may wait for an earlier one to arrive. Default 16. */
  readonly maxParkedRequests: number
  /**
   * How long they wait for it, and how long a broken-off body for being sent again. Default 15,000: while a proxy is restarted,
   * clients repeat what got lost. A `/close` waits no longer than 5 s.
   */
  readonly gapTimeout: number
  /** From `/open` to the first numbered request, with which the session begins; then to the first `/send`. Default 10,000. */
  readonly openTimeout: number
  /**
   * A session ends after so long without a request, or with answers due that the client does not read. Dialled: after so
   * long without an answer to a request, which is made again all the time. Default 15,000.
   */
  readonly idleTimeout: number
  /** For a request body to arrive, not counting the time in which our side does not read it. Default 10,000. */
  readonly bodyTimeout: number
  /**
   * An `/idle` that finds nothing to fetch is answered after so long, or as soon as there is something, or when the
   * client sends another request. Clients that could have sent meanwhile, had they not waited, are held for less.
   * Default 250; at least 10, so that polling at full speed costs little.
   */
  readonly idleHold: number
  /**
   * An `/idle` is told what there is no sooner than one and a half times so long after the last that was told something, 30
   * at most, so that messages go together and polls cost less. Default 0: whatever there is goes at once. Give it the `mergeWindow` of the
   * server: other transports hold messages for that long.
   */
  readonly mergeWindow: number
}

/** The limits where none are given. */
export const defaultTunnelLimits: TunnelLimits = Object.freeze({
  maxSessions: 10_000,
  maxSessionsPerAddress: 2_000,
  maxPending: 2_000,
  maxBodyLength: 4 * 1024 * 1024,
  maxReplyLength: 256 * 1024,
  maxBufferedBytes: 8 * 1024 * 1024,
  maxParkedRequests: 16,
  gapTimeout: 15_000,
  openTimeout: 10_000,
  idleTimeout: 15_000,
  bodyTimeout: 10_000,
  idleHold: 250,
  mergeWindow: 0,
})

const least: Partial<TunnelLimits> = {
  maxPending: 1,
  maxBodyLength: 1,
  maxReplyLength: 1,
  maxBufferedBytes: 1,
  idleHold: 10,
}

/** Fills in defaults. Throws {@link TunnelError} `RTMP_ERR_TUNNEL_OPTION`: a NaN would compare as "never crossed". */
export function resolveTunnelLimits(limits: Partial<TunnelLimits> = {}): TunnelLimits {
  const resolved = { ...defaultTunnelLimits }
  for (const name of Object.keys(defaultTunnelLimits) as (keyof TunnelLimits)[]) {
    resolved[name] = atLeast(least[name] ?? 0, name, limits[name] ?? defaultTunnelLimits[name])
  }
  return resolved
}

/** Throws {@link TunnelError} `RTMP_ERR_TUNNEL_OPTION` unless `value` is a number of `minimum` or more. */
export function atLeast(minimum: number, name: string, value: number): number {
  if (typeof value === 'number' && value >= minimum) return value
  throw new TunnelError('RTMP_ERR_TUNNEL_OPTION', `${name} is ${String(value)}, not a number from ${minimum} up`)
}
