import type { AmfValue } from '@rtmpipe/amf'
import type { EnhancedCapabilities } from '@rtmpipe/flv'
import type { ObjectEncoding } from '../protocol/amf3-messages.ts'
import type { Status } from '../protocol/status.ts'
import type { Context } from './context.ts'
import type { LinkEstimate } from './link-estimate.ts'
import type { Principal } from './principal.ts'
import type { PeerAddress, PeerRequest } from './transport.ts'

/** A client's connection as plugins see it. */
export interface ConnectionInfo {
  /** Crypto-random, unique among this server's connections. */
  readonly id: string
  /** URL scheme it came by: `rtmp`, `rtmps`, `rtmpt`, `rtmpts`, `ws`, `wss`, `rtmfp`, … */
  readonly transport: string
  /** True when the bytes are encrypted on their way (RTMPS, RTMPTS, RTMFP). */
  readonly secure: boolean
  /** The client's address, as the transport tells it. */
  readonly remote: PeerAddress
  /**
   * The client's fingerprint, 64 hex digits, by which other clients can ask for it; undefined where the transport has none
   * (all but RTMFP). It tells apart, and proves nothing about a person.
   */
  readonly peerId?: string | undefined
  /** Our fingerprint towards the client, if any. */
  readonly nearId?: string | undefined
  /**
   * The HTTP request that it came with: URL and headers, of a WebSocket for example; undefined where the transport has none.
   * It holds secrets (cookies, `authorization`, tokens in the query): keep it out of logs and answers.
   */
  readonly request?: PeerRequest | undefined
  /** When it was accepted. */
  readonly since: Date
  /** From `connect`; empty before it. */
  readonly app: string
  /** URL of the server and application, as the client wrote it in `connect`; empty before it. */
  readonly tcUrl: string
  /** What the client calls itself in `connect`; empty before it, or when the client does not say. */
  readonly flashVer: string
  /** Query parameters of `tcUrl` and app. */
  readonly query: URLSearchParams
  /** How commands and data are written; 3 when the client asked for it. */
  readonly objectEncoding: ObjectEncoding
  /** What the client says it knows of Enhanced RTMP; empty for most. */
  readonly capabilities: EnhancedCapabilities
  /** What plugins have found out about the client, see {@link Context}. */
  readonly context: Context
  /** Who the client has proved to be; undefined if nobody has asked. */
  readonly principal: Principal | undefined
  /** Aborted when the connection has ended. */
  readonly signal: AbortSignal
  /** Bytes received from the client and accepted for it so far, handshake included. */
  readonly bytesReceived: number
  /** Bytes sent to the client so far, handshake included. */
  readonly bytesSent: number
  /** Round trip and rates, worked out when asked for. */
  readonly estimate: LinkEstimate
  /** Sends a ping; its answer improves `estimate.roundTrip`. The server pings silent clients by itself. */
  ping(): void
  /**
   * Calls a method of the client. In a gate hook the answer can't come, because the client's messages wait for the
   * gate.
   *
   * @throws StatusError when the client answers `_error` or leaves, LimitError `RTMP_ERR_CALL_TIMEOUT`, UsageError
   *   `RTMP_ERR_PENDING_CALLS`
   */
  call(method: string, ...args: AmfValue[]): Promise<AmfValue>
  /**
   * Asks the client to connect again (Enhanced RTMP v2, NetConnection.Connect.ReconnectRequest). Serve it until it has
   * left. Returns false when the client does not support such requests; nothing is sent then.
   */
  requestReconnect(request?: ReconnectRequest): boolean
  /** Ends the connection, telling the client why if a status is given. */
  end(status?: Status): void
}

/** What a server asks for: to connect again, here or elsewhere. */
export interface ReconnectRequest {
  /** Absolute, or relative to the `tcUrl` the client came with; default that. */
  readonly tcUrl?: string
  /** The reason, for people; clients may show it. */
  readonly description?: string
}
