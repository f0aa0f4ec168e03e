/** A value in a {@link Store}. */
export interface StoreEntry {
  /** As it was written. */
  readonly value: Uint8Array
  /** Greater with each write to the store, of whatever key. */
  readonly revision: number
}

/**
 * A replicated map of small values with compare-and-set. Each method rejects with DirectoryDownError when there is no
 * answer in time; then it is not known whether the write was made.
 */
export interface Store {
  /** When it was made, seconds since 1970: revisions begin anew with it. */
  created(): Promise<number>
  /** @returns the revision; undefined when the key is there already */
  create(key: string, value: Uint8Array): Promise<number | undefined>
  /** Replaces the value if its revision is still that one. @returns the new revision; undefined when it is not */
  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined>
  /** Writes whatever is there. @returns the revision */
  put(key: string, value: Uint8Array): Promise<number>
  /** May be a little behind what others have written. */
  get(key: string): Promise<StoreEntry | undefined>
  /** All keys, which may be a little behind too. */
  keys(): Promise<readonly string[]>
  /**
   * Removes the key if its revision is still that one, and leaves nothing behind: names come and go for years, and a
   * mark for each that has been would fill the store. (In JetStream: a purge of the key's subject below revision + 1,
   * which writes no mark, unlike a delete; it removed one message or none.)
   *
   * @returns whether it was
   */
  remove(key: string, revision: number): Promise<boolean>
}

/** The maps of a cluster. */
export interface Stores {
  /** Who has which name: small, replicated, on disk. */
  readonly streams: Store
  /** Which nodes live; what is not written again is forgotten after a minute. */
  readonly nodes: Store
}
