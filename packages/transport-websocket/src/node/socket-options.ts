/** Options of `ws`, of which its types do not know all. */
interface SocketOptions {
  readonly perMessageDeflate: false
  readonly maxPayload: number
  readonly maxFragments: number
  readonly maxBufferedChunks: number
  readonly closeTimeout: number
}

/** What holds for every WebSocket of ours, accepted or dialled. */
export const socketOptions: SocketOptions = {
  // Media is compressed already, and who inflates what strangers send pays for it.
  perMessageDeflate: false,
  /** Bytes of a message, which may come in many frames. Nobody needs more: their borders mean nothing. */
  maxPayload: 1024 * 1024,
  maxFragments: 1_024,
  maxBufferedChunks: 16_384,
  /** Milliseconds for the peer to answer our goodbye; then the connection is cut. */
  closeTimeout: 2_000,
}

/** The subprotocol (RFC 6455 §1.9): both ends know by it that the bytes are RTMP's. */
export const subprotocol = 'rtmp'
