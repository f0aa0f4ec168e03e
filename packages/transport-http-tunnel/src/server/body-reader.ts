import type { PostBody } from './post.ts'

/** Reads a request body piece by piece, only as fast as it is asked to: what is left stays in the connection. */
export class BodyReader {
  readonly #body: PostBody
  readonly #wake: () => void
  #skip: number
  #received = 0
  #watching = false

  /** Leaves out the first `skip` bytes. `wake` is called when there may be more after {@link BodyReader.read} had none. */
  constructor(body: PostBody, skip: number, wake: () => void) {
    this.#body = body
    this.#skip = skip
    this.#wake = wake
  }

  /** Bytes that have come, the ones left out included. */
  get received(): number {
    return this.#received
  }

  /** Everything has been read. */
  get finished(): boolean {
    return this.#body.readableEnded || (this.#body.complete && this.#body.readableLength === 0)
  }

  /** The connection broke before everything had come. */
  get broken(): boolean {
    return !this.finished && (this.#body.destroyed || this.#body.socket.destroyed)
  }

  /** The next bytes; undefined when there are none at the moment. */
  read(): Buffer | undefined {
    for (;;) {
      const bytes = this.#body.read() as Buffer | null
      if (bytes === null) {
        if (!this.finished) this.#watch()
        return undefined
      }
      this.#received += bytes.length
      const skipped = Math.min(this.#skip, bytes.length)
      this.#skip -= skipped
      if (skipped < bytes.length) return bytes.subarray(skipped)
    }
  }

  /** Most bodies are there in full when they are first looked at: listeners are only for the others. */
  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#body.on('readable', this.#wake).on('end', this.#wake).on('close', this.#wake)
  }

  /** Leaves the body alone. */
  release(): void {
    if (!this.#watching) return
    this.#watching = false
    this.#body.off('readable', this.#wake).off('end', this.#wake).off('close', this.#wake)
  }
}
