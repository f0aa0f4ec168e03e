import type { Endpoint } from '../wire/address.ts'
import type { OpenSession } from './session.ts'

/** What an endpoint is driven with, and by: real sockets and clocks, or those of a test. */
export interface EndpointHost {
  /** Sends a datagram, or loses it. */
  send(datagram: Buffer, to: Endpoint): void
  /** Cryptographically random bytes; a test's are seeded. */
  randomBytes(length: number): Buffer
  /**
   * {@link EndpointMachine.deadline} may have come nearer. Left out within `receive` and `tick`: who calls them looks at the
   * deadline afterwards.
   */
  deadlineChanged(): void
}

/** Whom to reach, and where. */
export interface Target {
  /** URL of the server, as it is told to it. */
  readonly url?: string
  /** Fingerprint of the peer that is meant, instead of a URL. */
  readonly peerId?: Buffer
  /** Where to ask first: the endpoint itself, or somebody who knows it. */
  readonly candidates: readonly Endpoint[]
}

/** What an endpoint keeps. */
export interface EndpointUsage {
  /** Sessions that are open. */
  readonly sessions: number
  /** Sessions that are over, and only answer what comes late. */
  readonly lingering: number
  /** Flows of all open sessions, both ways, with those that are over and only remembered. */
  readonly flows: number
  /** Bytes of messages that are not whole, or not taken. */
  readonly receivedBytes: number
  /** Bytes that were written and neither delivered nor given up. */
  readonly queuedBytes: number
}

/** A session that is being opened. */
export interface Opening {
  /** Whether somebody has said where else to ask: where a peer is wanted, that it has been introduced. */
  readonly isRedirected: boolean
  /** Gives up. */
  abort(): void
}

/** That somebody may be introduced. */
export interface Introduction {
  /** Addresses that the wanted one has reported of itself. */
  readonly reported: readonly Endpoint[]
}

/**
 * One UDP port's worth of RTMFP, without any socket or clock of its own: whatever comes in, and the time, is handed to it.
 * Times are milliseconds of one clock that never goes back.
 */
export interface EndpointMachine {
  /** Fingerprint of its certificate. */
  readonly id: Buffer
  /** When {@link tick} is to be called next, at the latest; Infinity when there is nothing to wait for. */
  readonly deadline: number
  /** How many sessions are open. */
  readonly size: number
  /** Whether the far end of a session that we have ended has not said yet that it knows. */
  readonly isUnheard: boolean
  /** What it keeps at the moment. */
  readonly usage: EndpointUsage
  /** Set by who has it: whether anybody may open sessions with it. What asks for one is not even answered otherwise. Default true. */
  answers: boolean
  /** Set by who has it: sessions that there may be beside those of the limits, of all and of one address. Default 0. */
  expected: number
  /**
   * Set by who has it: somebody has opened a session, and has shown that it has the keys; what is in its first packet is read
   * next. Not called for those of {@link open}.
   */
  onSession: (session: OpenSession) => void
  /**
   * Set by who has it: whether the end at `from` may be told where the session `wanted` is, and the other way round (RFC
   * 7016 §3.5.1.6). Strangers, with whom there is no session, are introduced to nobody. Default nobody is.
   *
   * @param asking the session with that end
   */
  onIntroduce: (
    wanted: OpenSession,
    asking: OpenSession,
    from: Endpoint,
  ) => Promise<Introduction | undefined> | Introduction | undefined
  receive(datagram: Buffer, from: Endpoint, now: number): void
  tick(now: number): void
  open(target: Target, now: number, done: (error: Error | undefined, session: OpenSession | undefined) => void): Opening
  /** Opens no more sessions; those that are open go on. */
  stop(): void
  /** Ends every session, each far end is told once. */
  destroy(now: number): void
}
