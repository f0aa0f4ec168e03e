/** The memory that payloads are parts of. Who keeps a part keeps all of it. */
export interface PayloadOrigin {
  /** Bytes of all of it. */
  readonly byteLength: number
  /** Whether the payload is a part of it. */
  has(payload: Buffer): boolean
  /** The part that begins at the `byteOffset` of a payload. It is not held by that. */
  part(byteOffset: number, length: number): Buffer
  /** A hold on all of its payloads, see `holdPayload`. */
  hold(): void
  /** Gives up one {@link PayloadOrigin.hold}. */
  release(): void
}
