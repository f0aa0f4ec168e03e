import { Duplex } from 'readable-stream'
import { TunnelLimitError } from './errors.ts'

/** Bytes each side of the stream takes before it asks for patience. */
const HIGH_WATER_MARK = 256 * 1024

type Done = (error?: Error | null) => void

/**
 * The byte stream that HTTP bodies carry piecewise; knows nothing of HTTP. Its owner feeds it what came in bodies and
 * fetches from it what goes into bodies; a write counts in `writableLength` until it has been fetched in full.
 */
export class TunnelStream extends Duplex {
  readonly #limit: number
  readonly #wake: () => void
  #outgoing: readonly Buffer[] = []
  #index = 0
  #offset = 0
  #written: Done | undefined
  #final: Done | undefined
  #stalled = false

  /** `limit`: bytes it may hold in each direction. `wake`: called when there is something new for its owner to look at. */
  constructor(limit: number, wake: () => void) {
    super({ highWaterMark: HIGH_WATER_MARK })
    this.#limit = limit
    this.#wake = wake
  }

  /** There are bytes to fetch. */
  get pending(): boolean {
    return this.#written !== undefined
  }

  /** The reader of this stream does not keep up; what is fed now only adds to what it has before it. */
  get stalled(): boolean {
    return this.#stalled
  }

  /** `end()` was called and everything before it has been fetched: {@link TunnelStream.finish} is due. */
  get finishing(): boolean {
    return this.#final !== undefined
  }

  /** Nothing will come to be fetched any more. */
  get over(): boolean {
    return this.destroyed || this.writableFinished || this.finishing
  }

  /** There is room for so many bytes more in front of the reader. */
  hasRoomFor(length: number): boolean {
    return this.readableLength + length <= this.#limit
  }

  /** Hands bytes to the reader. Crossing the limit destroys the stream with {@link TunnelLimitError}. */
  feed(bytes: Buffer): void {
    if (this.destroyed || this.readableEnded) return
    if (!this.hasRoomFor(bytes.length)) this.#overflow('unread', this.readableLength + bytes.length)
    else this.#stalled = !this.push(bytes)
  }

  /** The peer will send nothing more. */
  feedEnd(): void {
    if (!this.destroyed) this.push(null)
  }

  /** Takes out up to `length` of the bytes written, in order. */
  fetch(length: number): Buffer[] {
    const fetched: Buffer[] = []
    let left = length
    while (left > 0 && this.#written !== undefined) {
      const chunk = this.#outgoing[this.#index]
      if (chunk === undefined) {
        this.#settle()
        continue
      }
      const end = Math.min(chunk.length, this.#offset + left)
      fetched.push(this.#offset === 0 && end === chunk.length ? chunk : chunk.subarray(this.#offset, end))
      left -= end - this.#offset
      this.#offset = end
      if (end < chunk.length) break
      this.#index += 1
      this.#offset = 0
    }
    if (this.#written !== undefined && this.#index === this.#outgoing.length) this.#settle()
    return fetched
  }

  /** The peer has been told of `end()`. */
  finish(): void {
    const done = this.#final
    this.#final = undefined
    done?.()
  }

  /** Writing on with more than the limit waiting destroys the stream with {@link TunnelLimitError}. */
  override write(chunk: unknown, encoding?: string | Done, done?: Done): boolean {
    if (this.writableLength > this.#limit) this.#overflow('not fetched by the peer', this.writableLength)
    // Behind a write that has not been fetched it does not get as far as _write.
    if (this.pending) this.#wake()
    return typeof encoding === 'function' ? super.write(chunk, encoding) : super.write(chunk, encoding, done)
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#offer([chunk], done)
  }

  override _writev(writes: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#offer(
      writes.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: Done): void {
    this.#final = done
    this.#wake()
  }

  override _read(): void {
    if (!this.#stalled) return
    this.#stalled = false
    this.#wake()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const written = this.#written
    this.#offer([], undefined)
    this.#final = undefined
    // As with sockets the write under way counts as done unless there is an error; those behind it fail.
    written?.(error)
    done(error)
  }

  #offer(chunks: readonly Buffer[], written: Done | undefined): void {
    this.#outgoing = chunks
    this.#index = 0
    this.#offset = 0
    this.#written = written
    this.#wake()
  }

  /** All of a write has been fetched; what was written meanwhile follows within this call. */
  #settle(): void {
    const written = this.#written
    this.#written = undefined
    this.#outgoing = []
    written?.()
  }

  #overflow(what: string, length: number): void {
    if (this.destroyed) return
    const message = `${length} bytes ${what} exceed ${this.#limit}`
    this.destroy(new TunnelLimitError('RTMP_ERR_TUNNEL_BUFFER', message))
  }
}
