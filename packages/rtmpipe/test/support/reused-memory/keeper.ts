import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import { Kind, type Mark, markOf } from './marked.ts'

const media: readonly number[] = [MessageType.Audio, MessageType.Video]

/** Keeps all media that it gets, and looks at them only at the end, when their memory would have been used again. */
export class Keeper {
  readonly name: string
  readonly #messages: RtmpMessage[] = []
  #wake: (() => void) | undefined
  /** What it was read from has closed. */
  #isClosed = false
  #failure: Error | undefined

  constructor(name: string) {
    this.name = name
  }

  /** Reads a stream of messages. */
  static of(name: string, messages: Readable): Keeper {
    const keeper = new Keeper(name)
    messages.on('data', (message: RtmpMessage) => keeper.take(message))
    messages.on('error', error => (keeper.#failure = error))
    messages.on('close', () => {
      keeper.#isClosed = true
      keeper.#wake?.()
    })
    return keeper
  }

  get length(): number {
    return this.#messages.length
  }

  /** Whether it has that payload by now. */
  holds({ payload }: RtmpMessage): boolean {
    return this.#messages.some(each => each.payload.equals(payload))
  }

  take(message: RtmpMessage): void {
    if (!media.includes(message.messageTypeId)) return
    this.#messages.push(message)
    this.#wake?.()
  }

  /** Resolves when all of these have come; rejects when they can't come any more, or one that came is damaged. */
  async has(...payloads: readonly RtmpMessage[]): Promise<void> {
    const missing = [...payloads]
    let seen = 0
    for (;;) {
      for (const message of this.#messages.slice(seen)) {
        if (markOf(message) === undefined) throw new Error(`${this.name}: a message is not what it was`)
        const index = missing.findIndex(each => each.payload.equals(message.payload))
        if (index >= 0) missing.splice(index, 1)
      }
      seen = this.#messages.length
      if (missing.length === 0) return
      if (this.#isClosed) throw new Error(`${this.name} has closed`, { cause: this.#failure })
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  /**
   * What is wrong: payloads that are not what they were, frames that are missing between two others, and frames that come
   * late.
   *
   * @param isWhole there was nobody before the first message: none is missing there either
   */
  faults(isWhole: boolean): string[] {
    const faults: string[] = []
    const next = new Map<string, number>()
    let publisher = -1
    for (const [place, message] of this.#messages.entries()) {
      const mark = markOf(message)
      const fault = mark === undefined ? 'is not what it was' : this.#misplaced(mark, publisher, next, isWhole)
      if (mark !== undefined) publisher = mark.publisher
      if (fault !== undefined)
        faults.push(`${this.name}: message ${place} of ${this.length}, ${JSON.stringify(mark)}, ${fault}`)
    }
    return faults
  }

  #misplaced(
    { publisher, kind, index }: Mark,
    last: number,
    next: Map<string, number>,
    isWhole: boolean,
  ): string | undefined {
    const key = `${publisher} ${kind}`
    const expected = next.get(key) ?? (isWhole ? 0 : index)
    next.set(key, index + 1)
    if (publisher < last) return 'is of a publisher that has left'
    // Headers may be repeated, and late players get the newest only.
    if (kind === Kind.AudioHeader || kind === Kind.VideoHeader) return index < expected - 1 ? 'comes late' : undefined
    return index === expected ? undefined : `comes in place of ${expected}`
  }
}
