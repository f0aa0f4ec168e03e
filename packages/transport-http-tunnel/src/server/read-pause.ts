import type { Socket } from 'node:net'

/** Waiting requests from which on no more are read, and below which reading goes on. */
const MANY = 32
const FEW = 16

/** Stops reading from a client that pipelines faster than its requests are taken: TCP then holds it back. */
export class ReadPause {
  #latest: Socket | undefined
  #paused: Socket | undefined
  #scheduled = false

  /** The connection of the latest request. */
  note(socket: Socket): void {
    this.#latest = socket
  }

  /** To be called when requests have been taken, with the number that still wait. */
  adjust(waiting: number): void {
    if (waiting < FEW) this.#resume()
    if (waiting < MANY || this.#scheduled) return
    this.#scheduled = true
    // Reading a body resumes the socket in the next tick, and a pause before that would be lost.
    process.nextTick(this.#pause)
  }

  readonly #pause = (): void => {
    this.#scheduled = false
    this.#paused = this.#latest?.pause()
  }

  #resume(): void {
    // With answers waiting to leave Node may have paused it too, and must be the first to go on.
    if (this.#paused === undefined || this.#paused.writableNeedDrain) return
    this.#paused.resume()
    this.#paused = undefined
  }
}
