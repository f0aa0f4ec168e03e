import { boxHead, fullBox, box, uint32 } from './box.ts'
import { EntryList } from './entry-list.ts'
import { FragmentBoxes } from './fragment-boxes.ts'
import type { Mp4Output, OutputSample, OutputTrack } from './output.ts'

/** Entries in the index of a file; the tracks have equal parts of it. */
const maxEntries = 65_536

/** A file of fragments, whose index says where they are. */
export class FragmentWriter implements Mp4Output {
  readonly #boxes: FragmentBoxes
  readonly #entries: readonly EntryList[]
  #position = 0

  /** @param tracks get the ids 1, 2, … */
  constructor(tracks: readonly OutputTrack[]) {
    this.#boxes = new FragmentBoxes(tracks)
    const capacity = Math.max(2, 2 * Math.floor(maxEntries / 2 / tracks.length))
    this.#entries = tracks.map(() => new EntryList(capacity))
  }

  head(): Buffer {
    const head = this.#boxes.head()
    this.#position += head.length
    return head
  }

  fragment(samples: readonly (readonly OutputSample[])[]): Uint8Array[] {
    const used = [...samples.entries()].filter(([, { length }]) => length > 0)
    for (const [place, [track, own]] of used.entries()) this.#note(track, place + 1, own)
    const parts = this.#boxes.fragment(samples)
    this.#position += parts.reduce((sum, { length }) => sum + length, 0)
    return parts
  }

  index(): Buffer {
    // Numbers of fragment, run and sample have four bytes each.
    const tables = this.#entries.map((entries, place) =>
      fullBox('tfra', 1, 0, uint32(place + 1, 0x3f, entries.length), entries.rows()),
    )
    const size = tables.reduce((sum, { length }) => sum + length, 2 * boxHead + 8)
    return box('mfra', ...tables, fullBox('mfro', 0, 0, uint32(size)))
  }

  /** The first sample of a fragment that can be entered, if it has one. */
  #note(track: number, place: number, samples: readonly OutputSample[]): void {
    const first = samples.findIndex(({ isSync }) => isSync)
    const sample = samples[first]
    if (sample === undefined) return
    const time = Math.max(0, this.#boxes.units(track, sample.decodeTime + sample.compositionOffset))
    this.#entries[track]?.add({ time, position: this.#position, place, sample: first + 1 })
  }
}
