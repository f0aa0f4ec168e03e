import type { PluginSets } from '../hooks/plugin-sets.ts'
import type { LiveStream, StreamEvents } from '../live/live-stream.ts'

/** What is told once for all changes of one turn of the event loop. */
type Gathered = 'onStreamViewers' | 'onStreamRecordings' | 'onStreamRelays'

/**
 * Tells plugins of streams, of their viewers, recordings and relays: after the present code has run, so that what has
 * begun can be ended by them, and in order.
 */
export class StreamNotices implements StreamEvents {
  readonly #plugins: () => PluginSets
  /** Settles when all has been told so far. */
  #told: Promise<void> = Promise.resolve()
  /** What has changed in this turn of the event loop, and of which streams. */
  readonly #changed = new Map<Gathered, Set<LiveStream>>()
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
    this.#gather('onStreamViewers', stream)
  }

  recordingsChanged(stream: LiveStream): void {
    this.#gather('onStreamRecordings', stream)
  }

  relaysChanged(stream: LiveStream): void {
    this.#gather('onStreamRelays', stream)
  }

  /** Resolves when all has been told. */
  async settled(): Promise<void> {
    this.#tellChanges()
    await this.#told
  }

  #tell(notice: () => void): void {
    this.#told = this.#told.then(notice)
  }

  #gather(hook: Gathered, stream: LiveStream): void {
    if (this.#changed.size === 0) setImmediate(() => this.#tellChanges())
    const streams = this.#changed.get(hook)
    if (streams === undefined) this.#changed.set(hook, new Set([stream]))
    else streams.add(stream)
  }

  #tellChanges(): void {
    for (const [hook, streams] of this.#changed) {
      for (const stream of streams) {
        if (hook === 'onStreamViewers' && !this.#haveChanged(stream)) continue
        this.#tell(() => void this.#plugins().notice(hook, stream))
      }
    }
    this.#changed.clear()
  }

  /** Who has come may have gone in the same turn. */
  #haveChanged(stream: LiveStream): boolean {
    const { viewers } = stream
    if (viewers === (this.#viewers.get(stream) ?? 0)) return false
    this.#viewers.set(stream, viewers)
    return true
  }
}
