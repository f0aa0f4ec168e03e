import type { StreamCiphers } from './stream-ciphers.ts'

/** The result of the bytes that a handshake was given. */
export interface HandshakeStep {
  /** To be sent to the peer. */
  readonly reply?: Buffer
  /** True when the handshake is complete: the chunk stream comes next. */
  readonly done: boolean
  /** Bytes after the handshake, as they were received; empty until it is done. */
  readonly rest: Buffer
  /** When done: milliseconds from our first packet to the peer's answer. */
  readonly roundTrip?: number
  /** When done with RTMPE: the ciphers for `rest` and all later bytes, in both directions. */
  readonly ciphers?: StreamCiphers
  /** When done with a digest: the key of a SWF verification, the last 32 bytes of S1. */
  readonly swfVerificationKey?: Buffer
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
