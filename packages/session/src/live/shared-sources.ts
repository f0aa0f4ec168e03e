import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import type { Logger } from '../contract/logger.ts'
import type { SharedSource } from '../contract/source.ts'
import type { LiveStream } from './live-stream.ts'

/** A source that is open. */
interface Feed {
  readonly source: SharedSource
  readonly messages: Readable
  /** Until it is closed for want of players. */
  linger?: NodeJS.Timeout
}

/** Feeds live streams from shared sources: one per stream however many players wait, ended after the last has left. */
export class SharedSources {
  readonly #feeds = new Map<LiveStream, Feed>()
  /** Asked for while the one before is on its way out. */
  readonly #next = new Map<LiveStream, SharedSource>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  /** Opens the source unless the stream is fed or published already. */
  feed(stream: LiveStream, source: SharedSource): void {
    if (this.#feeds.get(stream)?.messages.destroyed === true) this.#next.set(stream, source)
    else if (!stream.isLive) this.#open(stream, source)
  }

  /**
   * A publisher comes: what feeds the stream makes way, and players stay.
   *
   * @returns nothing if the stream is not fed; otherwise what to call when the publisher has started, or has not
   */
  makeWay(stream: LiveStream): (() => void) | undefined {
    const feed = this.#feeds.get(stream)
    if (feed === undefined) return undefined
    this.#feeds.delete(stream)
    this.#next.delete(stream)
    clearTimeout(feed.linger)
    const settle = stream.keepOpen()
    stream.endPublish()
    feed.messages.destroy()
    return settle
  }

  /** To be called when a player has left. */
  release(stream: LiveStream): void {
    if (stream.consumerCount > 0) return
    this.#next.delete(stream)
    const feed = this.#feeds.get(stream)
    if (feed === undefined) return
    clearTimeout(feed.linger)
    const { linger = 0 } = feed.source
    const close = () => {
      if (stream.consumerCount === 0) feed.messages.destroy()
    }
    if (linger > 0) feed.linger = setTimeout(close, linger)
    else close()
  }

  /** Nobody plays any more, and nobody will. */
  close(): void {
    this.#next.clear()
    for (const { messages, linger } of this.#feeds.values()) {
      clearTimeout(linger)
      messages.destroy()
    }
  }

  #open(stream: LiveStream, source: SharedSource): void {
    const messages = source.open()
    messages.on('error', error => this.#failed(stream, error))
    messages.once('close', () => this.#closed(stream, messages))
    const feed: Feed = { source, messages }
    this.#feeds.set(stream, feed)
    stream.startPublish()
    messages.on('data', (message: RtmpMessage) => {
      if (this.#feeds.get(stream) !== feed) return
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

  #closed(stream: LiveStream, messages: Readable): void {
    const feed = this.#feeds.get(stream)
    // It has made way.
    if (feed?.messages !== messages) return
    const { source, linger } = feed
    clearTimeout(linger)
    this.#feeds.delete(stream)
    stream.endPublish()
    const reopens = source.reopen === true && messages.readableEnded && stream.consumerCount > 0
    const next = this.#next.get(stream) ?? (reopens ? source : undefined)
    this.#next.delete(stream)
    if (next === undefined || stream.isLive) return
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
