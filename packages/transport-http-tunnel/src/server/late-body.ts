import type { IncomingMessage } from 'node:http'

/** Milliseconds for what is left of a body. */
const PATIENCE = 10_000
/** Bytes of a body whose length was not declared. */
const MAX_LENGTH = 4 * 1024 * 1024

/** Reads what is left of a body that nobody needs. */
export class LateBody {
  readonly #body: IncomingMessage
  readonly #most: number
  readonly #done: () => void
  readonly #timer: NodeJS.Timeout
  #length = 0
  #isWhole = false

  /** `done` is called once: when the body is {@link isWhole} or {@link isTooLong}, has broken off or takes too long. */
  constructor(body: IncomingMessage, most: number = MAX_LENGTH, done: () => void) {
    this.#body = body
    this.#most = most
    this.#done = done
    this.#timer = setTimeout(this.#end, PATIENCE).unref()
    body.on('data', this.#count).once('end', this.#end).once('close', this.#end)
    body.resume()
  }

  /** All of it has been read. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  get isTooLong(): boolean {
    return this.#length > this.#most
  }

  readonly #count = (bytes: Buffer): void => {
    this.#length += bytes.length
    if (this.isTooLong) this.#end()
  }

  readonly #end = (): void => {
    clearTimeout(this.#timer)
    const body = this.#body
    body.off('data', this.#count).off('end', this.#end).off('close', this.#end)
    this.#isWhole = body.readableEnded && !this.isTooLong
    if (this.isTooLong) body.pause()
    this.#done()
  }
}
