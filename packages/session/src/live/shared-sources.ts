import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import type { Logger } from '../logger.ts'
import type { SharedSource } from '../source.ts'
import type { LiveStream } from './live-stream.ts'

/** Feeds live streams from shared sources: one per stream however many players wait, ended after the last has left. */
export class SharedSources {
  readonly #feeds = new Map<LiveStream, Readable>()
  /** Asked for while the one before is on its way out. */
  readonly #next = new Map<LiveStream, SharedSource>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  /** Opens the source unless the stream is fed or published already. */
  feed(stream: LiveStream, source: SharedSource): void {
    if (this.#feeds.get(stream)?.destroyed === true) this.#next.set(stream, source)
    else if (!stream.isPublishing) this.#open(stream, source)
  }

  /** To be called when a player has left. */
  release(stream: LiveStream): void {
    if (stream.consumerCount > 0) return
    this.#next.delete(stream)
    this.#feeds.get(stream)?.destroy()
  }

  #open(stream: LiveStream, source: SharedSource): void {
    const messages = source.open()
    messages.on('error', error => this.#failed(stream, error))
    messages.once('close', () => this.#closed(stream))
    this.#feeds.set(stream, messages)
    stream.startPublish()
    messages.on('data', (message: RtmpMessage) => {
      try {
        if (stream.write(message)) return
      } catch (error) {
        messages.destroy(error as Error)
        return
      }
      messages.pause()
      void stream.writable().then(() => messages.resume())
    })
  }

  #closed(stream: LiveStream): void {
    this.#feeds.delete(stream)
    stream.endPublish()
    const next = this.#next.get(stream)
    if (next === undefined || !this.#next.delete(stream) || stream.isPublishing) return
    try {
      this.#open(stream, next)
    } catch (error) {
      this.#failed(stream, error)
    }
  }

  #failed({ app, name }: LiveStream, error: unknown): void {
    this.#log.warn({ app, stream: name, err: error }, 'shared source failed')
  }
}
