/**
 * A vector of int, uint or double that may grow (AMF3 §3.15). A vector of fixed length is the typed array itself, without
 * this around it. AMF3 only.
 */
export class NumberVector {
  /** The numbers, whose kind says which vector it is; kept, not copied. */
  readonly values: Int32Array | Uint32Array | Float64Array

  constructor(values: Int32Array | Uint32Array | Float64Array) {
    this.values = values
  }
}
