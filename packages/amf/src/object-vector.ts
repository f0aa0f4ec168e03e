import type { AmfValue } from './value.ts'

/** A vector of values that share a class (AMF3 §3.15). AMF3 only. */
export class ObjectVector {
  /** The class; '' or `*` for any. It is data: that the values are of it is not checked. */
  readonly typeName: string
  /** Kept, not copied. */
  readonly values: readonly AmfValue[]
  /** Whether its length is fixed. */
  readonly fixed: boolean

  constructor(typeName: string, values: readonly AmfValue[], fixed: boolean = false) {
    this.typeName = typeName
    this.values = values
    this.fixed = fixed
  }
}
