import { replyMemory } from './reply-memory.ts'
import type { TurnKind } from './turn.ts'

interface Reply {
  readonly sequence: number
  readonly body: Buffer
}

/**
 * Replies that a client may ask for again, as its connection broke: the last two, and the last of each kind. A client with
 * one request of each kind under way goes on with one kind while it repeats the other. The memory of others is given back.
 */
export class ReplyStore {
  readonly #ofKind: { send?: Reply; idle?: Reply } = {}
  #last: Reply | undefined
  #before: Reply | undefined

  keep(kind: TurnKind, sequence: number, body: Buffer): void {
    const forgotten = [this.#before, this.#ofKind[kind]]
    this.#before = this.#last
    this.#last = { sequence, body }
    this.#ofKind[kind] = this.#last
    const all = this.#all
    for (const reply of new Set(forgotten)) {
      if (reply !== undefined && !all.includes(reply)) replyMemory.giveBack(reply.body)
    }
  }

  get(sequence: number): Buffer | undefined {
    return this.#all.find(reply => reply?.sequence === sequence)?.body
  }

  /** How many bytes are kept. */
  get length(): number {
    let length = 0
    for (const reply of new Set(this.#all)) length += reply?.body.length ?? 0
    return length
  }

  get #all(): readonly (Reply | undefined)[] {
    const { send, idle } = this.#ofKind
    return [this.#last, this.#before, send, idle]
  }
}
