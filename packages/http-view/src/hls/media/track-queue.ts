import type { OutputSample } from '@rtmpipe/plugins/mp4'

/** Samples of a track on their way into a part. The newest waits for the next one, which tells how long it is. */
export class TrackQueue {
  #ready: OutputSample[] = []
  #newest: OutputSample | undefined
  #step = 0
  #byteLength = 0

  /** Those whose duration is known. */
  get ready(): readonly OutputSample[] {
    return this.#ready
  }

  /** Bytes of those that are ready. */
  get byteLength(): number {
    return this.#byteLength
  }

  /** When the newest began. */
  get newestTime(): number | undefined {
    return this.#newest?.decodeTime
  }

  add(sample: OutputSample): void {
    this.#settle(sample.decodeTime)
    this.#newest = sample
  }

  /** No sample follows the newest: it is taken to be as long as the one before. */
  finish(): void {
    if (this.#newest !== undefined) this.#settle(this.#newest.decodeTime + this.#step)
  }

  /** Takes those that are ready, or all but the last of them. */
  take(but = 0): OutputSample[] {
    const taken = but === 0 ? this.#ready : this.#ready.slice(0, -but)
    this.#ready = but === 0 ? [] : this.#ready.slice(-but)
    this.#byteLength = this.#ready.reduce((sum, { data }) => sum + data.length, 0)
    return taken
  }

  /** @returns the end of the last that is known to end */
  #settle(end: number): void {
    const newest = this.#newest
    if (newest === undefined) return
    this.#newest = undefined
    this.#step = end - newest.decodeTime
    this.#ready.push({ ...newest, duration: this.#step })
    this.#byteLength += newest.data.length
  }
}
