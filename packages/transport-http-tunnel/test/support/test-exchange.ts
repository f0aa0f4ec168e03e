import type { Exchange } from '../../src/server/exchange/exchange.ts'

type Take = Parameters<Exchange['serve']>[1]

/** Names that answer in this process, with faults. */
export class TestExchange implements Exchange {
  readonly names = new Map<string, Take>()
  readonly questions: Buffer[] = []
  /** Asked of each question: whether it gets lost. */
  losesQuestion: (index: number) => boolean = () => false
  /** And of each answer. */
  losesAnswer: (index: number, bytes: Uint8Array) => boolean = () => false
  #answers = 0

  serve(name: string, take: Take): () => void {
    this.names.set(name, take)
    return () => void this.names.delete(name)
  }

  ask(name: string, question: Uint8Array, take: (answer: Buffer | undefined) => void): () => void {
    let isWanted = true
    const give = (answer: Buffer | undefined): void => {
      if (isWanted) take(answer)
      isWanted = false
    }
    const sent = Buffer.from(question)
    const index = this.questions.push(sent) - 1
    setImmediate(() => {
      if (this.losesQuestion(index)) return
      const served = this.names.get(name)
      if (served === undefined) give(undefined)
      else
        served(sent, bytes => {
          if (!this.losesAnswer(this.#answers++, bytes)) setImmediate(give, Buffer.from(bytes))
        })
    })
    return () => void (isWanted = false)
  }
}
