/** Round trip and rates of a connection, as far as they can be measured. Each value is undefined until it is known. */
export interface LinkEstimate {
  /**
   * Round trip in milliseconds, smoothed as in RFC 6298: measured first in the handshake, then by pings. A ping waits
   * behind the bytes sent before it, so a player that lags has a long round trip.
   */
  readonly roundTrip: number | undefined
  /** Bits per second sent lately; not the capacity of the connection. */
  readonly sendRate: number | undefined
  /** Bits per second that came in lately. */
  readonly receiveRate: number | undefined
  /** Bytes sent that the peer has not acknowledged yet. Many peers acknowledge seldom, some never. */
  readonly bytesInFlight: number | undefined
}
