/** What objects of one class have in common (AMF3 §3.12). */
export interface Traits {
  /** '' for an anonymous object. */
  readonly className: string
  /** The class reads and writes its objects itself. */
  readonly externalizable: boolean
  /** Objects may have members of their own. */
  readonly dynamic: boolean
  /** Names of the members that the class declares. */
  readonly sealed: readonly string[]
}
