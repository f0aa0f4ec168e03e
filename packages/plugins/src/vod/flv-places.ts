import { KeyframeList } from '@rtmpipe/flv'

/** Most places in a list; of more, every second one is left out. */
const capacity = 65_536

/** Where playing can begin. */
export interface Place {
  /** Of a tag, bytes from the beginning of the file. */
  readonly position: number
  /** Milliseconds. */
  readonly time: number
}

/** Where playing can begin in an FLV file, ascending in position and in time. */
export class FlvPlaces {
  readonly #list = new KeyframeList(capacity)
  /** The newest, until the one after it has shown that its time is no slip. */
  #pending: Place | undefined
  #lastTime = -Infinity

  /** Milliseconds, up to which every place is known. */
  get lastTime(): number {
    return this.#lastTime
  }

  /** Takes the next place in the file. One that steps back in time, and one from the future, are left out. */
  add(place: Place): void {
    if (place.time < this.#lastTime) return
    if (this.#pending !== undefined && this.#pending.time <= place.time) this.end()
    this.#pending = place
  }

  /** No more places. */
  end(): void {
    if (this.#pending === undefined) return
    this.#list.add(this.#pending.position, this.#pending.time)
    this.#lastTime = this.#pending.time
    this.#pending = undefined
  }

  /** The last one at a time or before; undefined if there is none. */
  at(time: number): Place | undefined {
    const { positions, times } = this.#list
    let [low, high] = [0, times.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((times[middle] ?? 0) <= time) low = middle + 1
      else high = middle
    }
    const [position, found] = [positions[low - 1], times[low - 1]]
    return position === undefined || found === undefined ? undefined : { position, time: found }
  }
}
