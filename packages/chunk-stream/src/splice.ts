import type { Duplex } from 'node:stream'
import { finished } from 'readable-stream'

/** What a {@link Splice} tells. */
export interface SpliceEvents<T> {
  /** Something came out. */
  item(item: T): void
  /** Everything came out after {@link Splice.end}. */
  end(): void
  /** It takes more again, after {@link Splice.write} returned false. */
  drain(): void
  error(error: Error): void
}

/** A path of one or more Transforms. */
export class Splice<T> {
  readonly #stages: readonly [Duplex, ...Duplex[]]

  constructor(stages: readonly [Duplex, ...Duplex[]], events: SpliceEvents<T>) {
    this.#stages = stages
    stages.forEach((stage, index) => {
      const next = stages[index + 1]
      if (next !== undefined) stage.pipe(next)
      finished(stage as Parameters<typeof finished>[0], { writable: false }, error => {
        if (error) events.error(error)
        else if (next === undefined) events.end()
      })
    })
    stages[0].on('drain', () => events.drain())
    stages.at(-1)?.on('data', (item: T) => events.item(item))
  }

  /** @returns false when it is better to wait for `drain` */
  write(item: T): boolean {
    return this.#stages[0].write(item)
  }

  end(): void {
    this.#stages[0].end()
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
