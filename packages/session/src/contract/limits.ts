/**
 * What one connection, and all of them together, may cost. A connection that crosses a limit is ended; limits that
 * count connections, NetStreams or calls refuse one more instead.
 */
export interface SessionLimits {
  /** Milliseconds for the handshake. Default 10,000. */
  readonly handshakeTimeout: number
  /** Milliseconds from the end of the handshake to `connect`. Default 10,000. */
  readonly connectTimeout: number
  /**
   * Milliseconds a gate, commit, source or call hook may take, and the Transforms of a `bindPublish` hook to give out what they
   * hold when the publish ends. Default 10,000.
   */
  readonly hookTimeout: number
  /** Milliseconds a connection has to take its last replies once it has been ended. Default 1,000. */
  readonly lingerTimeout: number
  /**
   * Milliseconds that the end of the server waits for `onClose` of its plugins, and then for the store of shared objects:
   * a disk or a server that does not answer must not keep it for ever. Default 30,000.
   */
  readonly closeTimeout: number
  /**
   * Milliseconds without a byte from a client after which it is pinged, approximately; 0 for never. Default 30,000.
   */
  readonly pingInterval: number
  /** Milliseconds without a byte after the ping until its connection is ended, approximately. Default 60,000. */
  readonly pingTimeout: number
  /**
   * Milliseconds without audio, video or data after which a publish is ended with `NetStream.Publish.Idle`,
   * approximately; 0 for never. Default 60,000.
   */
  readonly publishIdle: number
  /** Connections of the server; more are refused. Default 20,000. */
  readonly maxConnections: number
  /**
   * Connections from one address; more are refused. Large, because a thousand players may share an address. Default
   * 5,000.
   */
  readonly maxConnectionsPerAddress: number
  /** NetStreams open at a time on one connection; more are refused. Default 32. */
  readonly maxNetStreams: number
  /** Commands on one connection in any 60 seconds; up to 3 seconds more are looked back. Default 600. */
  readonly maxCommandsPerMinute: number
  /** Milliseconds a client may take to answer a call of ours. Default 10,000. */
  readonly callTimeout: number
  /** Calls under way at a time on one connection, counted for each direction. Default 64. */
  readonly maxPendingCalls: number
  /** Bytes of one message. Default 8 MiB. */
  readonly maxMessageLength: number
  /** Bytes of messages not yet complete on one connection; 256 KiB before `connect`. Default 32 MiB. */
  readonly maxPartialBytes: number
  /** Bytes of the metadata kept for late players; of longer ones, what fits is kept. Default 64 KiB. */
  readonly maxMetadataLength: number
  /** Bytes a lagging player may have waiting, 64 more for each message included. Default 16 MiB. */
  readonly maxPlayerQueueBytes: number
  /** Milliseconds a player may lag. Default 5,000. */
  readonly maxPlayerLag: number
}

/** The limits that hold where none are given. */
export const defaultSessionLimits: SessionLimits = {
  handshakeTimeout: 10_000,
  connectTimeout: 10_000,
  hookTimeout: 10_000,
  lingerTimeout: 1_000,
  closeTimeout: 30_000,
  pingInterval: 30_000,
  pingTimeout: 60_000,
  publishIdle: 60_000,
  maxConnections: 20_000,
  maxConnectionsPerAddress: 5_000,
  maxNetStreams: 32,
  maxCommandsPerMinute: 600,
  callTimeout: 10_000,
  maxPendingCalls: 64,
  maxMessageLength: 8 * 1024 * 1024,
  maxPartialBytes: 32 * 1024 * 1024,
  maxMetadataLength: 64 * 1024,
  maxPlayerQueueBytes: 16 * 1024 * 1024,
  maxPlayerLag: 5_000,
}
