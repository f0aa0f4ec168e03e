import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import type { ConnectAttempt } from './connect-attempt.ts'
import type { PeerInfo } from './peer-info.ts'

/**
 * A peer as the session sees it: an object-mode Duplex of {@link RtmpMessage}s. Handshake and chunk stream are below
 * it, so a carrier that has neither (memory, a message bus) is attached at the same place.
 */
export interface MessageConnection extends Duplex {
  /**
   * Sends without waiting: what the peer can't take yet is held, and {@link MessageConnection.queuedBytes} grows. To
   * wait for room, use `write()`: its callback comes when there is room again. After the end nothing is sent.
   */
  send(message: RtmpMessage): void
  /** Sends a batch on the message stream `messageStreamId`. All connections that send a batch share its bytes. */
  sendBatch(batch: MessageBatch, messageStreamId: number): void
  /** Bytes accepted by {@link MessageConnection.send} which the operating system has not taken yet. */
  readonly queuedBytes: number
  /** Milliseconds that the oldest message has waited here of which nothing has left yet. Default: not known, and counted as 0. */
  readonly lag?: number
  /** Messages sent so far that it gave up, because the peer would have had them too late. Default: none are. */
  readonly dropped?: number
  /** True while a long message is on its way in pieces: audio that is sent meanwhile goes in between. */
  readonly interleaves?: boolean
  /**
   * There only where what is sent is given up when it is late, and what is written is not: calls `room` once, when something
   * has left and there is room for more, or the connection has ended. Where it is missing nothing is ever given up.
   */
  readonly whenRoom?: ((room: () => void) => void) | undefined
  /** Audio and video that it gives out are good until `releasePayload` of their payload. Default false: for ever. */
  readonly reusesPayloads?: boolean
  /** Bytes received so far, handshake included. */
  readonly bytesReceived: number
  /** Bytes sent so far, handshake included. */
  readonly bytesSent: number
  /** Bytes sent that the peer has acknowledged; undefined where that is not known. */
  readonly bytesAcknowledged?: number | undefined
  /** Milliseconds that the peer took to answer in the handshake, if there was one. */
  readonly handshakeRoundTrip?: number | undefined
  /** What proof of a SWF file is made with, when a handshake is done that has it. */
  readonly swfVerificationKey?: Buffer | undefined
  /** How a client came by it: the last way that was tried, and those before that failed. */
  readonly attempts?: readonly ConnectAttempt[]
  /** What a client has dialled, where that was messages from the start. */
  readonly dialled?: MessageTransportConnection
}

/** One message connection to a peer, by a transport that has no byte stream. */
export interface MessageTransportConnection extends PeerInfo {
  /** The messages in both directions. */
  readonly messages: MessageConnection
  /** The way to other clients of the server; only where it was dialled, and where the transport has such a way. */
  readonly peers?: PeerNetwork
}

/** The other clients of a server that was dialled. It lasts as long as the connection with that server. */
export interface PeerNetwork {
  /** Where peers that are near may find us, as the server is told it: `IP:PORT`, `[IP]:PORT`. */
  readonly addresses: readonly string[]
  /** Gives peers that connect to `accept`; without it they are sent away from now on, as they are at first. */
  listen(accept?: (connection: MessageTransportConnection) => void): void
  /** So many more of them may connect at a time, or fewer; a few may in any case. Left out where there is no limit. */
  expect?(peers: number): void
  /**
   * Connects with the peer of that id ({@link PeerInfo.nearId} at its end). The server is asked to introduce it.
   *
   * @throws UsageError `RTMP_ERR_PEER_ID` for what is no peer's id, an error of the transport for one that is not reached, or
   *   the reason of `signal`
   */
  connect(peerId: string, options?: { readonly signal?: AbortSignal }): Promise<MessageTransportConnection>
}

/** The way out to a peer: its message connection, or what stands before it. */
export interface MessageOutput {
  /** Sends without waiting, as `MessageConnection.send` does. */
  send(message: RtmpMessage): void
  /** Sends a batch on a message stream, as `MessageConnection.sendBatch` does. */
  sendBatch(batch: MessageBatch, messageStreamId: number): void
  /**
   * Sends a message and says when there is room for the next one.
   *
   * @param taken called when there is room, or with the error that ended the connection
   * @returns false when it is better to wait for that
   */
  write(message: RtmpMessage, taken: (error?: Error | null) => void): boolean
  /** Bytes sent that the operating system has not taken yet. */
  readonly queuedBytes: number
  /** True while a long message is on its way in pieces: audio that is sent meanwhile goes in between. */
  readonly interleaves?: boolean
  /**
   * There only where what is sent is given up when it is late, and what is written is not: calls `room` once, when something
   * has left and there is room for more, or the connection has ended. Where it is missing nothing is ever given up.
   */
  readonly whenRoom?: ((room: () => void) => void) | undefined
  /** False once it has ended. */
  readonly writable: boolean
}
