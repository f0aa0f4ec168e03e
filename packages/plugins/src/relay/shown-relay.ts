import type { StreamRelay, StreamView } from '@rtmpipe/session'

/** Shows a relay with the stream that it relays, and nowhere else. */
export class ShownRelay {
  readonly #relay: StreamRelay
  #stream: StreamView | undefined
  #hide: (() => void) | undefined

  constructor(relay: StreamRelay) {
    this.#relay = relay
  }

  /** To be called whenever it has changed. @param stream undefined when there is nothing to relay */
  in(stream: StreamView | undefined): void {
    if (stream !== this.#stream) this.#hide?.()
    this.#stream = stream
    this.#hide = stream?.addRelay(this.#relay)
  }
}
