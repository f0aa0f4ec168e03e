import type { Logger } from '../contract/logger.ts'
import type { LiveStream } from '../live/live-stream.ts'
import { shownName } from '../protocol/shown-name.ts'

/** Milliseconds that one kind of media waits for the other one to be told with it. */
const patience = 1_000

/** The line of the log about what a publisher sends, once its headers have come. */
export class MediaLine {
  readonly #log: Logger
  readonly #stream: LiveStream
  /** When the first codec was known. */
  #since: number | undefined

  constructor(log: Logger, stream: LiveStream) {
    this.#log = log
    this.#stream = stream
  }

  /** To be called after a message. @returns true when the line has been said */
  look(): boolean {
    const [first, ...others] = this.#stream.codecs
    if (first === undefined) return false
    this.#since ??= performance.now()
    const isWhole = others.some(({ kind }) => kind !== first.kind) || performance.now() - this.#since >= patience
    if (isWhole) this.say()
    return isWhole
  }

  /** Says what is known; nothing where that is nothing. */
  say(): void {
    const { app, name, codecs } = this.#stream
    if (codecs.length > 0) this.#log.info({ app, stream: shownName(name), codecs }, 'publish media')
  }
}
