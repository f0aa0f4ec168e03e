import type { WorkerLine } from '@rtmpipe/cluster'
import type { ColleagueMessage } from './messages.ts'

/** Nobody waits longer for a worker that hangs. Milliseconds. */
const patience = 2_000

type Line = WorkerLine<ColleagueMessage, ColleagueMessage>

interface Asked {
  readonly waitsFor: Set<Line>
  readonly answers: unknown[]
  done(): void
}

/** Connects workers that ask each other, in the process that started them. */
export class Switchboard {
  readonly #lines = new Map<Line, number>()
  readonly #asked = new Map<number, Asked>()
  readonly #answer: (topic: string, question: unknown) => Promise<unknown>
  readonly #patience: number
  #requests = 0

  /** @param answer answers what this process itself is asked */
  constructor(answer: (topic: string, question: unknown) => Promise<unknown>, milliseconds: number = patience) {
    this.#answer = answer
    this.#patience = milliseconds
  }

  /** Serves a worker. @param slot its number: the first has 0, and is told news */
  add(line: Line, slot: number): void {
    this.#lines.set(line, slot)
    line.onMessage(message => {
      // The last words of a worker may come after its end.
      if (this.#lines.has(line)) this.#take(line, message)
    })
  }

  /** A worker is gone: nobody waits for it any more. */
  remove(line: Line): void {
    const slot = this.#lines.get(line)
    this.#lines.delete(line)
    for (const asked of this.#asked.values()) if (asked.waitsFor.delete(line) && asked.waitsFor.size === 0) asked.done()
    if (slot !== undefined) this.#tellFirst({ type: 'news', topic: 'lost', news: slot })
  }

  #take(line: Line, message: ColleagueMessage): void {
    if (message.type === 'ask') void this.#ask(line, message)
    else if (message.type === 'news') this.#tellFirst(message)
    else if (message.type === 'answer') {
      const asked = this.#asked.get(message.request)
      if (asked?.waitsFor.delete(line) !== true) return
      if (message.answer !== undefined) asked.answers.push(message.answer)
      if (asked.waitsFor.size === 0) asked.done()
    }
  }

  async #ask(
    line: Line,
    { request, topic, whom, question }: Extract<ColleagueMessage, { readonly type: 'ask' }>,
  ): Promise<void> {
    const answers =
      whom === 'primary' ? [await this.#answer(topic, question)] : await this.#askOthers(line, topic, question)
    line.send({ type: 'answers', request, answers })
  }

  #askOthers(line: Line, topic: string, question: unknown): Promise<readonly unknown[]> {
    const waitsFor = new Set([...this.#lines.keys()].filter(other => other !== line))
    const request = ++this.#requests
    const answers: unknown[] = []
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.#asked.delete(request)
        resolve(answers)
      }
      const timer = setTimeout(done, this.#patience)
      this.#asked.set(request, { waitsFor, answers, done })
      for (const other of waitsFor) other.send({ type: 'ask', request, topic, whom: 'others', question })
      if (waitsFor.size === 0) done()
    })
  }

  #tellFirst(message: ColleagueMessage): void {
    for (const [line, slot] of this.#lines) if (slot === 0) line.send(message)
  }
}
