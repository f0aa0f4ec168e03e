/** A part of a segment, as it is sent. */
export interface Part {
  readonly name: string
  /** Milliseconds. */
  readonly duration: number
  /** Whether decoding can begin in it. */
  readonly isIndependent: boolean
  /** Bytes; when the segment is complete, a piece of its own. */
  body: Buffer
}
