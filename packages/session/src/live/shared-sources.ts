import type { Readable } from 'node:stream'
import type { Logger } from '../contract/logger.ts'
import type { SharedSource } from '../contract/source.ts'
import { shownName } from '../protocol/shown-name.ts'
import type { LiveStream } from './live-stream.ts'

/** A source that is open. */
interface OpenSource {
  readonly source: SharedSource
  readonly messages: Readable
  readonly end: () => void
  /** Timer that runs while nobody consumes the stream, until the source is closed. */
  linger?: NodeJS.Timeout
}

/**
 * Feeds live streams from shared sources: one source per stream, however many players wait; it ends after the last
 * consumer has left, be it a player or a subscription.
 */
export class SharedSources {
  readonly #sources = new Map<LiveStream, OpenSource>()
  /** Sources that were asked for while the one before is still closing. */
  readonly #next = new Map<LiveStream, SharedSource>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  /** Opens the source unless the stream is fed or published already. */
  feed(stream: LiveStream, source: SharedSource): void {
    stream.deserted = () => this.#deserted(stream)
    if (this.#sources.get(stream)?.messages.destroyed === true) this.#next.set(stream, source)
    else if (!stream.isLive) this.#open(stream, source)
  }

  /**
   * A publisher comes: the source of the stream is closed, and players stay.
   *
   * @returns nothing if the stream is not fed; otherwise what to call when the publisher has started, or has not
   */
  makeWay(stream: LiveStream): (() => void) | undefined {
    const open = this.#sources.get(stream)
    if (open === undefined) return undefined
    this.#sources.delete(stream)
    this.#next.delete(stream)
    clearTimeout(open.linger)
    const settle = stream.keepOpen()
    open.end()
    return settle
  }

  /** No player is left and none is expected. */
  close(): void {
    this.#next.clear()
    for (const { end, linger } of this.#sources.values()) {
      clearTimeout(linger)
      end()
    }
  }

  #open(stream: LiveStream, source: SharedSource): void {
    const messages = source.open()
    messages.on('error', error => this.#failed(stream, error))
    const end = stream.supply(messages, 'source')
    this.#sources.set(stream, { source, messages, end })
    messages.once('close', () => this.#closed(stream, messages))
  }

  /** The last consumer's leaving ends the source. */
  #deserted(stream: LiveStream): void {
    this.#next.delete(stream)
    const open = this.#sources.get(stream)
    if (open === undefined) return
    clearTimeout(open.linger)
    const { linger = 0 } = open.source
    const close = () => {
      if (stream.consumerCount === 0) open.messages.destroy()
    }
    if (linger > 0) open.linger = setTimeout(close, linger)
    else close()
  }

  #closed(stream: LiveStream, messages: Readable): void {
    const open = this.#sources.get(stream)
    // It has made way.
    if (open?.messages !== messages) return
    const { source, linger } = open
    clearTimeout(linger)
    this.#sources.delete(stream)
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
    this.#log.warn({ app, stream: shownName(name), err: error }, 'shared source failed')
  }
}
