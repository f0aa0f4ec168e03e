/** A question to a plugin, which waits for its answer until a deadline has passed or the client has left. */
export class Question {
  readonly #client: { readonly signal: AbortSignal }
  #deadline: AbortController | undefined
  #signal: AbortSignal | undefined
  /** Why there was no answer in time. */
  #overrun: DOMException | undefined

  constructor(client: { readonly signal: AbortSignal }) {
    this.#client = client
  }

  /** Aborted when the client leaves or the deadline has passed. Made when it is asked for: most plugins do not. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      this.#deadline = new AbortController()
      this.#signal = AbortSignal.any([this.#deadline.signal, this.#client.signal])
      if (this.#overrun !== undefined) this.#deadline.abort(this.#overrun)
    }
    return this.#signal
  }

  /**
   * @param late given an answer that comes after the wait for it
   * @throws what the answer rejects with, an error when `milliseconds` have passed or the client has left
   */
  async inTime<T>(answer: PromiseLike<T>, milliseconds: number, late: (answer: T) => void = () => {}): Promise<T> {
    const { signal } = this.#client
    let timer: NodeJS.Timeout | undefined
    let onAbort: () => void = () => {}
    try {
      const noAnswer = new Promise<never>((_resolve, reject) => {
        onAbort = () => reject(new Error('the client has left'))
        if (signal.aborted) return onAbort()
        signal.addEventListener('abort', onAbort, { once: true })
        timer = setTimeout(() => reject(this.#isLate(milliseconds)), milliseconds)
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

  #isLate(milliseconds: number): Error {
    const overrun = `no answer within ${milliseconds} ms`
    this.#overrun = new DOMException(overrun, 'TimeoutError')
    this.#deadline?.abort(this.#overrun)
    return new Error(overrun)
  }
}
