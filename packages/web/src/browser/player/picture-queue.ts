/** Something that holds memory until it is closed, as a VideoFrame does. */
export interface Picture {
  close(): void
}

/** Pictures that may wait: some decoders have no more of their own. */
const most = 40

/** Pictures that wait for their time. All that are not handed out are closed: too many, too late, or too old to be shown. */
export class PictureQueue<Shown extends Picture> {
  #waiting: { readonly time: number; readonly picture: Shown }[] = []
  #dropped = 0

  /** How many were closed without being shown. */
  get dropped(): number {
    return this.#dropped
  }

  get length(): number {
    return this.#waiting.length
  }

  /** @param time milliseconds, when it is to be shown; pictures may come in another order */
  add(picture: Shown, time: number): void {
    const place = this.#waiting.findLastIndex(each => each.time <= time) + 1
    this.#waiting.splice(place, 0, { time, picture })
    if (this.#waiting.length > most) this.#drop(1)
  }

  /** The newest whose time has come; whoever takes it closes it. @param time milliseconds; the very newest by default */
  take(time: number = Number.POSITIVE_INFINITY): Shown | undefined {
    const place = this.#waiting.findLastIndex(each => each.time <= time)
    if (place < 0) return undefined
    this.#drop(place)
    return this.#waiting.shift()?.picture
  }

  /** Closes all. */
  clear(): void {
    this.#drop(this.#waiting.length)
  }

  #drop(count: number): void {
    for (const { picture } of this.#waiting.splice(0, count)) picture.close()
    this.#dropped += count
  }
}
