/** What a handshake made of the bytes it was given. */
export interface HandshakeStep {
  /** To be sent to the peer. */
  readonly reply?: Buffer
  /** The handshake is complete: what comes next is the chunk stream. */
  readonly done: boolean
  /** Bytes after the handshake; empty until it is done. */
  readonly rest: Buffer
}

/** One side of a handshake. No stream and no I/O. */
export interface Handshake {
  /** What this side sends before it has received anything; undefined for a server. */
  start(): Buffer | undefined
  /**
   * Takes the next bytes, cut anywhere. Not to be called again once done.
   *
   * @throws ProtocolError when the peer does not speak RTMP
   */
  push(bytes: Buffer): HandshakeStep
}
