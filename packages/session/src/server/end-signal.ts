/** One error for all signals: an error with its stack for every connection that ends would be expensive. */
const reason = new Error('the connection has ended')
reason.name = 'AbortError'

/** An AbortSignal that is made only when somebody asks for it: for most connections nobody does. */
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
