import type { Segment } from './segment.ts'

/** A file that is sent as it is. */
export interface StoredFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** Whose segments are in an archive, and can be dropped where there is no room. */
export interface Holder {
  /** Bytes of it in files. */
  readonly storedBytes: number
  /** Gives up the oldest of those files. @returns whether there was one */
  dropOldest(): boolean
}

/** Where segments go that are too old to be kept in memory. */
export interface Archive {
  /** Names whose segments are put there. */
  add(holder: Holder): void
  /**
   * Writes a segment.
   *
   * @param rendition what it is a segment of
   * @param done told whether it is there
   * @returns false where there is no room; then `done` is not called
   */
  put(rendition: string, segment: Segment, body: Buffer, done: (isStored: boolean) => void): boolean
  /** Removes a segment, which may be on its way. */
  remove(name: string): void
  /** Where a segment is. */
  fileOf(name: string): string
}
