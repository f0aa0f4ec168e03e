import type { Endpoint } from '../wire/address.ts'
import type { ReceiveFlow, SendFlow, SendFlowOptions } from './flow.ts'

/** Why a session is over. */
export type SessionEnd =
  | 'closed by us'
  | 'closed by the far end'
  | 'no acknowledgement'
  | 'idle'
  | 'no answer'
  | 'too many flows'
  | 'false acknowledgements'
  | 'too much memory'

/** An open session with another endpoint (RFC 7016 §3.5). */
export interface OpenSession {
  /** True where we asked for it. */
  readonly isInitiator: boolean
  /** Fingerprint of the far end's certificate. */
  readonly farId: Buffer
  /** Fingerprint of ours. */
  readonly nearId: Buffer
  /** Known to both ends alone: what we contributed, and what they did (RFC 7425 §4.6.4). */
  readonly nearNonce: Buffer
  readonly farNonce: Buffer
  /** Where its packets go; may change while it lasts. */
  readonly remote: Endpoint
  /** Smoothed, milliseconds; undefined before it was measured. */
  readonly roundTrip: number | undefined
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Set by who takes the session: whether a new flow of the far end is taken. Sets the flow's callbacks. */
  onFlow: (flow: ReceiveFlow) => boolean
  /** It is over, and with it all flows. */
  onEnd: (why: SessionEnd) => void
  /** @throws SessionOverError `RTMP_ERR_CONNECTION_CLOSED` when it is over */
  openFlow(options: SendFlowOptions): SendFlow
  /** Milliseconds between signs of life that are sent where there is nothing else to send. */
  readonly keepAlivePeriod: number
  /** Sets {@link keepAlivePeriod}. */
  keepAlive(period: number): void
  /** Ends it in order (RFC 7016 §3.5.5): flows are given up, the far end is told until it has heard. */
  close(): void
  /** Ends it at once, telling the far end once. */
  destroy(): void
}
