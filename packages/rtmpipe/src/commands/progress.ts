import { Presets, SingleBar } from 'cli-progress'

/** Progress on a terminal: a bar where the end is known, else a line of what has passed; one summary line otherwise. */
export class Progress {
  readonly #what: string
  readonly #bar: SingleBar | undefined
  readonly #started = performance.now()
  #bytes = 0
  #timestamp = 0
  #first: number | undefined

  /** @param total bytes; undefined when nobody knows */
  constructor(what: string, total: number | undefined) {
    this.#what = what
    if (!process.stderr.isTTY) return
    const format =
      total === undefined
        ? `${what} | {time} | {size}`
        : `${what} {bar} {percentage}% | {time} | {size} | ETA {eta_formatted}`
    this.#bar = new SingleBar(
      // Narrow enough for all of the line on 80 columns.
      { format, stream: process.stderr, hideCursor: true, clearOnComplete: false, barsize: 28 },
      Presets.shades_classic,
    )
    this.#bar.start(total ?? 0, 0, this.#payload())
  }

  /** Bytes that have passed. */
  add(bytes: number): void {
    this.#bytes += bytes
    this.#bar?.update(this.#bytes, this.#payload())
  }

  /** Milliseconds of the media that have passed. */
  at(timestamp: number): void {
    this.#first ??= timestamp
    this.#timestamp = Math.max(this.#timestamp, (timestamp - this.#first) | 0)
    this.#bar?.update(this.#payload())
  }

  /** All has passed: the bar stays as it is, or the summary is written. */
  finish(): void {
    this.#bar?.update(this.#payload())
    this.stop()
    if (this.#bar !== undefined) return
    const { time, size } = this.#payload()
    const took = ((performance.now() - this.#started) / 1000).toFixed(1)
    process.stderr.write(`rtmpipe: ${this.#what} ended after ${took} s: ${time} of media, ${size}\n`)
  }

  /** Draws no more; what went wrong is written by somebody else. */
  stop(): void {
    this.#bar?.stop()
  }

  #payload(): { time: string; size: string } {
    const seconds = Math.floor(this.#timestamp / 1000)
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
    const time = [hours, minutes, seconds % 60].map(part => String(part).padStart(2, '0')).join(':')
    return { time, size: `${(this.#bytes / 1_000_000).toFixed(1)} MB` }
  }
}
