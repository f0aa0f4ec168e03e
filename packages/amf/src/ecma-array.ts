import type { AmfObject, AmfValue } from './value.ts'

const none: readonly AmfValue[] = Object.freeze([])

/** An associative array (AMF0 §2.10): what `onMetaData` carries. Read {@link propertiesOf} where a plain object will do too. */
export class EcmaArray {
  /** The members; kept, not copied. */
  readonly properties: AmfObject
  /**
   * The dense portion, which only AMF3 tells from the members (AMF3 §3.11); kept, not copied. AMF0 has it among the
   * members, as "0", "1" and so on.
   */
  readonly values: readonly AmfValue[]

  constructor(properties: AmfObject, values: readonly AmfValue[] = none) {
    this.properties = properties
    this.values = values
  }
}
