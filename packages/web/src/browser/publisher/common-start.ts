/** Milliseconds to wait for the other kind: a microphone may take a second to begin, a still screen sends no picture. */
const patience = 2_000
/** Sound that began so much earlier than the picture belongs to it: half of what a packet holds. */
const early = 10

/** Pictures or sound. */
export type MediaKind = 'video' | 'audio'

/**
 * Where time begins, for pictures and sound alike: at the first picture for which there is sound. Gives timestamps from
 * there, which never go back. Milliseconds of the page's clock everywhere.
 */
export class CommonStart {
  readonly #wanted: ReadonlySet<MediaKind>
  /** When each kind came first. */
  readonly #since = new Map<MediaKind, number>()
  readonly #last = { video: -1, audio: -1 }
  #zero: number | undefined

  /** @param wanted kinds that there will be */
  constructor(wanted: Iterable<MediaKind>) {
    this.#wanted = new Set(wanted)
  }

  /** True once time has begun. */
  get hasBegun(): boolean {
    return this.#zero !== undefined
  }

  /** Something of that time has come in. True if it may be encoded: pictures before the start are of no use. */
  takes(kind: MediaKind, time: number): boolean {
    if (this.#zero !== undefined) return true
    if (!this.#since.has(kind)) this.#since.set(kind, time)
    const isAll = [...this.#wanted].every(each => this.#since.has(each))
    const isLate = time - (this.#since.get(kind) ?? time) >= patience
    // With both, a picture has to be the first: what comes before it can't be shown.
    if (isLate || (isAll && (kind === 'video' || !this.#wanted.has('video')))) this.#zero = time
    return this.#zero !== undefined || kind === 'audio'
  }

  /** Timestamp for the stream. Undefined for what was before the start. */
  timestampOf(kind: MediaKind, time: number): number | undefined {
    if (this.#zero === undefined || time < this.#zero - (kind === 'audio' ? early : patience)) return undefined
    this.#last[kind] = Math.max(Math.floor(time - this.#zero), this.#last[kind] + 1)
    return this.#last[kind]
  }
}
