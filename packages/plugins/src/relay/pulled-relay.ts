import type { StreamRelay } from '@rtmpipe/session'
import type { RelayLink } from './relay-link.ts'

/** What is fetched. */
interface Pulled {
  readonly bytes: number
  readonly attempts: number
  destroy(): unknown
}

/** A stream that is fetched, as it is shown. */
export class PulledRelay implements StreamRelay {
  readonly by: string
  readonly direction = 'pull'
  readonly url: string
  readonly #stream: Pulled
  readonly #link: RelayLink

  /** @param url without what may be secret */
  constructor(by: string, url: string, stream: Pulled, link: RelayLink) {
    this.by = by
    this.url = url
    this.#stream = stream
    this.#link = link
  }

  get state(): StreamRelay['state'] {
    return this.#link.shownState
  }

  get stateSince(): Date {
    return this.#link.since
  }

  get bytes(): number {
    return this.#stream.bytes
  }

  get attempts(): number {
    return this.#stream.attempts
  }

  get lastError(): string | undefined {
    return this.#link.lastError
  }

  end(): void {
    this.#stream.destroy()
  }
}
