import { defaultSessionLimits, type SessionLimits } from './session/limits.ts'

/** What one endpoint may cost, and how soon it gives up. Of what is too much nothing is kept, and nothing is answered. */
export interface EndpointLimits extends SessionLimits {
  /** Open sessions. Default 10,000. */
  readonly maxSessions: number
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
  /** Lookups of a peer each second, of one source. Default 10. */
  readonly introductionsPerSource: number
  /** The same, of all sources together. Default 500. */
  readonly introductions: number
  /** Addresses at which a session is tried to be opened. Default 24. */
  readonly maxCandidates: number
  /** Milliseconds until a session that does not open is given up. Default 95,000. */
  readonly openTimeout: number
}

/** What an endpoint may cost where nothing else is said. */
export const defaultEndpointLimits: EndpointLimits = {
  ...defaultSessionLimits,
  maxSessions: 10_000,
  maxSessionsPerAddress: 1_000,
  hellosPerSource: 200,
  hellos: 2_000,
  keyingsPerSource: 200,
  keyings: 500,
  introductionsPerSource: 10,
  introductions: 500,
  maxCandidates: 24,
  openTimeout: 95_000,
}
