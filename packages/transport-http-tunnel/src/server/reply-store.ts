/** The last two replies of a session: a client whose connection broke asks for them again. */
export class ReplyStore {
  #last: { readonly sequence: number; readonly body: Buffer } | undefined
  #before: { readonly sequence: number; readonly body: Buffer } | undefined

  keep(sequence: number, body: Buffer): void {
    this.#before = this.#last
    this.#last = { sequence, body }
  }

  clear(): void {
    this.#last = undefined
    this.#before = undefined
  }

  get(sequence: number): Buffer | undefined {
    if (this.#last?.sequence === sequence) return this.#last.body
    return this.#before?.sequence === sequence ? this.#before.body : undefined
  }
}
