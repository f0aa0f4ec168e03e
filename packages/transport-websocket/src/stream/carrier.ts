/** A WebSocket, whichever: it carries binary messages both ways. */
export interface Carrier {
  /** Tells `receiver` what comes from now on. Called once. */
  begin(receiver: Receiver): void
  /** Sends one binary message. `done` is called when there is room for the next, or with the error that ended it all. */
  send(bytes: Uint8Array, done: (error?: Error | null) => void): void
  /** Holds what comes back, if it can. */
  pause(): void
  resume(): void
  /** Says goodbye with a code of RFC 6455 §7.4; {@link Receiver.closed} follows, at the latest after some seconds. */
  close(code: number): void
  /** Cuts the connection; {@link Receiver.closed} follows. */
  terminate(): void
}

/** Who reads what a {@link Carrier} brings. */
export interface Receiver {
  /** A binary message. */
  message(bytes: Uint8Array): void
  /** The peer does what it must not, or is gone: the connection has to be ended. */
  fail(error: Error): void
  /** It is over, without an error when the peer said goodbye. Called once. */
  closed(error?: Error): void
}
