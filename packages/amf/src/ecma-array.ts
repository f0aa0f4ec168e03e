import type { AmfObject } from './value.ts'

/** An associative array (AMF0 §2.10): what `onMetaData` carries. Read {@link propertiesOf} where a plain object will do too. */
export class EcmaArray {
  /** The members; kept, not copied. */
  readonly properties: AmfObject

  constructor(properties: AmfObject) {
    this.properties = properties
  }
}
