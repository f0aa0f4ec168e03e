import type { AmfObject } from './value.ts'

/** An object of a named class (AMF0 §2.18, AMF3 §3.12). The name is data: nothing is ever looked up or constructed by it. */
export class TypedObject {
  /** The class alias the sender registered. */
  readonly className: string
  /** The members; kept, not copied. */
  readonly properties: AmfObject
  /**
   * AMF3 only. Undefined when the class declares all members (a sealed class); else the class is dynamic, these are the
   * names it declares, and all other members are the object's own.
   */
  readonly sealed: readonly string[] | undefined

  constructor(className: string, properties: AmfObject, sealed?: readonly string[]) {
    this.className = className
    this.properties = properties
    this.sealed = sealed
  }
}
