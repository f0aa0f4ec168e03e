/** Bytes that are no element of the protocol. It ends the chunk that they stand in, and nothing else (RFC 7016 §2.3). */
export class WireError extends Error {
  override readonly name = 'WireError'
}
