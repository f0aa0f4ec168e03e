import { defaultSessionLimits, type SessionLimits } from './session/limits.ts'

/** What one endpoint may cost, and how soon it gives up. Of what is too much nothing is kept, and nothing is answered. */
export interface EndpointLimits extends SessionLimits {
  /** Open sessions. Default 10,000. */
  readonly maxSessions: number
  /** Sessions that are over and still say or answer that. Default 2,000; beyond, the oldest say so once more and are forgotten. */
  readonly maxLingering: number
  /** Open sessions with ends at one IP address. Default 1,000. */
  readonly maxSessionsPerAddress: number
  /** Questions who is there that are answered each second, of one source (an IPv4 /24 or IPv6 /56). Default 200. */
  readonly hellosPerSource: number
  /** The same, of all sources together. Default 2,000. */
  readonly hellos: number
  /** Key agreements each second, of one source. Default 200. */
  readonly keyingsPerSource: number
  /** The same, of all sources together. Default 500. */
  readonly keyings: number
  /** Lookups of a peer each second, of one session; and questions that a server passes on to one of its clients. Default 10. */
  readonly introductionsPerSession: number
  /** The same, of all sessions of one source. Default 200. */
  readonly introductionsPerSource: number
  /** The same, of all sources together. Default 500. */
  readonly introductions: number
  /** Lookups that wait for a decision at a time. Default 64. */
  readonly maxIntroductions: number
  /**
   * Start-up packets that come in fragments and are not whole, each of up to 64 KiB, 64 fragments and 60 s, with a new fragment
   * each second. Default 16.
   */
  readonly maxFragmentedPackets: number
  /**
   * Bytes of messages that are not whole, or not taken, in all sessions together. Default 256 MiB; beyond, the session that has
   * most of them ends with `RTMP_ERR_RTMFP_MEMORY`.
   */
  readonly maxReceived: number
  /**
   * Bytes that were written and neither delivered nor given up, in all sessions together; those that several share count for
   * each. Default 1 GiB; beyond, the session that has most of them ends with `RTMP_ERR_RTMFP_MEMORY`.
   */
  readonly maxQueued: number
  /** Addresses at which a session is tried to be opened. Default 24. */
  readonly maxCandidates: number
  /** Milliseconds until a session that does not open is given up. Default 95,000. */
  readonly openTimeout: number
}

/** What an endpoint may cost where nothing else is said. */
export const defaultEndpointLimits: EndpointLimits = {
  ...defaultSessionLimits,
  maxSessions: 10_000,
  maxLingering: 2_000,
  maxSessionsPerAddress: 1_000,
  hellosPerSource: 200,
  hellos: 2_000,
  keyingsPerSource: 200,
  keyings: 500,
  introductionsPerSession: 10,
  introductionsPerSource: 200,
  introductions: 500,
  maxIntroductions: 64,
  maxFragmentedPackets: 16,
  maxReceived: 256 * 1024 * 1024,
  maxQueued: 1024 * 1024 * 1024,
  maxCandidates: 24,
  openTimeout: 95_000,
}

/** What differs for a client, whom only its peers ask for sessions. As many more as it publishes to are let in. */
export const clientLimits = { maxSessions: 64, maxSessionsPerAddress: 8 } as const
