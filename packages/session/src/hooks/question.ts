/** A question to a plugin, which waits for its answer until a deadline has passed or the client has left. */
export class Question {
  readonly #client: { readonly signal: AbortSignal }
  #deadline: AbortController | undefined
  #signal: AbortSignal | undefined

  constructor(client: { readonly signal: AbortSignal }) {
    this.#client = client
  }

  /** Aborted when the client leaves or the deadline has passed. */
  get signal(): AbortSignal {
    this.#deadline ??= new AbortController()
    this.#signal ??= AbortSignal.any([this.#deadline.signal, this.#client.signal])
    return this.#signal
  }

  /**
   * @param late given an answer that comes after the wait for it
   * @throws what the answer rejects with, an error when `milliseconds` have passed or the client has left
   */
  async inTime<T>(answer: PromiseLike<T>, milliseconds: number, late: (answer: T) => void = () => {}): Promise<T> {
    const { signal } = this
    const overrun = `no answer within ${milliseconds} ms`
    const timer = setTimeout(() => this.#deadline?.abort(new DOMException(overrun, 'TimeoutError')), milliseconds)
    let onAbort: () => void = () => {}
    try {
      const noAnswer = new Promise<never>((_resolve, reject) => {
        onAbort = () => reject(new Error(this.#deadline?.signal.aborted ? overrun : 'the client has left'))
        if (signal.aborted) onAbort()
        else signal.addEventListener('abort', onAbort, { once: true })
      })
      return await Promise.race([answer, noAnswer])
    } catch (error) {
      answer.then(late, () => {})
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }
}
