import type { Socket } from 'node:net'

/** Waiting requests from which on no more are read, and below which reading goes on. */
const MANY = 32
const FEW = 16

/** Stops reading from a client that pipelines faster than its requests are taken: TCP then holds it back. */
export class ReadPause {
  #latest: Socket | undefined
  #paused: Socket | undefined
  #waiting = 0
  #scheduled = false

  /** To be called whenever the number of waiting requests has changed; `socket` is where one came from. */
  adjust(waiting: number, socket: Socket | undefined = this.#latest): void {
    this.#latest = socket
    this.#waiting = waiting
    if (waiting < FEW) this.#resume()
    if (waiting < MANY || this.#scheduled) return
    this.#scheduled = true
    // Node resumes the socket in the next tick after each request it has parsed and each body that is read.
    process.nextTick(() => process.nextTick(this.#pause))
  }

  end(): void {
    this.adjust(0)
  }

  readonly #pause = (): void => {
    this.#scheduled = false
    if (this.#waiting >= MANY) this.#paused = this.#latest?.pause()
  }

  #resume(): void {
    // With answers waiting to leave Node may have paused it too, and must be the first to go on.
    if (this.#paused === undefined || this.#paused.writableNeedDrain) return
    this.#paused.resume()
    this.#paused = undefined
  }
}
