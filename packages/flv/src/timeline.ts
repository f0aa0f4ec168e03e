/** How long media last: to the end of the last frame, which is taken to be as long as the one before. Milliseconds. */
export class Timeline {
  readonly #tracks = new Map<string, { last: number; step: number }>()
  #duration = 0

  /** Milliseconds from 0 to the end of the last frame of all tracks; 0 when there is none. */
  get duration(): number {
    return this.#duration
  }

  /** The next frame of a track. Returns how long it may be. */
  add(track: string, time: number): number {
    const known = this.#tracks.get(track)
    const step = known === undefined ? 0 : time - known.last || known.step
    this.#tracks.set(track, { last: time, step })
    this.#duration = Math.max(this.#duration, time + step)
    return step
  }
}
