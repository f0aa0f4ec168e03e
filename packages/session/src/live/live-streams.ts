import { streamKey } from '../protocol/stream-key.ts'
import { LiveStream, type LiveStreamOptions } from './live-stream.ts'

/** The live streams of one server by application and name. One without publisher and consumers is forgotten. */
export class LiveStreams implements Iterable<LiveStream> {
  readonly #options: LiveStreamOptions
  readonly #streams = new Map<string, LiveStream>()

  constructor(options: LiveStreamOptions = {}) {
    this.#options = options
  }

  /** The stream of that name, which may have no publisher yet. */
  open(app: string, name: string): LiveStream {
    const key = streamKey({ app, streamName: name })
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      stream = new LiveStream(app, name, this.#options, idle => this.forgetIdle(idle))
      this.#streams.set(key, stream)
    }
    return stream
  }

  /** The stream of that name if somebody publishes or waits for it. */
  get(app: string, name: string): LiveStream | undefined {
    return this.#streams.get(streamKey({ app, streamName: name }))
  }

  /** Forgets a stream that nobody publishes or waits for. */
  forgetIdle(stream: LiveStream): void {
    const key = streamKey({ app: stream.app, streamName: stream.name })
    if (stream.isIdle && this.#streams.get(key) === stream) this.#streams.delete(key)
  }

  /** How many there are. */
  get size(): number {
    return this.#streams.size
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<LiveStream> {
    return this.#streams.values()
  }
}
