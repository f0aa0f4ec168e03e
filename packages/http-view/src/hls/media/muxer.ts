import type { OutputSample } from '@rtmpipe/plugins/mp4'

/** Packs samples of some tracks, which do not change. */
export interface Muxer {
  /** What comes before everything else; undefined where media need no such thing. */
  readonly init: Buffer | undefined
  /**
   * Bytes of some samples, one after the other.
   *
   * @param samples of each track, in the order of the tracks
   * @param isFirst true at the beginning of a segment
   */
  mux(samples: readonly (readonly OutputSample[])[], isFirst: boolean): Buffer
}
