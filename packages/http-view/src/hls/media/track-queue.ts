import type { OutputSample } from '@rtmpipe/plugins/mp4'

/** Bytes of a sample beside its media. */
const sampleCost = 64

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

  /** Bytes that those take that are ready. */
  get byteLength(): number {
    return this.#byteLength
  }

  /** When the newest ends, if it is as long as the one before. */
  get newestEnd(): number | undefined {
    return this.#newest && this.#newest.decodeTime + this.#step
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
    this.#byteLength = this.#ready.reduce((sum, sample) => sum + costOf(sample), 0)
    return taken
  }

  /** Takes those that begin at this time or later, the newest too. */
  takeFrom(time: number): OutputSample[] {
    const all = this.#newest === undefined ? this.#ready : [...this.#ready, this.#newest]
    const taken = all.filter(({ decodeTime }) => decodeTime >= time)
    if (taken.length > 0) this.#newest = undefined
    this.#ready = this.#ready.filter(({ decodeTime }) => decodeTime < time)
    this.#byteLength = this.#ready.reduce((sum, sample) => sum + costOf(sample), 0)
    return taken
  }

  #settle(end: number): void {
    const newest = this.#newest
    if (newest === undefined) return
    this.#newest = undefined
    this.#step = end - newest.decodeTime
    this.#ready.push({ ...newest, duration: this.#step })
    this.#byteLength += costOf(newest)
  }
}

function costOf({ data }: OutputSample): number {
  return data.length + sampleCost
}
