import type { Socket } from 'node:net'
import { carrierOf } from './carrier.ts'

/** Waiting requests from which on no more are read, and below which reading goes on. */
const MANY = 32
const FEW = 16

/** Stops reading from a client that pipelines faster than its requests are taken: TCP then holds it back. */
export class ReadPause {
  #latest: Socket | undefined
  readonly #paused = new Set<Socket>()
  #scheduled = false

  /** A request has come, and so many wait. */
  note(socket: Socket, waiting: number): void {
    this.#latest = socket
    if (waiting < MANY || this.#scheduled) return
    this.#scheduled = true
    // Reading a body resumes the socket in the next tick, and a pause before that would be lost.
    process.nextTick(this.#pause)
  }

  /** To be called when requests have been taken, with the number that still wait. */
  adjust(waiting: number): void {
    if (waiting < FEW) this.#resume()
    if (this.#latest !== undefined) this.note(this.#latest, waiting)
  }

  /** Reads on from everybody, for good. */
  end(): void {
    this.#latest = undefined
    this.#resume()
  }

  readonly #pause = (): void => {
    this.#scheduled = false
    const socket = this.#latest
    if (socket === undefined) return
    if (!this.#paused.has(socket)) {
      for (const paused of this.#paused) if (paused.destroyed) this.#paused.delete(paused)
      this.#paused.add(socket)
    }
    carrierOf(socket).pause()
  }

  #resume(): void {
    for (const socket of this.#paused) carrierOf(socket).resume()
    this.#paused.clear()
  }
}
