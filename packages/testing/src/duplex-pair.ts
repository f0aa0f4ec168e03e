import type { Duplex as NodeDuplex } from 'node:stream'
import { Duplex } from 'readable-stream'

/** Options of {@link duplexPair}. */
export interface DuplexPairOptions {
  /** Bytes each end buffers in each direction before `write()` answers false. Default: Node's. */
  readonly highWaterMark?: number | undefined
  /**
   * False takes all that is written, whether the far end reads or not, as a WebSocket in a web page does. Default: an unread
   * byte holds the writer back.
   */
  readonly paces?: false
}

type Done = (error?: Error | null) => void

/**
 * Two byte streams, each the other's far end: a socket pair without sockets. As with sockets nothing arrives before
 * `write()` has returned, an unread byte holds the writer back, and `end()` closes one direction only. When one end is
 * destroyed, with or without an error, the other just closes: after it has read what was sent, if that was ended
 * properly, and at once if it was not. Chunks are handed over, not copied.
 */
export function duplexPair(options: DuplexPairOptions = {}): [NodeDuplex, NodeDuplex] {
  const left = new PairEnd(options)
  const right = new PairEnd(options)
  left.join(right)
  right.join(left)
  return [left, right]
}

class PairEnd extends Duplex {
  readonly #paces: boolean
  #far: PairEnd | undefined
  /** The far end's write, held until this end is read. */
  #heldWrite: Done | undefined

  constructor(options: DuplexPairOptions) {
    const { highWaterMark, paces } = options
    super(highWaterMark === undefined ? {} : { highWaterMark })
    this.#paces = paces !== false
  }

  join(far: PairEnd): void {
    this.#far = far
  }

  override _read(): void {
    this.#release()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    process.nextTick(() => {
      const far = this.#far
      if (far === undefined || far.destroyed) done(brokenPipe())
      else if (far.push(chunk) || !this.#paces) done()
      else far.#heldWrite = done
    })
  }

  override _final(done: Done): void {
    process.nextTick(() => {
      if (this.#far?.destroyed === false) this.#far.push(null)
      done()
    })
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const far = this.#far
    const cutShort = !this.readableEnded || !this.writableFinished
    if (far !== undefined && cutShort) {
      if (this.writableFinished && !far.readableEnded) far.once('end', () => far.destroy())
      else process.nextTick(() => far.destroy())
    }
    this.#release()
    done(error)
  }

  #release(): void {
    const done = this.#heldWrite
    this.#heldWrite = undefined
    if (done !== undefined) process.nextTick(done)
  }
}

/** What a socket says when its peer is gone. */
function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
}
