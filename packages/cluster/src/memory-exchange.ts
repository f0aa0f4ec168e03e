import type { Exchange } from './exchange.ts'

type Take = Parameters<Exchange['serve']>[1]

/** Who answers in one process, by name. */
export class MemoryNames extends Map<string, Take> {}

/** Questions between the memory fabrics of a hub. */
export class MemoryExchange implements Exchange {
  readonly #names: MemoryNames
  readonly #own = new Map<string, Take>()
  readonly #asked = new Set<NodeJS.Immediate>()

  constructor(names: MemoryNames) {
    this.#names = names
  }

  serve(name: string, take: Take): () => void {
    this.#names.set(name, take)
    this.#own.set(name, take)
    return () => this.#forget(name, take)
  }

  ask(name: string, question: Uint8Array, take: (answer: Buffer | undefined) => void): () => void {
    let isWanted = true
    const give = (answer: Buffer | undefined): void => {
      if (isWanted) take(answer)
      isWanted = false
    }
    const asked = Buffer.from(question)
    const sent = setImmediate(() => {
      this.#asked.delete(sent)
      const served = this.#names.get(name)
      if (served === undefined) give(undefined)
      else served(asked, bytes => void setImmediate(give, Buffer.from(bytes)))
    })
    this.#asked.add(sent)
    return () => void (isWanted = false)
  }

  /** What it has asked goes nowhere any more, and its names are free. */
  close(): void {
    for (const [name, take] of this.#own) this.#forget(name, take)
    for (const sent of this.#asked) clearImmediate(sent)
    this.#asked.clear()
  }

  #forget(name: string, take: Take): void {
    this.#own.delete(name)
    if (this.#names.get(name) === take) this.#names.delete(name)
  }
}
