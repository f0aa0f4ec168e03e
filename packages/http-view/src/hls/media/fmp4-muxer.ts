import { FragmentBoxes, type OutputSample, type StreamTrack } from '@rtmpipe/plugins/mp4'
import type { Muxer } from './muxer.ts'

/** Fragmented MP4: a fragment for each part. */
export class Fmp4Muxer implements Muxer {
  readonly init: Buffer
  readonly #boxes: FragmentBoxes

  constructor(tracks: readonly StreamTrack[]) {
    this.#boxes = new FragmentBoxes(tracks.map(({ output }) => output))
    this.init = this.#boxes.head()
  }

  mux(samples: readonly (readonly OutputSample[])[]): Buffer {
    return Buffer.concat(this.#boxes.fragment(samples))
  }
}
