import type { Duplex } from 'node:stream'
import { finished } from 'readable-stream'

/** What a {@link Splice} tells. */
export interface SpliceEvents<T> {
  /** Something came out. */
  item(item: T): void
  /** Everything came out after {@link Splice.end}. */
  end(): void
  /** It takes more again, after {@link Splice.write} had said no. */
  drain(): void
  error(error: Error): void
}

/**
 * A place in a path where Transforms may stand. Without any, what goes in comes out at once and costs nothing: most
 * connections have none, and a stream takes some kilobytes.
 */
export class Splice<T> {
  readonly #stages: readonly Duplex[]
  readonly #events: SpliceEvents<T>

  constructor(stages: readonly Duplex[], events: SpliceEvents<T>) {
    this.#stages = stages
    this.#events = events
    stages.forEach((stage, index) => {
      const next = stages[index + 1]
      if (next !== undefined) stage.pipe(next)
      finished(stage as Parameters<typeof finished>[0], { writable: false }, error => {
        if (error) events.error(error)
        else if (next === undefined) events.end()
      })
    })
    stages[0]?.on('drain', () => events.drain())
    stages.at(-1)?.on('data', (item: T) => events.item(item))
  }

  /** @returns false when it is better to wait for `drain` */
  write(item: T): boolean {
    const [first] = this.#stages
    if (first !== undefined) return first.write(item)
    this.#events.item(item)
    return true
  }

  end(): void {
    const [first] = this.#stages
    if (first === undefined) this.#events.end()
    else first.end()
  }

  pause(): void {
    this.#stages.at(-1)?.pause()
  }

  resume(): void {
    this.#stages.at(-1)?.resume()
  }

  destroy(): void {
    for (const stage of this.#stages) stage.destroy()
  }
}
