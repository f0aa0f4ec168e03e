import type { Duplex } from 'node:stream'
import { peek, type Spoken, whatIs } from '@rtmpipe/net'
import { OnePortError } from './errors.ts'

/** Told once: what came, or why that is not known. */
export type Decided = (error: OnePortError | undefined, spoken: Spoken) => void

/** Connections that have not told yet what they are: for how long, and how many. */
export class Undecided {
  readonly #timeout: number
  readonly #limit: number
  /** Oldest first. */
  readonly #waiting = new Set<(error?: OnePortError) => void>()

  /** @param timeout in milliseconds */
  constructor(timeout: number, limit: number) {
    this.#timeout = timeout
    this.#limit = limit
  }

  get size(): number {
    return this.#waiting.size
  }

  /**
   * Waits for the first bytes of a stream, which are there to be read afterwards. With an error the stream is destroyed. One
   * that ends before is destroyed without a word: port scans and health checks do that.
   */
  wait(stream: Duplex, decided: Decided): void {
    if (this.#waiting.size >= this.#limit) this.#giveUpOldest()
    const leave = (): void => {
      clearTimeout(timer)
      this.#waiting.delete(giveUp)
    }
    const giveUp = (error?: OnePortError): void => {
      stop()
      leave()
      stream.destroy()
      if (error !== undefined) decided(error, 'other')
    }
    const timer = setTimeout(() => {
      const message = `nothing came within ${this.#timeout} ms that tells what the connection is for`
      giveUp(new OnePortError('RTMP_ERR_FIRST_BYTES_TIMEOUT', message))
    }, this.#timeout)
    this.#waiting.add(giveUp)
    const stop = peek(stream, whatIs, spoken => {
      leave()
      if (spoken === undefined || stream.destroyed) stream.destroy()
      else decided(undefined, spoken)
    })
  }

  /** Ends them all. */
  close(): void {
    for (const giveUp of this.#waiting) giveUp()
  }

  /** The oldest has had the longest: who says nothing makes room for those that do. */
  #giveUpOldest(): void {
    const [oldest] = this.#waiting
    const message = `more than ${this.#limit} connections have not told what they are for`
    oldest?.(new OnePortError('RTMP_ERR_FIRST_BYTES_LIMIT', message))
  }
}
