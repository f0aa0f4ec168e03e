import type { StreamViews } from '../contract/server-view.ts'
import { streamKey } from '../protocol/stream-key.ts'
import { LiveStream, type LiveStreamOptions, type StreamEvents } from './live-stream.ts'

/** Milliseconds between two looks at what the streams have received. */
const lookInterval = 2_000

/** The live streams of one server by application and name. One without publisher and consumers is forgotten. */
export class LiveStreams implements StreamViews, Iterable<LiveStream> {
  readonly #options: LiveStreamOptions
  readonly #maxMetadataLength: number | undefined
  readonly #events: StreamEvents
  readonly #streams = new Map<string, LiveStream>()
  /** Looks at all streams together; runs while there are any. */
  #timer: NodeJS.Timeout | undefined

  /**
   * @param events who is told of what happens to streams
   * @param maxMetadataLength bytes of the metadata that a stream keeps for late players
   */
  constructor(options: LiveStreamOptions = {}, events: Omit<StreamEvents, 'idle'> = {}, maxMetadataLength?: number) {
    this.#options = options
    this.#maxMetadataLength = maxMetadataLength
    this.#events = {
      idle: stream => this.forgetIdle(stream),
      started: stream => events.started?.(stream),
      ended: (stream, error) => events.ended?.(stream, error),
      viewersChanged: stream => events.viewersChanged?.(stream),
      recordingsChanged: stream => events.recordingsChanged?.(stream),
      relaysChanged: stream => events.relaysChanged?.(stream),
    }
  }

  /** The stream of that name, which may have no publisher yet. */
  open(app: string, name: string): LiveStream {
    const key = streamKey({ app, streamName: name })
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      stream = new LiveStream(app, name, this.#options, this.#events, this.#maxMetadataLength)
      this.#streams.set(key, stream)
      this.#timer ??= setInterval(() => this.#look(), lookInterval).unref()
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
    if (!stream.isIdle || this.#streams.get(key) !== stream) return
    this.#streams.delete(key)
    if (this.#streams.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Ends every publish; nobody is expected back. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close()
  }

  /** How many there are. */
  get size(): number {
    return this.#streams.size
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<LiveStream> {
    return this.#streams.values()
  }

  #look(): void {
    const now = performance.now()
    for (const stream of this.#streams.values()) stream.look(now)
  }
}
