/** Stands where the sender had a value it could not serialize (AMF0 §2.15). */
export const Unsupported: unique symbol = Symbol.for('rtmpipe.amf.unsupported')

/** The type of {@link Unsupported}. */
export type Unsupported = typeof Unsupported
