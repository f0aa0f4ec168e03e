/** How a connection does, as far as can be told. All of it is undefined until it is known. */
export interface LinkEstimate {
  /**
   * Milliseconds from a question to its answer, smoothed as in RFC 6298: the handshake first, then pings. What is on its
   * way before a ping counts, so a player that lags has a long one.
   */
  readonly roundTrip: number | undefined
  /** Bits per second that went out lately; not what the way there could carry. */
  readonly sendRate: number | undefined
  /** Bits per second that came in lately. */
  readonly receiveRate: number | undefined
  /** Bytes sent that the peer has not acknowledged yet. Many acknowledge seldom, some never. */
  readonly bytesInFlight: number | undefined
}
