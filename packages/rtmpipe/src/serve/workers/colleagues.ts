import type { WorkerLine } from '@rtmpipe/cluster'
import type { ColleagueMessage } from './messages.ts'

/** What a worker answers when it is asked. */
type Answerer = (question: unknown) => Promise<unknown>

/** A worker's way to the other workers, through the primary: to ask them, to answer them, and to tell the first of them. */
export class Colleagues {
  readonly #line: WorkerLine<ColleagueMessage, ColleagueMessage>
  readonly #waiting = new Map<number, (answers: readonly unknown[]) => void>()
  readonly #answerers = new Map<string, Answerer>()
  readonly #listeners = new Map<string, (news: unknown) => void>()
  #requests = 0

  constructor(line: WorkerLine<ColleagueMessage, ColleagueMessage>) {
    this.#line = line
    line.onMessage(message => this.#take(message))
  }

  /**
   * Asks all others. The primary answers in any case: those that do not in time, or die, are left out.
   *
   * @param whom `primary` is the process that started the workers
   */
  ask(topic: string, question: unknown, whom: 'others' | 'primary' = 'others'): Promise<readonly unknown[]> {
    const request = ++this.#requests
    return new Promise(resolve => {
      this.#waiting.set(request, resolve)
      this.#line.send({ type: 'ask', request, topic, whom, question })
    })
  }

  /** Answers what others ask. Before that, or when it fails, they go without an answer. */
  answer(topic: string, answer: Answerer): void {
    this.#answerers.set(topic, answer)
  }

  /** Tells the first worker. */
  tell(topic: string, news: unknown): void {
    this.#line.send({ type: 'news', topic, news })
  }

  /** Listens, in the first worker, to what others tell. */
  listen(topic: string, take: (news: unknown) => void): void {
    this.#listeners.set(topic, take)
  }

  #take(message: ColleagueMessage): void {
    if (message.type === 'answers') {
      this.#waiting.get(message.request)?.(message.answers)
      this.#waiting.delete(message.request)
    } else if (message.type === 'news') this.#listeners.get(message.topic)?.(message.news)
    else if (message.type === 'ask') void this.#answer(message.request, message.topic, message.question)
  }

  async #answer(request: number, topic: string, question: unknown): Promise<void> {
    try {
      const answer = await this.#answerers.get(topic)?.(question)
      this.#line.send({ type: 'answer', request, ...(answer !== undefined && { answer }) })
    } catch {
      this.#line.send({ type: 'answer', request })
    }
  }
}
