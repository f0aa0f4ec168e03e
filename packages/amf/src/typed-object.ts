import type { AmfObject } from './value.ts'

/** An object of a named class (AMF0 §2.18). The name is data: nothing is ever looked up or constructed by it. */
export class TypedObject {
  /** The class alias the sender registered. */
  readonly className: string
  /** The members; kept, not copied. */
  readonly properties: AmfObject

  constructor(className: string, properties: AmfObject) {
    this.className = className
    this.properties = properties
  }
}
