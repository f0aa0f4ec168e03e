/** A stable identifier of one kind of failure; each has a heading in `docs/errors.md`. */
export type RtmpErrorCode = `RTMP_ERR_${string}`

/**
 * The base of every error rtmpipe raises. Match on `code`, which is stable, rather than on the class or the message.
 */
export abstract class RtmpError extends Error {
  override readonly name: string = 'RtmpError'
  /** Stable identifier, for example `RTMP_ERR_CHUNK_SIZE`. */
  readonly code: RtmpErrorCode

  constructor(code: RtmpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The layer whose rules a peer broke. */
export type ProtocolLayer = 'handshake' | 'chunk' | 'message' | 'command'

/** The peer broke the protocol: its connection ends, nobody else's does. */
export class ProtocolError extends RtmpError {
  override readonly name: string = 'ProtocolError'
  /** Which layer noticed. */
  readonly layer: ProtocolLayer

  constructor(layer: ProtocolLayer, code: RtmpErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
    this.layer = layer
  }
}

/** The peer crossed a configured limit: its connection ends, nobody else's does. */
export class LimitError extends RtmpError {
  override readonly name: string = 'LimitError'
}

/** Our own caller asked for the impossible; the connection stays healthy. */
export class UsageError extends RtmpError {
  override readonly name: string = 'UsageError'
}
