import type { StreamCiphers } from './stream-ciphers.ts'

/** What a handshake made of the bytes it was given. */
export interface HandshakeStep {
  /** To be sent to the peer. */
  readonly reply?: Buffer
  /** The handshake is complete: what comes next is the chunk stream. */
  readonly done: boolean
  /** Bytes after the handshake, as they were received; empty until it is done. */
  readonly rest: Buffer
  /** When done: milliseconds from our first packet to the peer's answer. */
  readonly roundTrip?: number
  /** When done with RTMPE: what `rest` and everything after it goes through, in either direction. */
  readonly ciphers?: StreamCiphers
  /** When done with a digest: what a SWF verification is keyed with, the last 32 bytes of S1. */
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
