/** A track to be written. */
export interface OutputTrack {
  readonly kind: 'video' | 'audio'
  /** Units of time in a second. */
  readonly timescale: number
  /** The sample entry, a box. */
  readonly entry: Buffer
  /** Pixels; 0 of sound. */
  readonly width: number
  readonly height: number
}

/** A sample to be written; times in milliseconds. */
export interface OutputSample {
  readonly decodeTime: number
  readonly duration: number
  /** From decoding to showing; may be below zero. */
  readonly compositionOffset: number
  readonly isSync: boolean
  readonly data: Uint8Array
}

/**
 * Makes the bytes of a fragmented MP4 file, which are to be written one after the other. A file that ends after any of them is
 * a whole one.
 */
export interface Mp4Output {
  /** The beginning. */
  head(): Buffer
  /** A fragment. @param samples of each track, in the order of the tracks */
  fragment(samples: readonly (readonly OutputSample[])[]): Uint8Array[]
  /** The end, which says where fragments are. */
  index(): Buffer
}
