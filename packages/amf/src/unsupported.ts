/** Stands where the sender had a value it could not serialize (AMF0 §2.15). All are alike. */
export class Unsupported {
  /** Tells it from other objects, to the compiler too. */
  readonly unsupported: true = true
}
