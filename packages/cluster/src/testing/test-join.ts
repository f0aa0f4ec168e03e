import type { StreamKey } from '@rtmpipe/session'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import type { Fabric, JoinedStream } from '../fabric.ts'
import { within } from '@rtmpipe/testing/suite'

/** A process that follows a name. */
export class TestJoin {
  readonly #abort = new AbortController()
  readonly #streams: AsyncIterator<JoinedStream>
  /** Asked for ahead, so that what comes before anybody waits is not missed. */
  #next: Promise<IteratorResult<JoinedStream>>
  readonly #joined: Readable[] = []
  #hasLeft = false

  constructor(fabric: Fabric, key: StreamKey) {
    this.#streams = fabric.join(key, { signal: this.#abort.signal })[Symbol.asyncIterator]()
    this.#next = this.#ask()
  }

  /** The next publish. @throws Error when the join ends instead */
  async next(what = 'a publish to join'): Promise<JoinedStream> {
    const { done, value } = await within(what, this.#next)
    if (done) throw new Error(`the join ended instead of ${what}`)
    this.#next = this.#ask()
    return value
  }

  /** What is joined within a while, if anything: to be called when there should be nothing. */
  async unexpected(): Promise<JoinedStream | undefined> {
    const nothing = new Promise<void>(resolve => setTimeout(resolve, 50))
    const first = await Promise.race([this.#next, nothing])
    return first === undefined || first.done ? undefined : first.value
  }

  abort(): void {
    this.#abort.abort()
  }

  /** Resolves when the join has ended. @throws Error when another stream is joined instead */
  async ended(): Promise<void> {
    const { done } = await within('the end of the join', this.#next)
    if (!done) throw new Error('joined another stream instead of ending')
  }

  /** Aborts, and destroys what was joined. */
  leave(): void {
    this.#hasLeft = true
    this.abort()
    for (const messages of this.#joined) messages.destroy()
  }

  async #ask(): Promise<IteratorResult<JoinedStream>> {
    const result = await this.#streams.next()
    if (!result.done) {
      // A case looks at how messages end when it comes to it.
      this.#joined.push(result.value.messages.on('error', () => {}))
      if (this.#hasLeft) this.leave()
    }
    return result
  }
}

/** All messages to the end. @throws what they fail with */
export function readAll(messages: Readable): Promise<RtmpMessage[]> {
  return within('the end of the joined messages', messages.toArray() as Promise<RtmpMessage[]>)
}
