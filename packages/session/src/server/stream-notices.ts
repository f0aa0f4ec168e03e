import type { PluginSets } from '../hooks/plugin-sets.ts'
import type { LiveStream, StreamEvents } from '../live/live-stream.ts'

/**
 * Tells plugins of streams and their viewers: after the present code has run, so that what has begun can be ended by
 * them, and in order.
 */
export class StreamNotices implements StreamEvents {
  readonly #plugins: () => PluginSets
  /** Settles when all has been told so far. */
  #told: Promise<void> = Promise.resolve()
  /** Streams whose viewers have changed in this turn of the event loop. */
  readonly #changed = new Set<LiveStream>()
  /** The number of viewers that was told last, if it is not 0. */
  readonly #viewers = new WeakMap<LiveStream, number>()

  /** @param plugins whom to tell; asked for at the first event */
  constructor(plugins: () => PluginSets) {
    this.#plugins = plugins
  }

  started(stream: LiveStream): void {
    this.#tell(() => void this.#plugins().notice('onStreamStart', stream))
  }

  ended(stream: LiveStream, error: Error | undefined): void {
    this.#tell(() => void this.#plugins().notice('onStreamEnd', stream, error === undefined ? {} : { error }))
  }

  viewersChanged(stream: LiveStream): void {
    if (this.#changed.size === 0) setImmediate(() => this.#tellViewers())
    this.#changed.add(stream)
  }

  /** Resolves when all has been told. */
  async settled(): Promise<void> {
    this.#tellViewers()
    await this.#told
  }

  #tell(notice: () => void): void {
    this.#told = this.#told.then(notice)
  }

  #tellViewers(): void {
    for (const stream of this.#changed) {
      const { viewers } = stream
      if (viewers === (this.#viewers.get(stream) ?? 0)) continue
      this.#viewers.set(stream, viewers)
      this.#tell(() => void this.#plugins().notice('onStreamViewers', stream))
    }
    this.#changed.clear()
  }
}
