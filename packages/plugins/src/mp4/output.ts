/** A track to be written. */
export interface OutputTrack {
  /** Whether it is pictures or sound. */
  readonly kind: 'video' | 'audio'
  /** Units of time in a second. */
  readonly timescale: number
  /** The sample entry, a box. */
  readonly entry: Buffer
  /** Pixels; 0 of sound. */
  readonly width: number
  /** Pixels as they are shown; 0 of sound. */
  readonly height: number
}

/** A sample to be written; times in milliseconds. */
export interface OutputSample {
  /** Milliseconds, when it is decoded. */
  readonly decodeTime: number
  /** Milliseconds, up to the next sample. */
  readonly duration: number
  /** From decoding to showing; may be below zero. */
  readonly compositionOffset: number
  /** Whether decoding can begin with it. */
  readonly isSync: boolean
  /** The frame as MP4 has it. */
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
