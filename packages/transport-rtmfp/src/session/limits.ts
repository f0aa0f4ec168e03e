/** What one session may cost (RFC 7016 §5). */
export interface SessionLimits {
  /** Flows of the far end that are open. Default 128: a NetStream takes three, and a connection has up to 32 of them. */
  readonly maxReceiveFlows: number
  /**
   * Flows of the far end that are over, or were rejected, and are only remembered. Default 256; beyond, those are forgotten of
   * which nothing has come for some retransmission timeouts, and where none is so old the session ends.
   */
  readonly maxEndedFlows: number
  /** Numbers between the first that is missing and the last that is taken. Default 65,536. */
  readonly maxSequenceSpan: number
  /** Ranges of numbers that have come beyond the first that is missing, of each flow. Default 256. */
  readonly maxRanges: number
  /** Fragments that have come before one that is missing, of each flow. Default 4,096; more are not taken. */
  readonly maxFragments: number
  /** Bytes of a message that is taken. Default 8 MiB, as over RTMP; the flow of a longer one is rejected. */
  readonly maxMessageLength: number
  /**
   * Bytes of messages that are not whole, or not taken, in all flows of the session, and 128 for each fragment. Default
   * 32 MiB; beyond, flows are rejected.
   */
  readonly maxBuffered: number
  /** Bytes of what a flow is for. Default 512. */
  readonly maxMetadata: number
  /** Bytes written to a flow and not delivered, above which it has no room. Default 256 KiB. */
  readonly sendBuffer: number
  /** Bytes in flight, whatever the far end acknowledges. Default 1 MiB. */
  readonly maxInFlight: number
  /** Pings answered each second. Default 50. */
  readonly maxPings: number
  /** Acknowledgements of what was never sent, after which the session ends. Default 100. */
  readonly maxFalseAcknowledgements: number
  /** Milliseconds without an acknowledgement or an answer after which the session ends. Default 30,000. */
  readonly retransmitLimit: number
  /** Milliseconds without any flow, either way, after which it is closed. Default 120,000. */
  readonly idleLimit: number
  /** Milliseconds without a packet after which one is asked for. Default 15,000. */
  readonly keepAlive: number
}

export const defaultSessionLimits: SessionLimits = {
  maxReceiveFlows: 128,
  maxEndedFlows: 256,
  maxSequenceSpan: 65_536,
  maxRanges: 256,
  maxFragments: 4_096,
  maxMessageLength: 8 * 1024 * 1024,
  maxBuffered: 32 * 1024 * 1024,
  maxMetadata: 512,
  sendBuffer: 256 * 1024,
  maxInFlight: 1024 * 1024,
  maxPings: 50,
  maxFalseAcknowledgements: 100,
  retransmitLimit: 30_000,
  idleLimit: 120_000,
  keepAlive: 15_000,
}
