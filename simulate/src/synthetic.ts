import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { StreamTap, StreamView } from '@rtmpipe/session'

/**
 * What a node offers, without a server around it: the header and the pictures since the last keyframe, and whoever taps
 * it gets what is written at once. A LiveStream waits for a turn of the event loop, which virtual time does not have.
 */
export class Synthetic implements Pick<StreamView, 'isPublishing' | 'tap'> {
  isPublishing = true
  readonly #taps = new Set<StreamTap>()
  readonly #header: RtmpMessage
  #pictures: RtmpMessage[] = []

  constructor(header: RtmpMessage) {
    this.#header = header
  }

  /** As those who offer it take it: they need no more than this. */
  get view(): StreamView {
    return this as unknown as StreamView
  }

  tap(tap: StreamTap): () => void {
    this.#taps.add(tap)
    tap.take([this.#header, ...this.#pictures])
    return () => this.#taps.delete(tap)
  }

  /** @param isKey whether it needs no other picture */
  write(message: RtmpMessage, isKey: boolean): void {
    if (isKey) this.#pictures = []
    this.#pictures.push(message)
    for (const tap of this.#taps) tap.take([message])
  }

  end(): void {
    this.isPublishing = false
    for (const tap of this.#taps) tap.end()
  }
}
