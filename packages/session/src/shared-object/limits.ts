/** What shared objects may cost. */
export interface SharedObjectLimits {
  /** Characters of a name; crossing it ends the connection. Default 512. */
  readonly maxNameLength: number
  /** Objects one connection uses at a time; more are refused. Default 100. */
  readonly maxObjectsPerConnection: number
  /** Objects of one application in memory; more are refused. Default 1,000. */
  readonly maxObjectsPerApp: number
  /** Properties of one object; more are refused. Default 1,000. */
  readonly maxProperties: number
  /** Bytes of keys and values of one object, as AMF0; more are refused. Default 1 MiB. */
  readonly maxObjectBytes: number
  /** Bytes of keys and values of all objects in memory; more are refused. Default 256 MiB. */
  readonly maxTotalBytes: number
  /** Shared object messages of one connection in a second; crossing it ends the connection. Default 2,000. */
  readonly maxMessagesPerSecond: number
  /**
   * Bytes waiting for a client; with more, the client misses changes and gets the whole state later. Default 1 MiB.
   */
  readonly maxQueuedBytes: number
}

/** The limits that hold where none are given. */
export const defaultSharedObjectLimits: SharedObjectLimits = {
  maxNameLength: 512,
  maxObjectsPerConnection: 100,
  maxObjectsPerApp: 1_000,
  maxProperties: 1_000,
  maxObjectBytes: 1024 * 1024,
  maxTotalBytes: 256 * 1024 * 1024,
  maxMessagesPerSecond: 2_000,
  maxQueuedBytes: 1024 * 1024,
}
