import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import type { Logger } from '../logger.ts'
import type { SharedSource } from '../source.ts'
import type { LiveStream } from './live-stream.ts'

/** Feeds live streams from shared sources: one per stream however many players wait, ended after the last has left. */
export class SharedSources {
  readonly #feeds = new Map<LiveStream, Readable>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  /** Opens the source unless the stream is fed or published already. */
  feed(stream: LiveStream, source: SharedSource): void {
    if (this.#feeds.has(stream) || stream.isPublishing) return
    const messages = source.open()
    messages.on('error', error =>
      this.#log.warn({ app: stream.app, stream: stream.name, err: error }, 'shared source failed'),
    )
    messages.once('close', () => {
      this.#feeds.delete(stream)
      stream.endPublish()
    })
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

  /** To be called when a player has left. */
  release(stream: LiveStream): void {
    if (stream.consumerCount === 0) this.#feeds.get(stream)?.destroy()
  }
}
