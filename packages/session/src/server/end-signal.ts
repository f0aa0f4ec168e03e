/** Shared by all signals: making one with its stack for every connection that ends is dear. */
const reason = new Error('the connection has ended')
reason.name = 'AbortError'

/** An AbortSignal that is made when somebody asks for it: most connections end unwatched. */
export class EndSignal {
  #controller: AbortController | undefined
  #ended = false

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#ended) this.#controller.abort(reason)
    }
    return this.#controller.signal
  }

  abort(): void {
    this.#ended = true
    this.#controller?.abort(reason)
  }
}
