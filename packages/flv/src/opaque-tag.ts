/** An empty message: silence, or no picture. The decoder is not to wait for more. */
export interface EmptyTag {
  readonly kind: 'empty'
}

/** A message that is cut short, nested where it must not be, or of a form that this package does not know. */
export interface OpaqueTag {
  readonly kind: 'opaque'
  /** All of it. */
  readonly payload: Uint8Array
}
